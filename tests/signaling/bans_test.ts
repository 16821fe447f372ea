import { deepEqual, equal } from "node:assert/strict";
import { MockPeer } from "../support/mock_peer.ts";
import { serve } from "./server.ts";

Deno.test("a ban of an address ends its connections at every door, and lets none in again", async () => {
  const banned = new Set<string>();
  await using server = serve({ isBanned: (address) => banned.has(address) }, "203.0.113.7");
  const alice = await MockPeer.connect(`${server.url}?token=good.alice&room=ABCD`);
  await alice.next("joined");
  const [bob] = await MockPeer.join(server.url, "ABCD", "bob");
  const door = new WebSocket(`ws://127.0.0.1:${server.port}/y-webrtc`);
  const doorClosed = new Promise<CloseEvent>((resolve) => door.onclose = resolve);
  await new Promise((resolve) => door.onopen = resolve);

  deepEqual(server.signaling.disconnectFrom((at) => at === "203.0.113.8", "banned", "Gone."), []);
  deepEqual(
    server.signaling.disconnectFrom((at) => at === "203.0.113.7", "banned", "Gone."),
    ["user.alice", "guest.ABCD.bob"],
  );
  equal((await alice.closed).code, 4009);
  equal((await bob.closed).code, 4009);
  equal((await doorClosed).code, 4009);
  equal(server.signaling.stats().rooms, 0);

  banned.add("203.0.113.7");
  for (const path of ["ws", "y-webrtc", "peerjs/peerjs"]) {
    const response = await fetch(`http://127.0.0.1:${server.port}/${path}`, {
      headers: { upgrade: "websocket", connection: "upgrade" },
    });
    deepEqual([response.status, (await response.json()).error.code], [403, "banned"], path);
  }
});

Deno.test("a ban of an address takes the places of those who are away from there", async () => {
  await using server = serve({}, "203.0.113.7");
  const alice = await MockPeer.connect(`${server.url}?token=good.alice&room=ABCD`);
  await alice.next("joined");
  const [bob, { resume }] = await MockPeer.join(server.url, "ABCD", "bob");
  bob.socket.close(4999);
  await alice.next("peer-away");
  deepEqual(
    server.signaling.disconnectFrom((at) => at === "203.0.113.7", "banned", "Gone."),
    ["user.alice", "guest.ABCD.bob"],
  );
  deepEqual(server.signaling.present(), []);
  const back = await MockPeer.connect(server.url);
  back.send({ type: "resume", resume, seq: 0 });
  equal((await back.next("error")).code, "no-such-session");
});

Deno.test("a login that ends loses its connections and its places, and another login none", async () => {
  await using server = serve({}, "203.0.113.7");
  const [one, two, other] = await Promise.all(
    [["AAAA", "alice.1"], ["BBBB", "alice.1"], ["CCCC", "alice.2"]].map(async ([room, login]) => {
      const peer = await MockPeer.connect(`${server.url}?token=good.${login}&room=${room}`);
      await peer.next("joined");
      return peer;
    }),
  ) as [MockPeer, MockPeer, MockPeer];
  const [guest] = await MockPeer.join(server.url, "BBBB", "guest");
  two.socket.close(4999);
  await guest.next("peer-away");
  deepEqual(server.signaling.disconnectSession("1", "disconnected", "Gone."), ["user.alice"]);
  equal((await one.closed).code, 4008);
  equal((await guest.next("peer-left")).reason, "disconnected");
  deepEqual(server.signaling.present().map(({ room }) => room).toSorted(), ["BBBB", "CCCC"]);
  equal(other.socket.readyState, WebSocket.OPEN);
});

Deno.test("present: who is in which room, from where, and who is away", async () => {
  await using server = serve({}, "203.0.113.7");
  const alice = await MockPeer.connect(`${server.url}?token=good.alice&room=ABCD`);
  await alice.next("joined");
  const [bob] = await MockPeer.join(server.url, "ABCD", "bob");
  const known = { room: "ABCD", here: true, address: "203.0.113.7", access: "open" } as const;
  const her = { ...known, id: "@alice", name: "Name alice", subject: "user.alice" };
  const him = { ...known, id: "bob", name: undefined, subject: "guest.ABCD.bob" };
  deepEqual(server.signaling.present(), [her, him]);
  bob.socket.close(4999);
  await alice.next("peer-away");
  deepEqual(server.signaling.present(), [her, { ...him, here: false }]);
});

Deno.test("setLocked: the server's host locks a room as the room's own would, and all hear it", async () => {
  await using server = serve();
  const [alice] = await MockPeer.join(server.url, "ABCD", "alice");
  equal(server.signaling.setLocked("abcd", true), true);
  equal((await alice.next("room-changed"))["access"], "locked");
  equal(server.signaling.present()[0]?.access, "locked");
  const late = await MockPeer.connect(`${server.url}?room=ABCD&id=bob`);
  equal((await late.next("error"))["code"], "room-locked");
  equal(server.signaling.setLocked("ABCD", false), true);
  equal((await alice.next("room-changed"))["access"], "open");
  equal(server.signaling.setLocked("WXYZ", true), false);
});
