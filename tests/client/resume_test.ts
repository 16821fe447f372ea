/** The connection to the server: lost, resumed, refused, too slow. */
import { deepEqual, equal, rejects } from "node:assert/strict";
import type { Peer, Room } from "../../client/api.ts";
import { backoff, closed, type Life, refused } from "../../client/core/mod.ts";
import { FakeTime } from "./fake_time.ts";
import { JOINED, Online, Surroundings } from "./world.ts";

async function enter(client: Surroundings, id: string): Promise<Room> {
  const room = (await client.hearth()).join("GAME", { id, create: true });
  await client.time.pass(0);
  return await room;
}

/** Everything that happens in the room and to its peers, in words. */
function record(room: Room): string[] {
  const events: string[] = [];
  const watch = (peer: Peer) => {
    peer.on("message", ({ data }) => events.push(`${peer.id}: ${data}`));
    peer.on("away", (away) => events.push(`${peer.id} ${away ? "away" : "back"}`));
  };
  for (const peer of room.peers.values()) watch(peer);
  room.on("peer-joined", (peer) => {
    events.push(`${peer.id} joined`);
    watch(peer);
  });
  room.on("peer-left", ({ peer, reason }) => events.push(`${peer.id} left: ${reason}`));
  room.on("lost", () => events.push("lost"));
  room.on("away", () => events.push("away"));
  room.on("back", () => events.push("back"));
  room.on("host", (id) => events.push(`host ${id}`));
  room.on("changed", ({ access }) => events.push(`changed: ${access}`));
  room.on("closed", ({ code }) => events.push(`closed: ${code}`));
  return events;
}

/** Alice and Bob in a room where all goes through the server. */
async function meet(limits = {}) {
  const online = new Online(limits);
  const [first, second] = [online.client(), online.client()];
  for (const client of [first, second]) client.connection = () => undefined;
  return {
    online,
    first,
    second,
    alice: await enter(first, "alice"),
    bob: await enter(second, "bob"),
  };
}

Deno.test("A lost socket is resumed: what was said meanwhile comes once, in order", async () => {
  const { online, first, alice, bob } = await meet();
  const [atAlice, atBob] = [record(alice), record(bob)];
  online.drop(first);
  bob.peers.get("alice")?.send("1");
  alice.peers.get("bob")?.send("from away");
  await online.time.pass(2_000);
  bob.peers.get("alice")?.send("2");
  await online.time.pass(100);
  deepEqual(atAlice, ["away", "back", "bob: 1", "bob: 2"]);
  deepEqual(atBob, ["alice away", "alice back", "alice: from away"]);
});

Deno.test("A loss is stated, and the state that came stands in: host, access and who is away", async () => {
  const online = new Online({ resumeMessages: 2 });
  const [bob, carol] = online.world.room("GAME", "bob", "carol");
  const client = online.client();
  const alice = await enter(client, "alice");
  const asked = rejects(alice.kick("bob"), { code: "not-host" });
  await online.time.pass(0);
  await asked;
  const events = record(alice);
  online.drop(client);
  bob?.say({ type: "lock" }).say({ type: "host", to: "carol" }).drop();
  for (let count = 0; count < 5; count++) carol?.say({ type: "broadcast", payload: count });
  await online.time.pass(2_000);
  deepEqual(events, ["away", "lost", "host carol", "changed: locked", "bob away", "back"]);
  deepEqual([alice.host, alice.access, alice.peers.get("bob")?.away], ["carol", "locked", true]);
  equal(alice.term, 2);
});

Deno.test("Who left and came back unseen under the same id is somebody new, and data flows at once", async () => {
  for (const webrtc of [false, true]) {
    const online = new Online({ resumeMessages: 2 });
    const [first, second, again] = [online.client(), online.client(), online.client()];
    if (!webrtc) {
      for (const client of [first, second, again]) client.connection = () => undefined;
    }
    const alice = await enter(first, "alice");
    const bob = await enter(second, "bob");
    await online.time.pass(0);
    const events = record(alice);
    for (let count = 0; count < 3; count++) {
      alice.peers.get("bob")?.send(`old ${count}`);
      bob.peers.get("alice")?.send(`old ${count}`);
    }
    await online.time.pass(100);
    events.length = 0;

    online.unreachable = true;
    online.drop(first);
    bob.leave();
    online.unreachable = false;
    const returned = await enter(again, "bob");
    const atBob = record(returned);
    for (let count = 0; count < 3; count++) {
      returned.peers.get("alice")?.sendUnreliable("missed");
    }
    alice.peers.get("bob")?.send("for him who left");
    await online.time.pass(5_000);

    const met = events.filter((event) => event !== "bob: missed");
    deepEqual(met.filter((event) => event.startsWith("bob")), ["bob left: lost", "bob joined"]);
    deepEqual(met.filter((event) => !event.startsWith("bob")), ["away", "lost", "back"]);
    events.length = 0;
    alice.peers.get("bob")?.send("hello again");
    returned.peers.get("alice")?.send("hello");
    await online.time.pass(12_000);
    deepEqual([events, atBob], [["bob: hello"], ["alice back", "alice: hello again"]]);
  }
});

