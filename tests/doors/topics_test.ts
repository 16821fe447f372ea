import { deepEqual, equal } from "node:assert/strict";
import { type Client, TopicsWorld } from "./world.ts";

const publication = (topic: string) => ({ type: "publish", topic, data: { type: "announce" } });

function subscribe(client: Client, ...topics: string[]): Client {
  return client.say({ type: "subscribe", topics });
}

Deno.test("a publication goes whole to every subscriber, the sender too, with their number", () => {
  const world = new TopicsWorld();
  const [a, b, other] = [world.open(), world.open(), world.open()];
  subscribe(a, "doc", "more");
  subscribe(b, "doc");
  subscribe(other, "other");
  a.say('{ "type":"publish", "topic":"doc", "data":{"x":1e400,"__proto__":{}}, "extra":[1] } ');
  const heard =
    '{ "type":"publish", "topic":"doc", "data":{"x":1e400,"__proto__":{}}, "extra":[1] ,"clients":2}';
  deepEqual([a.inbox, b.inbox, other.inbox], [[heard], [heard], []]);
});

Deno.test("a publisher need not subscribe, and cannot say how many listen", () => {
  const world = new TopicsWorld();
  const listener = subscribe(world.open(), "doc");
  const publisher = world.open().say({ ...publication("doc"), clients: 99 });
  publisher.say(publication("nobody hears this"));
  deepEqual(listener.take(), [{ ...publication("doc"), clients: 1 }]);
  deepEqual(publisher.inbox, []);
});

Deno.test("ping is answered with pong", () => {
  const client = new TopicsWorld().open().say({ type: "ping" });
  deepEqual(client.take(), [{ type: "pong" }]);
});

Deno.test("who unsubscribes or is gone hears nothing, and empty topics are freed", () => {
  const world = new TopicsWorld();
  const [a, b] = [world.open(), world.open()];
  subscribe(a, "doc", "doc", "more");
  subscribe(b, "doc");
  equal(world.core.size, 2);
  a.say({ type: "unsubscribe", topics: ["doc", "never"] });
  b.say(publication("doc"));
  deepEqual([a.inbox, b.inbox.length, world.core.size], [[], 1, 2]);
  a.close();
  equal(world.core.size, 1);
  b.say({ type: "unsubscribe", topics: ["doc"] });
  equal(world.core.size, 0);
});

Deno.test("junk costs its one message", () => {
  const junk: [unknown, string][] = [
    ["null", "bad-message"],
    ["1", "bad-message"],
    ["[]", "bad-message"],
    ["", "bad-json"],
    ["{", "bad-json"],
    ["[".repeat(60_000), "bad-json"],
    [new TextEncoder().encode('{"type":"ping"}'), "bad-message"],
    [{ type: "subscribe" }, "bad-message"],
    [{ type: "subscribe", topics: "doc" }, "bad-message"],
    [{ type: "subscribe", topics: { length: 1 } }, "bad-message"],
    [{ type: "subscribe", topics: ["doc", 1] }, "bad-message"],
    [{ type: "subscribe", topics: [""] }, "bad-message"],
    [{ type: "subscribe", topics: ["x".repeat(257)] }, "bad-message"],
    [{ type: "unsubscribe", topics: null }, "bad-message"],
    [{ type: "publish" }, "bad-message"],
    [{ type: "publish", topic: {} }, "bad-message"],
    [{ type: "pong" }, "bad-message"],
    [{ type: "ping", x: "x".repeat(70_000) }, "too-large"],
  ];
  for (const [frame, code] of junk) {
    const world = new TopicsWorld();
    const client = world.open().say(frame);
    deepEqual(world.faults, { [code]: 1 }, `${frame}`.slice(0, 60));
    deepEqual([client.inbox, client.closed, world.core.size], [[], undefined, 0]);
    client.say({ type: "ping" });
    deepEqual(client.take(), [{ type: "pong" }]);
  }
});

Deno.test("names that objects have by themselves are topics like any other", () => {
  const world = new TopicsWorld();
  const client = subscribe(world.open(), "__proto__", "constructor", "toString");
  client.say(publication("__proto__")).say(publication("hasOwnProperty"));
  deepEqual([client.inbox.length, world.core.size], [1, 3]);
});

Deno.test("topics of one connection, topics in all, subscribers of one: the last fits", () => {
  const many = new TopicsWorld();
  const names = Array.from({ length: 101 }, (_, n) => `doc ${n}`);
  const greedy = subscribe(many.open(), ...names.slice(0, 100));
  deepEqual([many.core.size, many.faults], [100, {}]);
  subscribe(greedy, "doc 100");
  deepEqual([many.core.size, many.faults], [100, { "too-many-rooms": 1 }]);
  greedy.say({ type: "unsubscribe", topics: ["doc 0"] });
  subscribe(greedy, "doc 100");
  equal(many.core.size, 100);

  const few = new TopicsWorld({ rooms: 2 });
  subscribe(few.open(), "one", "two", "three");
  deepEqual([few.core.size, few.faults], [2, { "too-many-rooms": 1 }]);
  subscribe(few.open(), "two");
  deepEqual(few.faults, { "too-many-rooms": 1 });

  const small = new TopicsWorld({ peersPerRoom: 2 });
  const [a, b, c] = [small.open(), small.open(), small.open()];
  for (const client of [a, b, c]) subscribe(client, "doc");
  a.say(publication("doc"));
  deepEqual([a.inbox.length, b.inbox.length, c.inbox.length], [1, 1, 0]);
  deepEqual(small.faults, { "room-full": 1 });
});

