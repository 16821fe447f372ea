/** The whole engine in this thread, over real sockets on loopback. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { openEngine } from "../../../turn/engines/mod.ts";
import type { TurnConfig } from "../../../turn/config.ts";
import type { PeerAddress } from "../../../turn/address.ts";
import { type Io, LIMITS, testConfig, testEachDriver } from "./config.ts";
import { bytesOf, peerAt, RealClient, RealPeer, textOf } from "./real_client.ts";

async function openTest(io: Io, changes: Partial<TurnConfig> = {}) {
  const opening = await openEngine(testConfig({ io, ...changes }), () => {});
  if (opening.kind === "unable") throw new Error(opening.reason);
  const { engine } = opening;
  deepEqual(engine.listening.remarks, []);
  return {
    engine,
    port: engine.listening.port,
    [Symbol.asyncDispose]: () => engine.close(),
  };
}

const nextTurn = () => new Promise((resolve) => setTimeout(resolve, 0));

/** Data both ways between a client and a peer outside, first by indications and then by a channel. */
async function relayBothWays(client: RealClient, peer: RealPeer): Promise<void> {
  const relayed = await client.allocate();
  await client.permit(peer.address);
  client.turn.send(peer.address, bytesOf("by Send"));
  client.flush();
  deepEqual(await peer.receive(), { text: "by Send", from: relayed });
  await peer.send("by Data", relayed);
  equal(textOf((await client.next("data")).data), "by Data");

  await client.bind(0x4000, peer.address);
  client.turn.sendOnChannel(0x4000, bytesOf("by channel"));
  client.flush();
  deepEqual(await peer.receive(), { text: "by channel", from: relayed });
  await peer.send("and back", relayed);
  equal(textOf((await client.next("data")).data), "and back");
}

testEachDriver("UDP: data goes both ways between a client and a peer", async (io) => {
  await using server = await openTest(io);
  await using client = RealClient.udp(server.port);
  using peer = new RealPeer();
  await relayBothWays(client, peer);
  equal(server.engine.stats().relaySockets, 1);
});

testEachDriver("TCP: data goes both ways between a client and a peer", async (io) => {
  await using server = await openTest(io);
  await using client = await RealClient.tcp(server.port);
  using peer = new RealPeer();
  await relayBothWays(client, peer);
  equal(server.engine.stats().tcpConnections, 1);
});

testEachDriver("TCP: frames cut at every byte arrive whole", async (io) => {
  await using server = await openTest(io);
  await using client = await RealClient.tcp(server.port, async (conn, bytes) => {
    for (const byte of bytes) await conn.write(Uint8Array.of(byte));
  });
  using peer = new RealPeer();
  await relayBothWays(client, peer);
});

testEachDriver("TCP: many frames in one write arrive each, in order", async (io) => {
  await using server = await openTest(io);
  let gathered: Uint8Array[] | undefined;
  await using client = await RealClient.tcp(server.port, async (conn, bytes) => {
    if (gathered) gathered.push(bytes);
    else await conn.write(bytes);
    if (gathered?.length !== 20) return;
    const all = gathered.flatMap((part) => [...part]);
    gathered = undefined;
    await conn.write(Uint8Array.from(all));
  });
  using peer = new RealPeer();
  await client.allocate();
  await client.bind(0x4000, peer.address);
  gathered = [];
  for (let i = 0; i < 20; i++) client.turn.sendOnChannel(0x4000, bytesOf(`message ${i}`));
  client.flush();
  for (let i = 0; i < 20; i++) equal((await peer.receive()).text, `message ${i}`);
});

testEachDriver(
  "two clients, one on UDP and one on TCP, reach each other in process",
  async (io) => {
    await using server = await openTest(io);
    await using alice = RealClient.udp(server.port);
    await using bob = await RealClient.tcp(server.port);
    const [toAlice, toBob] = [await alice.allocate(), await bob.allocate()];
    await alice.bind(0x4000, toBob);
    await bob.bind(0x4001, toAlice);
    alice.turn.sendOnChannel(0x4000, bytesOf("hello"));
    alice.flush();
    equal(textOf((await bob.next("data")).data), "hello");
    bob.turn.sendOnChannel(0x4001, bytesOf("and you"));
    bob.flush();
    equal(textOf((await alice.next("data")).data), "and you");
    equal(server.engine.stats().inProcessPackets, 2);
  },
);