Deno.test("A place that is gone is taken anew at once on the same socket, with the same password", async () => {
  const online = new Online({ resumeSeconds: 1 });
  const client = online.client();
  const joining = (await client.hearth()).join("GAME", {
    id: "alice",
    password: "x",
    create: true,
  });
  await online.time.pass(0);
  const room = await joining;
  const events = record(room);
  online.unreachable = true;
  online.drop(client);
  await online.time.pass(3_000); // Nobody is in the room any more, so it is gone.
  online.unreachable = false;
  await online.time.pass(5_000);
  deepEqual(events, ["away", "lost", "back"]);
  deepEqual([room.access, room.self], ["password", "alice"]);
});

Deno.test("A room made anew has what the lobby showed of it", async () => {
  const online = new Online({ resumeSeconds: 1 });
  const client = online.client();
  const attributes = { mode: "race" };
  const making = (await client.hearth()).createRoom({ public: true, attributes });
  await online.time.pass(0);
  const room = await making;
  online.unreachable = true;
  online.drop(client);
  await online.time.pass(3_000);
  online.unreachable = false;
  await online.time.pass(5_000);
  deepEqual(room.attributes, attributes);
  const listed = online.world.open().say({ type: "list" }).one();
  deepEqual(listed["rooms"], [{ room: room.code, peers: 1, access: "open", attributes }]);
});

Deno.test("The place is still there where the server's name follows its address after minutes", async () => {
  const { online, first, alice, bob } = await meet();
  const [atAlice, atBob] = [record(alice), record(bob)];
  online.unreachable = true;
  online.drop(first);
  online.world.hub.pushIce("address-changed", online.world.now);
  bob.peers.get("alice")?.send("while you were away");
  await online.time.pass(200_000);
  online.unreachable = false;
  await online.time.pass(40_000);
  deepEqual(atAlice, ["away", "back", "bob: while you were away"]);
  deepEqual(atBob, ["alice away", "alice back"]);
});

Deno.test("A room that others make is waited for, but not for ever", async () => {
  const { client, room } = await scripted();
  const events = record(room);
  client.last.onclose?.();
  for (let sockets = 1; events.at(-1) === "away"; sockets++) {
    while (client.sockets.length === sockets) await client.time.pass(1_000);
    client.last.onopen?.();
    if (sockets === 1) client.last.hear({ type: "error", code: "no-such-session", message: "" });
    const { create, password } = client.last.take("join");
    deepEqual([create, password], [false, "x"]);
    client.last.hear({ type: "error", code: "no-such-room", message: "" });
  }
  equal(client.sockets.length, 10);
  deepEqual(events, ["away", "closed: no-such-room"]);
});

/** A client whose server the test plays, in its room. */
async function scripted() {
  const client = new Surroundings(new FakeTime());
  const joining = (await client.hearth()).join("GAME", { password: "x" });
  await client.time.pass(0);
  client.last.onopen?.();
  client.last.hear(JOINED);
  return { client, room: await joining };
}

Deno.test("A server that does not answer is unreachable after 15 s, before and after the handshake", async () => {
  for (const opens of [false, true]) {
    const client = new Surroundings(new FakeTime());
    const joining = rejects((await client.hearth()).join("GAME"), { code: "unreachable" });
    await client.time.pass(14_000);
    if (opens) client.last.onopen?.();
    equal(client.last.closed, undefined);
    await client.time.pass(1_000);
    equal(client.last.closed, 4900);
    await joining;
  }
});

Deno.test("A socket that falls silent is lost after 25 s, and the tries after it have 5, 10 and 15 s", async () => {
  const { client, room } = await scripted();
  const events = record(room);
  await client.time.pass(24_000);
  client.last.take("ping");
  deepEqual(events, []);
  await client.time.pass(3_000);
  deepEqual([events, client.sockets.length], [["away"], 2]);
  for (const [tried, seconds] of [5, 10, 15, 15].entries()) {
    await client.time.pass(seconds * 1_000 - 1_000);
    equal(client.last.closed, undefined);
    await client.time.pass(1_000);
    equal(client.sockets[tried + 1]?.closed, 4900);
    // Until the next one begins.
    while (client.sockets.length === tried + 2) await client.time.pass(10);
  }
  client.last.onopen?.();
  deepEqual(client.last.take("resume"), { type: "resume", resume: "first", seq: 1 });
  room.leave();
  equal(client.last.closed, 1005);
  await client.time.pass(60_000);
  equal(client.sockets.length, 6);
});

