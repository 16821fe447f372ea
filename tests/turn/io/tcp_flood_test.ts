/** Hostile TCP clients against the whole engine, over real sockets on loopback. */
import { equal, ok } from "node:assert/strict";
import type { TurnLimits } from "../../../turn/config.ts";
import { openEngine } from "../../../turn/engines/mod.ts";
import { LIMITS, testConfig } from "./config.ts";
import { RealClient } from "./real_client.ts";

async function openTest(limits: Partial<TurnLimits>) {
  const opening = await openEngine(testConfig({ limits: { ...LIMITS, ...limits } }), () => {});
  if (opening.kind === "unable") throw new Error(opening.reason);
  const { engine } = opening;
  return { engine, port: engine.listening.port, [Symbol.asyncDispose]: () => engine.close() };
}

/** Resolves when the server has ended the connection; what it says meanwhile is passed over. */
async function ended(conn: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(1_024);
  // A connection that was reset has ended too.
  while (await conn.read(buffer).catch(() => null) !== null);
}

/** The runtime reads nothing below /proc without every permission there is. */
async function openDescriptors(): Promise<number> {
  const { stdout } = await new Deno.Command("ls", { args: [`/proc/${Deno.pid}/fd`] }).output();
  return new TextDecoder().decode(stdout).trimEnd().split("\n").length;
}

Deno.test({
  name: "10,000 connections from one address: those to its limit stay, the others are refused",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const [offered, atOnce, allowed] = [10_000, 50, 256];
    await using server = await openTest({
      tcpConnections: 2_000,
      tcpConnectionsPerAddress: allowed,
    });
    const { engine, port } = server;
    const before = { descriptors: await openDescriptors(), bytes: Deno.memoryUsage().rss };
    const held: Deno.Conn[] = [];
    for (let n = 0; n < allowed; n++) {
      held.push(await Deno.connect({ hostname: "127.0.0.1", port }));
    }
    await using friend = RealClient.udp(port);
    await friend.allocate();

    let mostDescriptors = 0;
    for (let n = allowed; n < offered; n += atOnce) {
      const flood = Array.from({ length: Math.min(atOnce, offered - n) }, async () => {
        const conn = await Deno.connect({ hostname: "127.0.0.1", port });
        await ended(conn);
        conn.close();
      });
      if (n % 1_000 < atOnce) mostDescriptors = Math.max(mostDescriptors, await openDescriptors());
      await Promise.all(flood);
    }

    const { tcpConnections, tcpAccepted, limitedBy } = engine.stats();
    equal(tcpConnections, allowed);
    equal(tcpAccepted, allowed);
    equal(limitedBy.tcpConnectionsPerAddress, offered - allowed);
    // Both ends are in this process: two for each that is held, and for each on its way.
    const most = before.descriptors + 2 * (allowed + atOnce) + 50;
    ok(mostDescriptors <= most, `${mostDescriptors} descriptors were open, of ${most}`);
    const grown = Deno.memoryUsage().rss - before.bytes;
    ok(grown < 128 * 2 ** 20, `${grown} bytes more are resident`);

    friend.turn.refresh(performance.now());
    await friend.next("refreshed");
    held.pop()?.close();
    while (engine.stats().tcpConnections === allowed) await new Promise((r) => setTimeout(r, 0));
    await using late = await RealClient.tcp(port);
    await late.allocate();
    for (const conn of held) conn.close();
  },
});

/** What TCP clients may leave it at; the last might be ChannelData of 21,536 bytes. */
const BEGUN = [
  [],
  [0x00],
  [0x00, 0x03, 0x00, 0x08, 0x21, 0x12, 0xa4, 0x42],
  [0x40, 0x00, 0xff, 0xff, 1, 2, 3],
  Array.from("GET / HTTP/1.1", (letter) => letter.charCodeAt(0)),
];

Deno.test("TCP clients that say nothing, or end nothing, are sent away when their time is over", async () => {
  await using server = await openTest({ tcpIdleSeconds: 1 });
  await Promise.all(BEGUN.map(async (sent) => {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
    await conn.write(Uint8Array.from(sent));
    await ended(conn);
    conn.close();
  }));
  const { limitedBy, tcpConnections } = server.engine.stats();
  equal(limitedBy.tcpIdleSeconds, BEGUN.length);
  equal(tcpConnections, 0);
});

Deno.test("a TCP client that speaks something else is sent away at once", async () => {
  await using server = await openTest({});
  const conn = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
  await conn.write(Uint8Array.of(0x16, 0x03, 0x01, 0x02, 0x00)); // how TLS begins
  await ended(conn);
  conn.close();
  equal(server.engine.stats().tcpUnreadable, 1);
});