testEachDriver("an unreachable peer costs its packets and nothing else", async (io) => {
  await using server = await openTest(io, { peerAllow: ["127.0.0.0/8", "0.0.0.0/0"] });
  await using client = RealClient.udp(server.port);
  using peer = new RealPeer();
  // A socket on loopback has no way out of the machine.
  const nowhere = peerAt({ transport: "udp", hostname: "198.51.100.1", port: 9 });
  await client.allocate();
  await client.bind(0x4000, nowhere);
  await client.bind(0x4001, peer.address);
  for (let i = 0; i < 5; i++) {
    client.turn.sendOnChannel(0x4000, bytesOf("lost"));
    client.turn.sendOnChannel(0x4001, bytesOf(`message ${i}`));
  }
  client.flush();
  for (let i = 0; i < 5; i++) equal((await peer.receive()).text, `message ${i}`);
  equal(server.engine.stats().udpSendFailures, 5);
});

testEachDriver("a peer whose port is closed costs nothing else", async (io) => {
  await using server = await openTest(io);
  await using client = RealClient.udp(server.port);
  using peer = new RealPeer();
  let closed: PeerAddress;
  {
    using gone = new RealPeer();
    closed = gone.address;
  }
  await client.allocate();
  await client.bind(0x4000, closed);
  await client.bind(0x4001, peer.address);
  for (let i = 0; i < 5; i++) {
    client.turn.sendOnChannel(0x4000, bytesOf("refused by ICMP"));
    client.turn.sendOnChannel(0x4001, bytesOf(`message ${i}`));
  }
  client.flush();
  for (let i = 0; i < 5; i++) equal((await peer.receive()).text, `message ${i}`);
});

testEachDriver(
  "a datagram of every length up to the longest passes, the first long one to a plain relay excepted",
  async (io) => {
    await using server = await openTest(io);
    await using client = RealClient.udp(server.port);
    using peer = new RealPeer();
    const relayed = await client.allocate();
    await client.bind(0x4000, peer.address);
    for (const length of [0, 1, 1_200, 2_048]) {
      await peer.send("x".repeat(length), relayed);
      equal((await client.next("data")).data.length, length);
    }
    await peer.send("x".repeat(2_049), relayed);
    if (io === "fast") equal((await client.next("data")).data.length, 2_049);
    for (const length of [2_049, 9_000, 60_000]) {
      await peer.send("x".repeat(length), relayed);
      equal((await client.next("data")).data.length, length);
    }
    equal(server.engine.stats().udpTruncated, io === "plain" ? 1 : 0);
  },
);

testEachDriver(
  "a slow reader on TCP loses data, which is counted, and keeps its allocation",
  async (io) => {
    await using server = await openTest(io, { limits: { ...LIMITS, tcpBufferBytes: 50_000 } });
    const { engine } = server;
    await using sender = RealClient.udp(server.port);
    await using reader = await RealClient.tcp(server.port);
    const [toSender, toReader] = [await sender.allocate(), await reader.allocate()];
    await sender.bind(0x4000, toReader);
    await reader.bind(0x4000, toSender);
    const reading = reader.stopReading();
    const lost = () => engine.stats().limitedBy.tcpBufferBytes ?? 0;
    for (let sent = 0; lost() < 100; sent++) {
      ok(sent < 100_000, "nothing was ever lost");
      sender.turn.sendOnChannel(0x4000, new Uint8Array(1_200));
      sender.flush();
      if (sent % 20 === 0) await nextTurn();
    }
    reader.turn.refresh(performance.now());
    reader.flush();
    reading.resume();
    while ((await reader.nextOf("data", "refreshed")).kind === "data");
    equal(engine.stats().allocations, 2);
    equal(engine.stats().tcpSlowReaders, 0);
  },
);

