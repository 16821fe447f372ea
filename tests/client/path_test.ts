/** Two clients on the real server's core, over a WebRTC that breaks and comes back. */
import { deepEqual, equal } from "node:assert/strict";
import type { Peer, Room } from "../../client/api.ts";
import { measured, observe, takes, trying } from "../../client/core/mod.ts";
import type { FakeConnection } from "./fake_rtc.ts";
import { Online, type Surroundings } from "./world.ts";

async function enter(client: Surroundings, id: string): Promise<Room> {
  const room = (await client.hearth()).join("GAME", { id, create: true });
  await client.time.pass(0);
  return await room;
}

/** Alice and Bob in one room. */
async function meet(online: Online) {
  const [first, second] = [online.client(), online.client()];
  const alice = await enter(first, "alice");
  const bob = await enter(second, "bob");
  await online.time.pass(0);
  return { first, second, alice, bob, toBob: peerOf(alice, "bob"), toAlice: peerOf(bob, "alice") };
}

function peerOf(room: Room, id: string): Peer {
  const peer = room.peers.get(id);
  if (!peer) throw new Error(`${id} is not in the room`);
  return peer;
}

function heardBy(peer: Peer): unknown[] {
  const heard: unknown[] = [];
  peer.on("message", ({ data }) => heard.push(data));
  return heard;
}

Deno.test("The impolite side offers first; where both do later, the polite one takes its own back", async () => {
  const online = new Online();
  const { toBob, toAlice } = await meet(online);
  deepEqual([toBob.path, toAlice.path], ["direct", "direct"]);
  const [a, b] = online.rtc.connections as [FakeConnection, FakeConnection];
  equal(online.rtc.connections.length, 2);
  deepEqual([a.rollbacks, b.rollbacks], [0, 0]);
  // Both sides' networks change.
  for (const side of [a, b]) side.restartIce();
  await online.time.pass(0);
  deepEqual([a.signalingState, b.signalingState], ["stable", "stable"]);
  deepEqual([a.rollbacks, b.rollbacks].sort(), [0, 1]);
  deepEqual([toBob.path, toAlice.path], ["direct", "direct"]);
});

Deno.test("An offer in glare is taken by the polite side only; anything else by both", () => {
  const offer = { type: "offer" } as const;
  const calm = { makingOffer: false, settingAnswer: false, signalingState: "stable" };
  for (const polite of [true, false]) {
    equal(takes(offer, { ...calm, polite }), true);
    equal(takes(offer, { ...calm, polite, makingOffer: true }), polite);
    equal(takes(offer, { ...calm, polite, signalingState: "have-local-offer" }), polite);
    const answering = { settingAnswer: true, signalingState: "have-local-offer" };
    equal(takes(offer, { ...calm, ...answering, polite }), true);
    equal(takes({ type: "answer" }, { ...calm, polite, signalingState: "have-local-offer" }), true);
  }
});

Deno.test("A path that fails falls back to the server and returns, and both are told each time", async () => {
  const online = new Online();
  const { toBob, toAlice } = await meet(online);
  const paths: string[] = [];
  toBob.on("path", (path) => paths.push(path));
  const heard = heardBy(toAlice);
  toBob.send("1");
  await online.time.pass(100);
  for (const connection of online.rtc.connections) {
    for (const channel of connection.channels.values()) channel.deaf = true;
  }
  toBob.send("2"); // Lost with the path.
  online.rtc.fail();
  toBob.send("3");
  await online.time.pass(100);
  deepEqual([paths, heard], [["server"], ["1", "2", "3"]]);

  for (const connection of online.rtc.connections) {
    for (const channel of connection.channels.values()) channel.deaf = false;
  }
  online.rtc.works = true;
  await online.time.pass(20_000);
  toBob.send("4");
  await online.time.pass(100);
  deepEqual([paths, heard], [["server", "direct"], ["1", "2", "3", "4"]]);
});

Deno.test("A relayed path never reads direct", async () => {
  const online = new Online();
  online.rtc.path = "relayed";
  const client = online.client();
  const alice = await enter(client, "alice");
  const paths: string[] = [];
  alice.on("peer-joined", (peer) => peer.on("path", (path) => paths.push(path)));
  await enter(online.client(), "bob");
  await online.time.pass(2_000);
  deepEqual(paths, ["relayed"]);
});

Deno.test("The link: each state, and what leads from it", () => {
  const up = { connectionState: "connected", channelState: "open" };
  const down = { connectionState: "disconnected", channelState: "open" };
  const first = trying(0, 0);
  deepEqual(first, { kind: "trying", attempt: 0, retryAt: 10_000 });
  deepEqual(trying(9, 0), { kind: "trying", attempt: 9, retryAt: 60_000 });
  deepEqual(observe(first, down, 5), first);
  deepEqual(observe(first, { ...up, channelState: "connecting" }, 5), first);
  deepEqual(observe(first, up, 5), { kind: "connected" });
  deepEqual(measured({ kind: "connected" }, "relayed"), { kind: "open", path: "relayed" });
  deepEqual(measured({ kind: "open", path: "relayed" }, "direct"), {
    kind: "open",
    path: "direct",
  });
  deepEqual(measured(first, "direct"), first, "a measure that comes too late");
  deepEqual(observe({ kind: "open", path: "direct" }, up, 5), { kind: "open", path: "direct" });
  deepEqual(observe({ kind: "open", path: "direct" }, down, 5), trying(0, 5));
  deepEqual(observe({ kind: "absent" }, up, 5), { kind: "absent" });
});

