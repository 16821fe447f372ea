import { deepEqual, equal, ok } from "node:assert/strict";
import { chance } from "../support/chance.ts";
import { BrokerWorld, type Client } from "./world.ts";

const PAYLOAD = { connectionId: "dc_1", sdp: { type: "offer", sdp: "v=0" } };
const offer = (dst: string, payload: unknown = PAYLOAD) => ({ type: "OFFER", dst, payload });
const expire = (src: string, dst: string) => ({ type: "EXPIRE", src, dst });

/** Like `offer`, of exactly so many bytes where it is passed on from `src`. */
function sized(src: string, dst: string, bytes: number) {
  const empty = JSON.stringify({ type: "OFFER", src, dst, payload: { x: "" } }).length;
  return offer(dst, { x: "x".repeat(bytes - empty) });
}

Deno.test("OFFER, ANSWER and CANDIDATE pass, with the server's src and nothing beside", () => {
  const world = new BrokerWorld();
  const [alice, bob] = [world.peer("alice"), world.peer("bob", { token: "u" })];
  for (const type of ["OFFER", "ANSWER", "CANDIDATE"]) {
    alice.say({ type, dst: "bob", src: "carol", payload: PAYLOAD, extra: 1 });
    deepEqual(bob.take(), [{ type, src: "alice", dst: "bob", payload: PAYLOAD }]);
  }
  alice.say(offer("alice"));
  deepEqual(alice.take(), [{ ...offer("alice"), src: "alice" }]);
});

Deno.test("a payload passes as it was written", () => {
  const world = new BrokerWorld();
  const [alice, bob] = [world.peer("alice"), world.peer("bob", { token: "u" })];
  const payload = '{ "b":1e400,"a":1,"a":2,"__proto__":{"x":"\\u0000\\ud800"} }';
  alice.say(`{"payload":${payload},"type":"OFFER","dst":"bob"}`);
  deepEqual(bob.inbox, [`{"type":"OFFER","src":"alice","dst":"bob","payload":${payload}}`]);
});

Deno.test("HEARTBEAT is never answered", () => {
  const world = new BrokerWorld();
  const alice = world.peer("alice").say({ type: "HEARTBEAT" });
  deepEqual([alice.inbox, alice.closed, world.faults], [[], undefined, {}]);
});

Deno.test("what the address must say, or ERROR and the end", () => {
  const missing = "The id, the token or the key is missing from the WebSocket's address.";
  const malformed = "An id has letters and digits, singly parted by spaces, _ or -.";
  for (
    const [peerId, more, msg] of [
      [null, {}, missing],
      ["", {}, missing],
      ["alice", { token: "" }, missing],
      ["alice", { key: "" }, missing],
      ["-alice", {}, malformed],
      ["al  ice", {}, malformed],
      ["al\u00efce", {}, malformed],
      ["alice\n", {}, malformed],
      ["a".repeat(129), {}, malformed],
    ] as const
  ) {
    const world = new BrokerWorld();
    const client = world.open(peerId, more);
    deepEqual(client.take(), [{ type: "ERROR", payload: { msg } }]);
    deepEqual(client.closed, [1000, "bad-message"]);
    deepEqual(world.core.ids, []);
  }
  const world = new BrokerWorld();
  for (const id of ["a", "a b-c_d", "a".repeat(128), crypto.randomUUID()]) world.peer(id);
});

Deno.test("an id is taken for another token, whatever the key", () => {
  const world = new BrokerWorld();
  const alice = world.peer("alice", { token: "a" });
  const other = world.open("alice", { token: "b", key: "another" });
  deepEqual(other.take(), [{ type: "ID-TAKEN", payload: { msg: "ID is taken" } }]);
  deepEqual(other.closed, [1000, "id-taken"]);
  other.say(offer("alice"));
  other.close();
  deepEqual([alice.inbox, world.core.ids, world.faults], [[], ["alice"], { "id-taken": 1 }]);
});

Deno.test("the same token opens again, and the stale socket takes nothing away by its end", () => {
  const world = new BrokerWorld();
  const stale = world.peer("alice");
  const bob = world.peer("bob", { token: "u" });
  const alice = world.peer("alice");
  deepEqual(stale.closed, [4005, "replaced"]);
  stale.say(offer("bob"));
  stale.close();
  deepEqual(bob.inbox, []);
  bob.say(offer("alice"));
  deepEqual(alice.take(), [{ ...offer("alice"), src: "bob" }]);
});

