/** Whether the ports can be opened, and who has those that cannot. */
import type { PortFact } from "../core/mod.ts";
import type { CheckedConfig } from "../config.ts";

const PROBE_MS = 1_000;

export async function gatherPorts({ http, turn }: CheckedConfig): Promise<PortFact[]> {
  const isHearth = await answersAsHearth(http.host, http.port);
  const wanted = [
    { service: "http", transport: "tcp", host: http.host, port: http.port } as const,
    ...turn.hosts.flatMap((host) =>
      (["udp", "tcp"] as const).map((transport) =>
        ({ service: "turn", transport, host, port: turn.port }) as const
      )
    ),
  ];
  return await Promise.all(wanted.map(async (port): Promise<PortFact> => {
    const state = tryPort(port);
    if (state.kind !== "taken") return { kind: "port", ...port, state };
    // One Hearth has both ports: whoever has the other one beside it is it, too.
    if (isHearth) return { kind: "port", ...port, state: { kind: "ours" } };
    const who = port.transport === "tcp" ? await serverName(port.host, port.port) : undefined;
    return { kind: "port", ...port, state: { kind: "taken", who } };
  }));
}

type Wanted = Pick<PortFact, "transport" | "host" | "port">;

function tryPort({ transport, host: hostname, port }: Wanted): PortFact["state"] {
  try {
    const opened = transport === "tcp"
      ? Deno.listen({ hostname, port })
      : Deno.listenDatagram({ transport, hostname, port });
    opened.close();
    return { kind: "free" };
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return { kind: "taken", who: undefined };
    const why = error instanceof Deno.errors.PermissionDenied ? "permission" : "no such address";
    return { kind: "refused", why };
  }
}

/** Who is on this machine answers there, whichever address it listens on. */
function urlOf(host: string, port: number): string {
  const at = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  return `http://${at.includes(":") ? `[${at}]` : at}:${port}`;
}

async function answersAsHearth(host: string, port: number): Promise<boolean> {
  const response = await ask(`${urlOf(host, port)}/healthz`);
  const body: unknown = await response?.json().catch(() => undefined);
  return typeof body === "object" && body !== null && "alive" in body;
}

async function serverName(host: string, port: number): Promise<string | undefined> {
  const response = await ask(urlOf(host, port));
  await response?.body?.cancel();
  const name = response?.headers.get("server");
  if (name) return `${name.slice(0, 40)} (it answers HTTP).`;
  return response ? "it answers HTTP." : undefined;
}

async function ask(url: string): Promise<Response | undefined> {
  const options = { redirect: "manual", signal: AbortSignal.timeout(PROBE_MS) } as const;
  return await fetch(url, options).catch(() => undefined);
}