Deno.test("messages a second: the last of the burst passes, then none, then the end", () => {
  const world = new TopicsWorld({ messagesPerSecond: 1, messageBurst: 3 });
  const client = world.open();
  for (let i = 0; i < 6; i++) client.say({ type: "ping" });
  deepEqual([client.inbox.length, client.closed], [3, undefined]);
  world.pass(4);
  client.say({ type: "ping" });
  deepEqual([client.inbox.length, client.closed], [4, undefined]);
  for (let i = 0; i < 4; i++) client.say({ type: "ping" });
  deepEqual(client.closed, [4003, "rate-limited"]);
});

Deno.test("the connections of one network have a limit together, past which nothing is read", () => {
  const world = new TopicsWorld({ messagesPerSecond: 1, messageBurst: 3 });
  const from = (address: string) => world.open(undefined, address);
  const flood = Array.from({ length: 9 }, (_, index) => from(`2001:db8::${index + 1}`));
  for (const client of flood) for (let i = 0; i < 3; i++) client.say({ type: "ping" });
  // The 24 of eight connections passed, and one that made the debt.
  deepEqual(flood.map(({ inbox }) => inbox.length), [...Array(8).fill(3), 1]);
  equal(from("2001:db8:0:1::1").say({ type: "ping" }).inbox.length, 1);
  const [first] = flood;
  for (let i = 0; i < 21; i++) first?.say("no JSON");
  deepEqual([first?.closed, world.faults], [undefined, { "rate-limited": 23 }]);
  first?.say("no JSON");
  deepEqual(first?.closed, [4003, "rate-limited"]);
});

Deno.test("what goes out for one network has a limit, as though each message went to one", () => {
  // 8 × (10 messages + 64 / 64 pieces of game data) at once.
  const world = new TopicsWorld({
    messagesPerSecond: 1,
    messageBurst: 10,
    relayBytesPerSecond: 64,
  });
  const crowd = Array.from({ length: 10 }, (_, index) => world.open(undefined, `192.0.2.${index}`));
  for (const client of crowd) subscribe(client, "doc");
  const publisher = world.open();
  for (let i = 0; i < 10; i++) publisher.say(publication("doc"));
  // The ninth makes the debt.
  deepEqual(crowd.map(({ inbox }) => inbox.length), Array(10).fill(9));
  deepEqual([publisher.closed, world.faults], [undefined, { "rate-limited": 1 }]);
  equal(world.open(undefined, "192.0.2.99").say({ type: "ping" }).inbox.length, 1);
});

Deno.test("giants cost by their size", () => {
  const world = new TopicsWorld({ messagesPerSecond: 1, messageBurst: 10, maxMessageBytes: 100 });
  const client = world.open().say("x".repeat(1_000));
  deepEqual([client.closed, world.faults], [undefined, { "too-large": 1 }]);
  client.say("x".repeat(1_001));
  deepEqual(client.closed, [4003, "rate-limited"]);
});

Deno.test("a slow reader costs only itself", () => {
  const world = new TopicsWorld({ sendBufferBytes: 1_000 });
  const [a, slow] = [world.open(), world.open()];
  subscribe(a, "doc");
  subscribe(slow, "doc", "its own");
  slow.waiting = 1_000;
  a.say(publication("doc"));
  equal(slow.closed, undefined);
  slow.waiting = 1_001;
  a.say(publication("doc")).say(publication("doc"));
  deepEqual(slow.closed, [4004, "queue-overflow"]);
  deepEqual(a.take().map((message) => (message as { clients: number }).clients), [2, 2, 1]);
  equal(world.core.size, 1);
});

Deno.test("where a login is needed: only with one", () => {
  const world = new TopicsWorld({}, "required");
  deepEqual(world.open().closed, [4000, "unauthorized"]);
  deepEqual(world.open("forged").closed, [4000, "unauthorized"]);
  deepEqual(world.open("old.alice").closed, [4001, "token-expired"]);
  const alice = subscribe(world.open("good.alice"), "doc");
  deepEqual([alice.closed, world.core.size], [undefined, 1]);
  equal(world.core.disconnect("user.alice", "disconnected", "Gone.", world.now), 1);
  deepEqual([alice.closed, world.core.size], [[4008, "disconnected"], 0]);
});