Deno.test("A socket is lost 5 s after the network has changed, unless it is heard", async () => {
  const { client, room } = await scripted();
  const events = record(room);
  await client.time.pass(12_500);
  client.networkChanged();
  client.last.take("ping");
  client.last.hear({ type: "pong" });
  await client.time.pass(9_000);
  deepEqual(events, []);
  client.networkChanged();
  await client.time.pass(4_000);
  // Another doubt gives it no more time.
  client.networkChanged();
  await client.time.pass(2_000);
  deepEqual(events, ["away"]);
});

Deno.test("After a change of the network a dead socket is lost in 5 s, and no wait between tries goes on", async () => {
  const { client, room } = await scripted();
  const events = record(room);
  client.networkChanged();
  client.last.take("ping");
  client.last.hear({ type: "pong" });
  await client.time.pass(5_000);
  deepEqual(events, [], "it was alive");
  client.networkChanged();
  await client.time.pass(5_000);
  deepEqual(events, []);
  await client.time.pass(2_000);
  deepEqual([events, client.sockets.length], [["away"], 2]);
  client.last.onclose?.();
  client.networkChanged();
  await client.time.pass(0);
  equal(client.sockets.length, 3);
  await client.time.pass(1_000);
  equal(client.sockets.length, 3, "one try at a time");
});

Deno.test("ICE credentials are asked for when 85 % of their life is over, and again after 10 s", async () => {
  const { client } = await scripted(); // They end after ten minutes.
  const asked = () => client.last.said.filter(({ type }) => type === "ice").length;
  await client.live(500);
  equal(asked(), 0);
  await client.time.pass(11_000);
  equal(asked(), 1);
  client.last.hear({ type: "pong" });
  await client.time.pass(10_000);
  equal(asked(), 2);
  const iceExpiresAt = 1_200;
  client.last.hear({ type: "ice", iceServers: [], iceExpiresAt, seq: 2 });
  // An older one that comes late changes nothing.
  client.last.hear({ type: "ice", iceServers: [], iceExpiresAt: 600, seq: 3 });
  await client.live(400);
  equal(asked(), 2);
});

Deno.test("The life of a connection: what each end leads to", () => {
  const place = { resume: "t", seq: 3 };
  const away = (attempt: number): Life => ({ kind: "away", attempt, place });
  const bye = { code: "kicked", message: "Out.", reconnect: false };
  deepEqual(closed({ kind: "entering" }, undefined).kind, "ended");
  deepEqual(closed({ kind: "online", place }, undefined), away(0));
  deepEqual(closed(away(0), undefined), away(1));
  deepEqual(closed(away(0), bye), { kind: "ended", code: "kicked", message: "Out." });
  const error = (code: string) => ({ code, message: "" });
  deepEqual(refused(away(2), error("no-such-session")), {
    kind: "away",
    attempt: 2,
    place: undefined,
  });
  equal(refused(away(7), error("id-taken")).kind, "away");
  equal(refused(away(8), error("id-taken")).kind, "ended");
  equal(refused(away(0), error("wrong-password")).kind, "ended");
  equal(refused({ kind: "entering" }, error("room-full")).kind, "ended");
});

Deno.test("Waits double up to 30 s, each somewhere in its upper half", () => {
  deepEqual([0, 1, 2, 9].map((attempt) => backoff(attempt, 0)), [250, 500, 1_000, 15_000]);
  deepEqual([0, 1, 2, 9].map((attempt) => backoff(attempt, 1)), [500, 1_000, 2_000, 30_000]);
});

Deno.test("`bye` says when to come back, and when not to", async () => {
  const { client, room } = await scripted();
  const events = record(room);
  client.last.hear({ type: "bye", code: "draining", message: "", reconnect: true, retryAfter: 7 });
  client.last.onclose?.();
  await client.time.pass(6_900);
  equal(client.sockets.length, 1);
  await client.time.pass(100);
  equal(client.sockets.length, 2);
  client.last.onopen?.();
  client.last.hear({ type: "bye", code: "banned", message: "", reconnect: false });
  client.last.onclose?.();
  await client.time.pass(60_000);
  deepEqual([events, client.sockets.length], [["away", "closed: banned"], 2]);
});
