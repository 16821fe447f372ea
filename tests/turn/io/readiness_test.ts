/** Waiting for sockets beside the runtime: nobody's events are lost, and nobody is woken twice. */
import { equal, ok } from "node:assert/strict";
import { address, type Ip, parseIp } from "../../../turn/address.ts";
import { zeroCounters } from "../../../turn/io/counters.ts";
import { FastUdp } from "../../../turn/io/fast/mod.ts";
import { Descriptors } from "../../../turn/io/fast/descriptor.ts";
import { Libc, openLibc } from "../../../turn/io/fast/libc.ts";
import { Readiness } from "../../../turn/io/fast/readiness.ts";
import { lacksFast } from "./config.ts";

const ignore = lacksFast();
/** Far longer than anything here takes: what is waited for in vain fails the test. */
const LONG_MS = 5_000;

class World implements Disposable {
  readonly libc: Libc;
  readonly readiness: Readiness;
  readonly conn = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  readonly fd: number;

  constructor() {
    const opened = openLibc();
    if (opened.kind === "unable") throw new Error(opened.reason);
    this.libc = opened.libc;
    this.readiness = new Readiness(this.libc);
    this.fd = new Descriptors(this.libc).find(this.conn.addr as Deno.NetAddr, -1) ?? -1;
    ok(this.readiness.add(this.fd));
  }

  /** From a socket that the runtime still watches. */
  async send(): Promise<void> {
    const conn = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
    await conn.send(new Uint8Array(1), this.conn.addr);
    conn.close();
  }

  [Symbol.dispose](): void {
    this.conn.close();
    this.readiness.close();
    this.libc.close();
  }
}

Deno.test({
  name: "a datagram is told to who waits here",
  ignore,
  async fn() {
    using world = new World();
    await world.send();
    const ready = world.readiness.wait(LONG_MS);
    const found = Array.from({ length: ready }, (_, i) => world.readiness.at(i));
    ok(found.includes(world.fd), `found ${found}, not ${world.fd}`);
  },
});

Deno.test({
  name: "who waits here is told at once that the event loop has something to do",
  ignore,
  async fn() {
    using world = new World();
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const accepting = listener.accept();
    // The system connects without the event loop, which is not let go before the wait is over.
    const connecting = Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
    equal(world.readiness.wait(LONG_MS), 1);
    ok(world.readiness.isRuntime(world.readiness.at(0)));
    for (const conn of await Promise.all([accepting, connecting])) conn.close();
  },
});

Deno.test({
  name: "a rest ends with a datagram, and when it is told to",
  ignore,
  async fn() {
    using world = new World();
    const first = world.readiness.rest();
    await world.send();
    await first;
    world.readiness.remove(world.fd);
    const second = world.readiness.rest();
    world.readiness.endRest();
    await second;
  },
});

Deno.test({
  name: "a socket is the runtime's again before it is closed, or its memory would never be freed",
  ignore,
  fn() {
    using world = new World();
    const { libc, readiness, fd } = world;
    const isRuntimes = () => {
      for (let epoll = 0; epoll < 1_000; epoll++) {
        if (epoll === readiness.descriptor) continue;
        if (libc.call.epoll_ctl(epoll, 2, fd, new ArrayBuffer(128)) === 0) return true;
      }
      return false;
    };
    equal(isRuntimes(), false);
    readiness.remove(fd);
    equal(isRuntimes(), true);
  },
});

Deno.test({
  name: "where the runtime's own epoll is not to be found, datagrams are carried nonetheless",
  ignore,
  async fn() {
    const opened = openLibc();
    if (opened.kind === "unable") throw new Error(opened.reason);
    const { libc } = opened;
    let own = -1;
    const { epoll_create1, epoll_ctl } = libc.call;
    const symbols = {
      ...libc.call,
      epoll_create1: (flags: number) => own = epoll_create1(flags),
      epoll_ctl: (...[epoll, ...args]: Parameters<typeof epoll_ctl>) =>
        epoll === own ? epoll_ctl(epoll, ...args) : -1,
    };
    const blind = new Libc({ symbols, close: () => libc.close() } as never);
    const udp = new FastUdp(blind, zeroCounters(), () => true);
    const bound: Deno.DatagramConn[] = [];
    const [one, other] = [0, 1].map(() =>
      udp.open(() => {
        const conn = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
        bound.push(conn);
        return conn;
      })
    );
    const arrived = Promise.withResolvers<number>();
    one?.receive((bytes, from) => one.send(bytes, from));
    other?.receive((bytes) => arrived.resolve(bytes.length));
    const { port } = bound[0]?.addr as Deno.NetAddr;
    other?.send(new Uint8Array(7), address(parseIp("127.0.0.1") as Ip, port));
    equal(await arrived.promise, 7);
    await Promise.all([one?.close(), other?.close()]);
    await udp.close();
  },
});
