/** Binds what the server listens on: UDP and TCP of every host, on one port. */

/** One host's sockets. */
export interface Listener {
  readonly hostname: string;
  readonly udp: Deno.DatagramConn;
  readonly tcp: Deno.TcpListener;
}

export type Bound =
  | { readonly kind: "bound"; readonly port: number; readonly listeners: readonly Listener[] }
  | { readonly kind: "unable"; readonly reason: string };

/** What binding needs of the system. */
export type Binder = Pick<typeof Deno, "listen" | "listenDatagram">;

/** With port 0 the system picks UDP's, and TCP's may be taken: so many ports are tried. */
const TRIES = 20;

/** Binds all, or nothing. Port 0 takes any that is free for every host and both transports. */
export function bind(hosts: readonly string[], port: number, system: Binder = Deno): Bound {
  let outcome = bindOnce(hosts, port, system);
  for (let tried = 1; port === 0 && outcome.kind === "unable" && outcome.isTaken; tried++) {
    if (tried === TRIES) break;
    outcome = bindOnce(hosts, port, system);
  }
  return outcome;
}

type Attempt = Bound & { readonly isTaken?: boolean };

function bindOnce(hosts: readonly string[], wanted: number, system: Binder): Attempt {
  const listeners: Listener[] = [];
  let port = wanted;
  // `::` goes first: where the system lets it take IPv4 too, `0.0.0.0` is then served by it.
  const first = hosts.filter((hostname) => hostname === "::");
  for (const hostname of new Set([...first, ...hosts])) {
    let udp: Deno.DatagramConn | undefined;
    try {
      udp = system.listenDatagram({ transport: "udp", hostname, port });
      port = (udp.addr as Deno.NetAddr).port;
      listeners.push({ hostname, udp, tcp: system.listen({ hostname, port }) });
    } catch (error) {
      udp?.close();
      const isTaken = error instanceof Deno.errors.AddrInUse;
      const isServed = hostname === "0.0.0.0" && listeners[0]?.hostname === "::" && !udp;
      if (isTaken && isServed) continue;
      for (const { udp, tcp } of listeners) {
        udp.close();
        tcp.close();
      }
      const reason = explain(error, hostname, port, udp ? "TCP" : "UDP");
      return { kind: "unable", reason, isTaken };
    }
  }
  return { kind: "bound", port, listeners };
}

function explain(error: unknown, hostname: string, port: number, transport: string): string {
  const where = `Cannot listen on ${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}` +
    ` (${transport})`;
  if (error instanceof Deno.errors.AddrInUse) {
    return `${where}: another program has this port. Stop it, or choose another port with ` +
      "HEARTH_TURN_PORT.";
  }
  if (error instanceof Deno.errors.AddrNotAvailable) {
    return `${where}: this machine has no such address. Correct HEARTH_TURN_HOST.`;
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return `${where}: the system does not allow it. Ports below 1024 need a privilege; choose ` +
      "another with HEARTH_TURN_PORT.";
  }
  return `${where}: ${error instanceof Error ? error.message : String(error)}`;
}