Deno.test("LEAVE to somebody and EXPIRE are the server's own; LEAVE alone frees id and socket", () => {
  const world = new BrokerWorld();
  const [mallory, bob] = [world.peer("mallory"), world.peer("bob", { token: "u" })];
  mallory.say({ type: "LEAVE", src: "alice", dst: "bob" });
  mallory.say({ type: "EXPIRE", src: "alice", dst: "bob" });
  mallory.say({ type: "OPEN", dst: "bob", payload: {} });
  deepEqual([bob.inbox, world.faults], [[], { "bad-message": 3 }]);
  mallory.say({ type: "LEAVE" });
  deepEqual(mallory.closed, [1000, "left"]);
  mallory.say(offer("bob"));
  const heir = world.peer("mallory", { token: "another" });
  mallory.close();
  bob.say(offer("mallory"));
  deepEqual([bob.inbox, heir.inbox.length], [[], 1]);
});

Deno.test("junk costs its one message", () => {
  const junk: [unknown, string][] = [
    ["null", "bad-message"],
    ["1", "bad-message"],
    ["[]", "bad-message"],
    ['"OFFER"', "bad-message"],
    ["", "bad-json"],
    ["{", "bad-json"],
    ["[".repeat(60_000), "bad-json"],
    [new TextEncoder().encode(JSON.stringify(offer("bob"))), "bad-message"],
    [{ type: "OFFER" }, "bad-message"],
    [{ type: "OFFER", dst: "", payload: {} }, "bad-message"],
    [{ type: "OFFER", dst: 1, payload: {} }, "bad-message"],
    [{ type: "OFFER", dst: { toString: 1 }, payload: {} }, "bad-message"],
    [offer("bob", null), "bad-message"],
    [offer("bob", "text"), "bad-message"],
    [{ type: "__proto__", dst: "bob", payload: {} }, "bad-message"],
    ['{"__proto__":{"type":"LEAVE"}}', "bad-message"],
    [sized("alice", "bob", 70_000), "too-large"],
  ];
  for (const [frame, code] of junk) {
    const world = new BrokerWorld();
    const [alice, bob] = [world.peer("alice"), world.peer("bob", { token: "u" })];
    alice.say(frame);
    deepEqual(world.faults, { [code]: 1 }, `${frame}`.slice(0, 60));
    deepEqual([alice.inbox, bob.inbox], [[], []]);
    alice.say(offer("bob"));
    equal(bob.inbox.length, 1);
  }
});

Deno.test("the longest message passes; one byte more does not", () => {
  const world = new BrokerWorld({ maxMessageBytes: 200 });
  const [alice, bob] = [world.peer("alice"), world.peer("bob", { token: "u" })];
  const message = JSON.stringify(offer("bob", { x: "" }));
  const most = message.replace('""', `"${"x".repeat(200 - message.length)}"`);
  alice.say(most);
  alice.say(`${most} `);
  deepEqual([bob.inbox.length, world.faults], [1, { "too-large": 1 }]);
});

Deno.test("messages a second: the last of the burst passes, then none, then the end with a reason", () => {
  const world = new BrokerWorld({ messagesPerSecond: 1, messageBurst: 3 });
  const [alice, bob] = [world.peer("alice"), world.peer("bob", { token: "u" })];
  for (let i = 0; i < 6; i++) alice.say(offer("bob"));
  deepEqual([bob.inbox.length, alice.closed], [3, undefined]);
  alice.say(offer("bob"));
  deepEqual(alice.closed, [4003, "rate-limited"]);
  deepEqual(alice.take(), [
    { type: "ERROR", payload: { msg: "More than 1 messages a second came." } },
  ]);
  equal(bob.inbox.length, 3);
  deepEqual(world.core.ids, ["bob"]);
});

