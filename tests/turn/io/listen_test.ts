import { equal, match, ok } from "node:assert/strict";
import { bind, type Binder, type Bound } from "../../../turn/io/listen.ts";

function close(bound: Bound): void {
  if (bound.kind === "unable") return;
  for (const { udp, tcp } of bound.listeners) {
    udp.close();
    tcp.close();
  }
}

function portOf(addr: Deno.Addr): number {
  return (addr as Deno.NetAddr).port;
}

Deno.test("port 0 is the same number for UDP and TCP of every host", () => {
  const bound = bind(["127.0.0.1", "::1"], 0);
  if (bound.kind === "unable") throw new Error(bound.reason);
  ok(bound.port > 0);
  equal(bound.listeners.length, 2);
  for (const { udp, tcp } of bound.listeners) {
    equal(portOf(udp.addr), bound.port);
    equal(portOf(tcp.addr), bound.port);
  }
  close(bound);
});

Deno.test("with port 0, another is tried where TCP's is taken, and nothing stays bound", () => {
  let refusals = 3;
  const tried: number[] = [];
  const system: Binder = {
    ...Deno,
    listenDatagram: ((options: Deno.UdpListenOptions & { transport: "udp" }) => {
      const socket = Deno.listenDatagram(options);
      tried.push(portOf(socket.addr));
      return socket;
    }) as Binder["listenDatagram"],
    listen: ((options: Deno.TcpListenOptions) => {
      if (refusals-- > 0) throw new Deno.errors.AddrInUse();
      // Of the port asked for, another program here may have the TCP half in earnest.
      return Deno.listen({ ...options, port: 0 });
    }) as Binder["listen"],
  };
  const bound = bind(["127.0.0.1"], 0, system);
  equal(bound.kind, "bound");
  equal(tried.length, 4);
  close(bound);
});

Deno.test("a port that is taken is named with address, transport and what to do", () => {
  const taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr;
  const bound = bind(["127.0.0.1"], port);
  if (bound.kind === "bound") throw new Error("It was bound twice");
  match(bound.reason, new RegExp(`127\\.0\\.0\\.1:${port} \\(TCP\\)`));
  match(bound.reason, /Stop it.*HEARTH_TURN_PORT/);
  // UDP was given back: the port is whole again once the other program has gone.
  taken.close();
  close(bind(["127.0.0.1"], port));
});

Deno.test("an address that is not this machine's is said to be wrong", () => {
  const bound = bind(["192.0.2.77"], 0);
  if (bound.kind === "bound") throw new Error("It was bound");
  match(bound.reason, /192\.0\.2\.77.*no such address.*HEARTH_TURN_HOST/);
});

Deno.test("0.0.0.0 beside :: is served, by one dual-stack listener or by two", async () => {
  const bound = bind(["0.0.0.0", "::"], 0);
  if (bound.kind === "unable") throw new Error(bound.reason);
  for (const hostname of ["127.0.0.1", "::1"]) {
    (await Deno.connect({ hostname, port: bound.port })).close();
  }
  close(bound);
});

Deno.test("0.0.0.0 taken by another program is not mistaken for one's own", () => {
  const taken = Deno.listenDatagram({ transport: "udp", hostname: "0.0.0.0", port: 0 });
  const { port } = taken.addr as Deno.NetAddr;
  equal(bind(["0.0.0.0", "::"], port).kind, "unable");
  taken.close();
});
