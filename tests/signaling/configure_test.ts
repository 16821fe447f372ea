import { deepEqual, equal, rejects } from "node:assert/strict";
import { MockPeer } from "../support/mock_peer.ts";
import { LIMITS, serve, type TestServer } from "./server.ts";
import type { SignalingLimits } from "../../signaling/mod.ts";

const configure = (server: TestServer, limits: Partial<SignalingLimits>, origins: string[] = []) =>
  server.signaling.configure({ limits: { ...LIMITS, ...limits }, origins });

/** What a page of that origin is answered: 426 is as far as a plain GET comes. */
async function asPage(server: TestServer, origin: string, path = "/ws"): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${server.port}${path}`, {
    headers: { origin, upgrade: "websocket" },
  });
  await answer.body?.cancel();
  return answer.status;
}

Deno.test("a lower limit sends nobody off, and counts for who comes", async () => {
  await using server = serve();
  const [alice] = await MockPeer.join(server.url, "ABCD", "alice");
  const [bob] = await MockPeer.join(server.url, "ABCD", "bob");
  configure(server, { peersPerRoom: 1, rooms: 1 });
  alice.send({ type: "offer", to: "bob", payload: 1 });
  equal((await bob.next("offer")).from, "alice");
  const carol = await MockPeer.connect(`${server.url}?room=ABCD&id=carol`);
  equal((await carol.next("error")).code, "room-full");
  const dave = await MockPeer.connect(`${server.url}?room=WXYZ&id=dave`);
  equal((await dave.next("error")).code, "too-many-rooms");
  configure(server, { connections: 4 });
  await rejects(MockPeer.connect(server.url));
  configure(server, {});
  const [, joined] = await MockPeer.join(server.url, "ABCD", "erin");
  deepEqual(joined.peers.length, 2);
});

Deno.test("who is connected goes on at the new rates, and who comes is told of them", async () => {
  await using server = serve();
  const [alice, joined] = await MockPeer.join(server.url, "ABCD", "alice");
  equal(joined.limits.messageBurst, LIMITS.messageBurst);
  configure(server, { messagesPerSecond: 1, messageBurst: 2, relayBytesPerSecond: 10 });
  for (let n = 0; n < 3; n++) alice.send({ type: "nothing-known", to: "bob", payload: n });
  const codes = [await alice.next("error"), await alice.next("error"), await alice.next("error")];
  deepEqual(codes.map(({ code }) => code), ["no-such-peer", "no-such-peer", "rate-limited"]);
  const [, bobJoined] = await MockPeer.join(server.url, "ABCD", "bob");
  equal(bobJoined.limits.messageBurst, 2);
});

Deno.test("other origins count from the next request on, at each door", async () => {
  await using server = serve();
  const [origin, path] = ["https://game.example", "/peerjs/peerjs/id"];
  deepEqual([await asPage(server, origin), await asPage(server, origin, path)], [403, 200]);
  configure(server, {}, ["https://other.example"]);
  const allowed = async () =>
    (await fetch(`http://127.0.0.1:${server.port}${path}`, { headers: { origin } }))
      .headers.get("access-control-allow-origin");
  equal(await allowed(), null);
  configure(server, {}, [origin]);
  equal(await allowed(), origin);
  equal(await asPage(server, origin) === 403, false);
});

Deno.test("limits that connections were made by stay", async () => {
  await using server = serve({ limits: { idleSeconds: 9 } });
  configure(server, { idleSeconds: 1, sendBufferBytes: 1 });
  const [alice] = await MockPeer.join(server.url, "ABCD", "alice");
  const [bob] = await MockPeer.join(server.url, "ABCD", "bob");
  alice.send({ type: "offer", to: "bob", payload: "x".repeat(100) });
  equal((await bob.next("offer")).from, "alice");
});