Deno.test("a slow reader costs only itself", () => {
  const world = new BrokerWorld({ sendBufferBytes: 1_000 });
  const [alice, slow] = [world.peer("alice"), world.peer("slow", { token: "u" })];
  slow.waiting = 1_000;
  alice.say(offer("slow"));
  equal(slow.closed, undefined);
  slow.waiting = 1_001;
  alice.say(offer("slow"));
  deepEqual(slow.closed, [4004, "queue-overflow"]);
  alice.say(offer("slow"));
  world.pass(5);
  deepEqual(alice.take(), [expire("slow", "alice")]);
});

Deno.test("what is said to an absent peer comes after its OPEN, in order", () => {
  const world = new BrokerWorld();
  const [alice, carol] = [world.peer("alice"), world.peer("carol", { token: "c" })];
  for (const n of [1, 2, 3]) {
    alice.say(offer("bob", { n }));
    carol.say(offer("bob", { n }));
  }
  world.pass(4.999);
  const heard = world.open("bob").take() as { type: string; src: string; payload: { n: number } }[];
  equal(heard.shift()?.type, "OPEN");
  for (const src of ["alice", "carol"]) {
    deepEqual(heard.filter((one) => one.src === src).map(({ payload }) => payload.n), [1, 2, 3]);
  }
  world.pass(60);
  deepEqual([alice.inbox, carol.inbox, world.core.waiting], [[], [], 0]);
});

Deno.test("after 5 s each pair hears one EXPIRE", () => {
  const world = new BrokerWorld();
  const [alice, carol] = [world.peer("alice"), world.peer("carol", { token: "c" })];
  alice.say(offer("bob")).say(offer("bob")).say(offer("dave"));
  world.pass(1);
  carol.say(offer("bob"));
  alice.say(offer("bob"));
  world.pass(3.999);
  deepEqual(alice.inbox, []);
  world.pass(0.001);
  deepEqual(alice.take(), [expire("bob", "alice"), expire("dave", "alice")]);
  deepEqual(carol.inbox, []);
  world.pass(1);
  deepEqual(carol.take(), [expire("bob", "carol")]);
  deepEqual(world.open("bob").take(), [{ type: "OPEN" }]);
  equal(world.core.deadline(), Infinity);
});

Deno.test("an id that nobody can have is said to be absent at once", () => {
  const world = new BrokerWorld();
  const alice = world.peer("alice").say(offer("no such!"));
  deepEqual(alice.take(), [expire("no such!", "alice")]);
});

Deno.test("a sender that came back hears EXPIRE; whoever has its id instead does not", () => {
  const world = new BrokerWorld();
  world.peer("alice").say(offer("bob")).close();
  const back = world.peer("alice");
  world.pass(5);
  deepEqual(back.take(), [expire("bob", "alice")]);
  back.say(offer("bob")).say(offer("carol")).close();
  const heir = world.peer("alice", { token: "another" });
  deepEqual(world.open("bob").take(), [{ type: "OPEN" }]);
  world.pass(5);
  deepEqual([heir.inbox, world.core.waiting], [[], 0]);
});

Deno.test("waiting for one receiver: so many messages and bytes, and EXPIRE at once beyond", async (t) => {
  await t.step("1,024 messages", () => {
    const world = new BrokerWorld({ messageBurst: Infinity });
    const alice = world.peer("alice");
    for (let i = 0; i < 1_024; i++) alice.say(offer("bob"));
    deepEqual([alice.inbox, world.core.waiting], [[], 1_024]);
    alice.say(offer("bob"));
    deepEqual(alice.take(), [expire("bob", "alice")]);
  });
  await t.step("half of the send buffer in bytes", () => {
    const world = new BrokerWorld({ sendBufferBytes: 2_000 });
    const alice = world.peer("alice");
    alice.say(sized("alice", "bob", 500)).say(sized("alice", "bob", 500));
    deepEqual(alice.inbox, []);
    alice.say(offer("bob"));
    deepEqual(alice.take(), [expire("bob", "alice")]);
  });
  await t.step("from one address to all, and another address still has its own", () => {
    const world = new BrokerWorld({ sendBufferBytes: 2_000 });
    const alice = world.peer("alice", { group: "1.1.1.1" });
    const carol = world.peer("carol", { group: "1.1.1.1" });
    const dave = world.peer("dave", { group: "2.2.2.2" });
    alice.say(sized("alice", "x", 500)).say(sized("alice", "y", 500));
    carol.say(offer("z"));
    dave.say(offer("z"));
    deepEqual([alice.inbox, carol.take(), dave.inbox], [[], [expire("z", "carol")], []]);
  });
  await t.step("16 times as much in all", () => {
    const world = new BrokerWorld({ sendBufferBytes: 400 });
    const fill = (n: number) => {
      const id = `sender${String(n).padStart(2, "0")}`;
      return world.peer(id, { group: `${n}` }).say(sized(id, `to${n}`, 200));
    };
    const clients = Array.from({ length: 17 }, (_, n) => fill(n));
    const last = clients.pop();
    deepEqual(clients.flatMap(({ inbox }) => inbox), []);
    deepEqual(last?.take(), [expire("to16", "sender16")]);
  });
});