testEachDriver("a TCP client that goes takes its allocation with it", async (io) => {
  await using server = await openTest(io);
  {
    await using client = await RealClient.tcp(server.port);
    await client.allocate();
    equal(server.engine.stats().allocations, 1);
  }
  const { engine } = server;
  while (engine.stats().allocations > 0) await nextTurn();
  equal(engine.stats().tcpConnections, 0);
});

testEachDriver("a revoked user's connection ends", async (io) => {
  await using server = await openTest(io);
  await using client = await RealClient.tcp(server.port);
  await client.allocate();
  equal(server.engine.revoke("tester", Date.now()), 1);
  await client.ended;
  equal(server.engine.stats().allocations, 0);
});

testEachDriver("a draining server refuses new allocations and keeps the others", async (io) => {
  await using server = await openTest(io);
  await using old = RealClient.udp(server.port);
  await using late = RealClient.udp(server.port);
  await old.allocate();
  server.engine.drain();
  late.turn.allocate(performance.now());
  equal((await late.next("failed")).code, 486);
  old.turn.refresh(performance.now());
  await old.next("refreshed");
});

testEachDriver(
  "a draining server that knows another one sends new clients there, and keeps the others",
  async (io) => {
    await using server = await openTest(io, { alternateServer: "127.0.0.1:3479" });
    await using old = await RealClient.tcp(server.port);
    await using late = await RealClient.tcp(server.port);
    await old.allocate();
    server.engine.drain();
    late.turn.allocate(performance.now());
    equal((await late.next("failed")).code, 300);
    old.turn.refresh(performance.now());
    await old.next("refreshed");
  },
);

testEachDriver("closing frees every port at once", async (io) => {
  const server = await openTest(io);
  await using udp = RealClient.udp(server.port);
  await using tcp = await RealClient.tcp(server.port);
  const relays = [await udp.allocate(), await tcp.allocate()];
  await server.engine.close();
  for (const port of [server.port, ...relays.map(({ port }) => port)]) {
    Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port }).close();
  }
  Deno.listen({ hostname: "127.0.0.1", port: server.port }).close();
});

testEachDriver("IPv6: data goes both ways between a client and a peer", async (io) => {
  await using server = await openTest(io, {
    hosts: ["::1"],
    externalIps: ["::1"],
    ownIps: ["::1"],
    peerAllow: ["::1/128"],
  });
  await using client = RealClient.udp(server.port, undefined, "::1");
  using peer = new RealPeer("::1");
  client.turn.allocate(performance.now(), (writer) => writer.uint32(0x0017, 0x0200_0000));
  const relayed = (await client.next("allocated")).relayed as PeerAddress;
  await client.bind(0x4000, peer.address);
  client.turn.sendOnChannel(0x4000, bytesOf("hello"));
  client.flush();
  deepEqual(await peer.receive(), { text: "hello", from: relayed });
  await peer.send("and back", relayed, "::1");
  equal(textOf((await client.next("data")).data), "and back");
});

testEachDriver("one dual-stack listener serves IPv4 clients as IPv4", async (io) => {
  await using server = await openTest(io, { hosts: ["0.0.0.0", "::"] });
  await using client = RealClient.udp(server.port);
  using peer = new RealPeer();
  client.turn.allocate(performance.now());
  const { mapped } = await client.next("allocated");
  equal(typeof mapped.ip, "number");
  await client.bind(0x4000, peer.address);
  client.turn.sendOnChannel(0x4000, bytesOf("hello"));
  client.flush();
  equal((await peer.receive()).text, "hello");
});

Deno.test("more addresses than flows can be told apart by are refused", async () => {
  const hosts = Array.from({ length: 17 }, (_, i) => `127.0.0.${i + 1}`);
  const opening = await openEngine(testConfig({ hosts }), () => {});
  if (opening.kind === "open") throw new Error("It was opened");
  match(opening.reason, /17 addresses: 16 are the most.*HEARTH_TURN_HOST/);
});
