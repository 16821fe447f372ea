/** The y-webrtc door over real sockets. */
import { deepEqual, equal, rejects } from "node:assert/strict";
import { MockPeer } from "../support/mock_peer.ts";
import { serve } from "../signaling/server.ts";

const urlOf = (server: { port: number }, more = "") =>
  `ws://127.0.0.1:${server.port}/y-webrtc${more}`;

Deno.test("publications, pings, and life after junk", async () => {
  await using server = serve();
  const [a, b] = [
    await MockPeer.connect(urlOf(server)),
    await MockPeer.connect(urlOf(server, "/")),
  ];
  a.send({ type: "subscribe", topics: ["doc"] });
  for (const frame of ["null", "{", '{"type":"subscribe","topics":1}', new Uint8Array(3)]) {
    b.send(frame);
  }
  a.send({ type: "ping" });
  equal((await a.next()).type, "pong");
  b.send({ type: "publish", topic: "doc", data: "…", more: 1 });
  const { topic, data, more, clients } = await a.next("publish");
  deepEqual([topic, data, more, clients], ["doc", "…", 1, 1]);
  equal((await fetch(urlOf(server).replace("ws", "http"))).status, 426);
  deepEqual(server.events.filter(({ kind }) => kind === "failed"), []);
});

Deno.test("a login comes in the address, and one that is none is refused", async () => {
  await using server = serve({ auth: "required" });
  const alice = await MockPeer.connect(urlOf(server, "?token=good.alice"));
  alice.send({ type: "ping" });
  await alice.next("pong");
  const guest = await MockPeer.connect(urlOf(server));
  equal((await guest.closed).code, 4000);
  const forged = await MockPeer.connect(urlOf(server, "?token=forged"));
  equal((await forged.closed).code, 4000);
});

Deno.test("without options the door is closed", async () => {
  await using server = serve({ doors: {} });
  await rejects(MockPeer.connect(urlOf(server)));
});

Deno.test("what a network sends here counts in rooms too", async () => {
  await using server = serve({ limits: { messagesPerSecond: 1, messageBurst: 2 } });
  const say = async (times: number) => {
    const client = await MockPeer.connect(urlOf(server));
    for (let i = 0; i < times; i++) client.send({ type: "ping" });
    await client.next("pong");
  };
  for (let i = 0; i < 8; i++) await say(2);
  await say(12);
  const player = await MockPeer.connect(server.url);
  player.send({ type: "ping" });
  equal((await player.next()).code, "rate-limited");
});