Deno.test("where a login is needed: only with one, and the id belongs to it", () => {
  const world = new BrokerWorld({}, "required");
  const guest = world.open("alice", { token: "anything", login: "anything" });
  deepEqual(guest.take(), [{ type: "ERROR", payload: { msg: "The token is not valid." } }]);
  deepEqual(guest.closed, [4000, "unauthorized"]);
  const late = world.open("alice", { login: "old.alice" });
  deepEqual(late.closed, [4001, "token-expired"]);
  deepEqual(world.open("alice").closed, [4000, "unauthorized"]);
  deepEqual(world.core.ids, []);

  const alice = world.open("alice", { token: "1", login: "good.alice" });
  deepEqual(alice.take(), [{ type: "OPEN" }]);
  deepEqual(world.open("alice", { token: "1", login: "good.bob" }).closed, [1000, "id-taken"]);
  world.open("alice", { token: "1", login: "forged" }).close();
  deepEqual(world.core.ids, ["alice"], "who is turned away frees no other's id");
  // The token is another by now, the login the same.
  deepEqual(world.open("alice", { token: "2", login: "good.alice" }).take(), [{ type: "OPEN" }]);
  deepEqual(alice.closed, [4005, "replaced"]);
});

Deno.test("disconnect ends a login's connections; drain ends all and lets nobody in", () => {
  const world = new BrokerWorld({}, "required");
  const [one, two] = [
    world.open("one", { login: "good.a" }),
    world.open("two", { login: "good.a" }),
  ];
  const other = world.open("other", { login: "good.b" });
  equal(world.core.disconnect("user.a", "disconnected", "You logged out.", world.now), 2);
  deepEqual([one.closed, two.closed, other.closed], [
    [4008, "disconnected"],
    [4008, "disconnected"],
    undefined,
  ]);
  deepEqual(one.take().at(-1), { type: "ERROR", payload: { msg: "You logged out." } });
  world.core.drain(5, world.now);
  deepEqual(other.closed, [4007, "draining"]);
  deepEqual(world.open("late", { login: "good.c" }).closed, [4007, "draining"]);
});

Deno.test("whatever happens, everything is let go of in the end", () => {
  const seed = Number(Deno.env.get("SEED") ?? Math.floor(Math.random() * 2 ** 32));
  console.log(`seed ${seed}`);
  const next = chance(seed);
  const random = (below: number) => Math.floor(next() * below);
  const world = new BrokerWorld({ sendBufferBytes: 4_000, messageBurst: Infinity });
  const name = () => "abcdefghijklmnopqrst"[random(20)] ?? "";
  /** Some never come, so that what is said to them waits its whole time. */
  const receiver = () => "abcdefghijklmnopqrstuvwxyz"[random(26)] ?? "";
  const clients: Client[] = [];
  let mostWaiting = 0;
  for (let i = 0; i < 5_000; i++) {
    const client = clients[random(clients.length + 1)];
    switch (random(8)) {
      case 0:
        clients.push(world.open(name(), { token: name(), group: name() }));
        break;
      case 1:
        client?.close();
        break;
      case 2:
        world.pass(random(200) / 1_000);
        break;
      default:
        client?.say(offer(receiver()));
    }
    mostWaiting = Math.max(mostWaiting, world.core.waiting);
  }
  ok(mostWaiting > 10, "the histories never made anything wait");
  for (const client of clients) client.close();
  world.pass(5);
  deepEqual([world.core.ids, world.core.waiting, world.core.deadline()], [[], 0, Infinity]);
});