Deno.test("Without WebRTC, or where a policy forbids it, all goes through the server", async () => {
  const online = new Online();
  const [first, second] = [online.client(), online.client()];
  first.connection = () => undefined;
  const alice = await enter(first, "alice");
  const bob = await enter(second, "bob");
  const heard = heardBy(peerOf(bob, "alice"));
  peerOf(alice, "bob").send("reliable");
  equal(peerOf(alice, "bob").sendUnreliable("loose"), true);
  await online.time.pass(0);
  deepEqual(heard, ["reliable", "loose"]);
  equal(peerOf(bob, "alice").path, "server");
});

Deno.test("Fresh ICE servers with `restart` restart every connection with them", async () => {
  const online = new Online();
  const { first } = await meet(online);
  const iceServers = [{ urls: "stun:elsewhere" }];
  first.last.hear({ type: "ice", iceServers, iceExpiresAt: 1e6, restart: true, seq: 99 });
  await online.time.pass(0);
  const [connection] = online.rtc.connections;
  deepEqual(connection?.configuration.iceServers, iceServers);
  equal(connection?.restarts, 1);
});

Deno.test("An offer that went into a dead connection to the server is said again on the next", async () => {
  const online = new Online();
  const { first, toBob } = await meet(online);
  const [connection] = online.rtc.connections;
  online.deafen(first);
  first.networkChanged();
  await online.time.pass(1_000);
  equal(connection?.signalingState, "have-local-offer");
  await online.time.pass(9_000);
  deepEqual([connection?.signalingState, toBob.path], ["stable", "direct"]);
});

Deno.test("A closed channel is replaced by a new connection on both sides", async () => {
  const online = new Online();
  const { toBob, toAlice } = await meet(online);
  const heard = heardBy(toAlice);
  const others: unknown[] = [];
  toBob.on("connection", (connection) => others.push(connection));
  online.rtc.connections[0]?.channels.get("reliable")?.become("closed");
  await online.time.pass(0);
  deepEqual(others.at(-1) === toBob.connection && others.length > 0, true);
  equal(toBob.path, "direct");
  toBob.send("still there");
  await online.time.pass(100);
  deepEqual(heard, ["still there"]);
});

Deno.test("Loss counts the unreliable messages that did not come", async () => {
  const online = new Online();
  const { toBob, toAlice } = await meet(online);
  equal(toAlice.stats.loss, undefined);
  const channel = online.rtc.connections[0]?.channels.get("unreliable");
  if (!channel) throw new Error("There is no channel");
  for (let count = 1; count <= 100; count++) {
    channel.deaf = count % 4 === 0 && count < 100;
    toBob.sendUnreliable("x");
  }
  await online.time.pass(0);
  equal(toAlice.stats.loss, 0.24);
  equal(toBob.stats.loss, undefined);
  await online.time.pass(1_000);
  equal(toBob.stats.rtt, 0.02);
});

Deno.test("Through the server the round trip is measured while data comes, even at 60 Hz", async () => {
  const limits = { messagesPerSecond: 50, messageBurst: 50 };
  const online = new Online(limits);
  const [first, second] = [online.client(), online.client()];
  first.connection = second.connection = () => undefined;
  const [alice, bob] = [await enter(first, "alice"), await enter(second, "bob")];
  const [toBob, toAlice] = [peerOf(alice, "bob"), peerOf(bob, "alice")];
  const heard = heardBy(toBob);
  await online.time.pass(10_000);
  deepEqual([toBob.stats.rtt, heard], [undefined, []], "nobody asks where nobody speaks");
  for (let frame = 0; frame < 120; frame++) {
    for (const peer of [toBob, toAlice]) peer.sendUnreliable("position");
    if (frame === 60) toAlice.send("tag");
    await online.time.pass(16);
  }
  equal(typeof toBob.stats.rtt, "number");
  equal(typeof toAlice.stats.rtt, "number");
  equal(heard.filter((data) => data === "tag").length, 1);
});

Deno.test("Nothing ticks while nothing is pending", async () => {
  const online = new Online();
  const { toBob } = await meet(online);
  await online.time.pass(2_000);
  equal(online.time.waiting, 0);
  toBob.send("x");
  await online.time.pass(0);
  equal(online.time.waiting, 2, "one for what is not acknowledged, one for the acknowledgement");
  await online.time.pass(200);
  equal(online.time.waiting, 0);
});

Deno.test("Where the relay is lost, the server is asked at once whether it is", async () => {
  const online = new Online();
  const client = online.client();
  const alice = await enter(client, "alice");
  await enter(online.client(), "bob");
  await online.time.pass(2_000);
  equal(alice.peers.get("bob")?.path, "direct");
  let away = false;
  alice.on("away", () => away = true);
  // Nothing comes through any more, and nobody says so.
  client.last.onmessage = () => {};
  online.rtc.fail();
  await online.time.pass(4_000);
  equal(away, false);
  await online.time.pass(3_000);
  equal(away, true);
});
