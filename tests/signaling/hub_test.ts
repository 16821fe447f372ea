import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { CODE_ALPHABET } from "../../signaling/mod.ts";
import { type Client, type Message, World } from "./world.ts";

/** Without the wording, and the text it was read from. */
function brief({ text: _text, message: _message, ...rest }: Message): Message {
  return rest;
}

function briefs(client: Client): Message[] {
  return client.take().map(brief);
}

Deno.test("join: the answer carries id, members, host, ICE servers, token, limits and version", () => {
  const world = new World();
  const alice = world.open();
  const { resume, limits, ...rest } = brief(alice.join("ABCD", "alice", { name: "Alice" }));
  deepEqual(rest, {
    type: "joined",
    version: 1,
    room: "ABCD",
    id: "alice",
    peers: [],
    host: { id: "alice", term: 1 },
    access: "open",
    public: false,
    attributes: {},
    iceServers: [{ urls: "stun:game.example", username: "guest.ABCD.alice/ABCD" }],
    iceExpiresAt: 7,
    seq: 1,
  });
  match(resume, /^[A-Za-z0-9_-]{22}$/);
  equal(limits.maxMessageBytes, 65_536);

  const bob = world.open();
  deepEqual(bob.join("abcd", "bob").peers, [{ id: "alice", name: "Alice", polite: false }]);
  deepEqual(alice.take().map(brief), [{ type: "peer-joined", id: "bob", polite: true, seq: 2 }]);
});

Deno.test("join: who brings no id gets one, and room and id keep to their alphabets", () => {
  const world = new World();
  match(world.open().join("ABCD").id, new RegExp(`^[${CODE_ALPHABET}]{10}$`));
  for (const room of ["", "a b", "ä", "x".repeat(65), "../x", 7, null]) {
    equal(world.open().say({ type: "join", room }).one().code, "bad-message");
  }
  for (const from of ["", "@alice", "a b", "x".repeat(65), 7, {}]) {
    equal(world.open().say({ type: "join", room: "ABCD", from }).one().code, "bad-message");
  }
  equal(world.open().join("x".repeat(64), "y".repeat(64)).type, "joined");
  for (const name of ["", "@alice", "x".repeat(65), "\u202egnp", "a\0b", "\ud800"]) {
    equal(world.open().join("ABCD", "z", { name }).code, "bad-message");
  }
});

Deno.test("join: __proto__ and constructor are ids and rooms like any other", () => {
  const world = new World();
  const [a, b] = world.room("__proto__", "constructor", "__proto__");
  a?.say({ type: "x", to: "__proto__" });
  equal(b?.one().from, "constructor");
});

Deno.test("join twice: refused, and the first place stays", () => {
  const [alice] = new World().room("ABCD", "alice");
  equal(alice?.join("WXYZ", "alice").code, "already-in-room");
  equal(alice?.say({ type: "resume", resume: "x", seq: 0 }).one().code, "already-in-room");
});

Deno.test("id-taken: neither while its holder is here nor while it is away", () => {
  const world = new World();
  const [alice] = world.room("ABCD", "alice", "bob");
  equal(world.open().join("ABCD", "alice").code, "id-taken");
  alice?.drop();
  equal(world.open().join("ABCD", "alice").code, "id-taken");
  world.pass(30);
  equal(world.open().join("ABCD", "alice").type, "joined");
});

Deno.test("create: the server picks an unambiguous code", () => {
  const world = new World();
  const host = world.open().say({ type: "create", from: "host", attributes: { map: "dust" } });
  const { room, attributes } = host.one();
  match(room, new RegExp(`^[${CODE_ALPHABET}]{6}$`));
  ok(!/[0O1IL]/.test(CODE_ALPHABET));
  deepEqual(attributes, { map: "dust" });
  equal(world.open().join(room.toLowerCase(), "guest").room, room);
});

Deno.test("create: false only enters", () => {
  const world = new World();
  equal(world.open().join("ABCD", "alice", { create: false }).code, "no-such-room");
  world.room("ABCD", "bob");
  equal(world.open().join("ABCD", "alice", { create: false }).type, "joined");
});

Deno.test("a foreign type passes with its payload as written, and `from` cannot be forged", () => {
  const [alice, bob] = new World().room("ABCD", "alice", "bob");
  const payload = '{"b":1e400,"a":1.0,"a":-0, "\\ud800":[{"payload":2}]}';
  alice?.say(
    `{"payload":0,"type":"x","from":"bob","seq":9, "pay\\u006coad" : ${payload} ,"to":"bob"}`,
  );
  equal(bob?.one().text, `{"type":"x","from":"alice","to":"bob","payload":${payload},"seq":2}`);
  alice?.say({ type: "ready", to: "bob" });
  equal(bob?.one().text, '{"type":"ready","from":"alice","to":"bob","seq":3}');
});

Deno.test("no-such-peer at once: unknown, left, or of another room", () => {
  const world = new World();
  const [alice, bob] = world.room("ABCD", "alice", "bob");
  const [carol] = world.room("WXYZ", "carol");
  bob?.say({ type: "leave" });
  alice?.take();
  for (const to of ["bob", "carol", "nobody", "__proto__"]) {
    const { code, message, rid } = alice?.say({ type: "x", to, rid: to }).one() ?? {};
    deepEqual([code, rid], ["no-such-peer", to]);
    match(message, new RegExp(`"${to}" in room ABCD`));
  }
  deepEqual(carol?.take(), []);
});

Deno.test("a message without a room, and one without a receiver, say what to do", () => {
  const world = new World();
  match(world.open().say({ type: "x", to: "bob" }).one().message, /"type":"join"/);
  const [alice] = world.room("ABCD", "alice");
  match(alice?.say({ type: "x" }).one().message, /"x": `to` is missing/);
});

Deno.test("the server's own types cannot be sent by a client", () => {
  const [alice, bob] = new World().room("ABCD", "alice", "bob");
  for (
    const type
      of "joined resumed peer-joined peer-left peer-away peer-back host-changed room-changed bye ack error"
        .split(" ")
  ) {
    equal(alice?.say({ type, to: "bob" }).one().code, "bad-message");
  }
  deepEqual(bob?.take(), []);
});

Deno.test("broadcast and relay without a receiver go to everybody else", () => {
  const [alice, bob, carol] = new World().room("ABCD", "alice", "bob", "carol");
  alice?.say({ type: "broadcast", payload: 1 }).say({ type: "relay", payload: 2 });
  alice?.say(Uint8Array.of(0, 3)).say({ type: "relay", to: "bob", payload: 4 });
  deepEqual(briefs(bob as Client).map(({ seq: _seq, ...rest }) => rest), [
    { type: "broadcast", from: "alice", payload: 1 },
    { type: "relay", from: "alice", payload: 2 },
    { type: "bytes", from: "alice", data: [3] },
    { type: "relay", from: "alice", to: "bob", payload: 4 },
  ]);
  deepEqual(briefs(carol as Client).map(({ seq }) => seq), [2, 3, 4]);
  deepEqual(alice?.take(), []);
});

Deno.test("rid: exactly one ack or error, after the answer where there is one", () => {
  const world = new World();
  const alice = world.open();
  alice.say({ type: "ping", rid: 1 }).say({ type: "join", room: "ABCD", rid: 2 });
  alice.say({ type: "ice", rid: "three" }).say({ type: "broadcast", rid: 4 });
  alice.say({ type: "x", to: "nobody", rid: 5 }).say({ type: "kick", rid: 6 });
  alice.say({ type: "list", rid: 7 }).say({ type: "host", rid: 8 });
  alice.say({ type: "leave", rid: 9 });
  deepEqual(alice.take().map(({ type, rid }) => [type, rid]), [
    ["pong", 1],
    ["ack", 1],
    ["joined", 2],
    ["ack", 2],
    ["ice", "three"],
    ["ack", "three"],
    ["ack", 4],
    ["error", 5],
    ["error", 6],
    ["list", 7],
    ["ack", 7],
    ["host", 8],
    ["ack", 8],
    ["ack", 9],
    ["bye", undefined],
  ]);
  equal(world.open().say({ type: "ping", rid: "x".repeat(65) }).one().code, "bad-message");
});

Deno.test("fields that are null count as absent", () => {
  const world = new World();
  const alice = world.open();
  equal(
    alice.say('{"type":"join","room":"ABCD","from":null,"name":null,"rid":null}').one().type,
    "joined",
  );
});

Deno.test("leave and a clean close free the place at once; leave says bye with 1000", () => {
  const world = new World();
  const [alice, bob, carol] = world.room("ABCD", "alice", "bob", "carol");
  bob?.say({ type: "leave" });
  deepEqual(brief(bob?.one() ?? {}), { type: "bye", code: "left", reconnect: false });
  equal(bob?.closed, 1000);
  carol?.close();
  deepEqual(briefs(alice as Client), [
    { type: "peer-left", id: "bob", reason: "left", seq: 4 },
    { type: "peer-left", id: "carol", reason: "left", seq: 5 },
  ]);
  bob?.say({ type: "x", to: "alice" }); // The socket lingers.
  deepEqual(alice?.take(), []);
});

Deno.test("the host leaving passes the lead on with a higher term; the room stays", () => {
  const world = new World();
  const [alice, bob, carol] = world.room("ABCD", "alice", "bob", "carol");
  bob?.drop();
  carol?.take();
  alice?.say({ type: "leave" });
  deepEqual(briefs(carol as Client).slice(1), [
    { type: "host-changed", id: "carol", term: 2, seq: 4 },
  ]);
  const dave = world.open();
  deepEqual(dave.join("ABCD", "dave").host, { id: "carol", term: 2 });
  carol?.say({ type: "host", to: "dave" });
  const change = dave.one();
  deepEqual([change.type, change.id, change.term], ["host-changed", "dave", 3]);
  const { id, term } = dave.say({ type: "host" }).one();
  deepEqual([id, term], ["dave", 3]);
});

Deno.test("not-host: lock, unlock, kick, set and handing over are the host's", () => {
  const [, bob] = new World().room("ABCD", "alice", "bob");
  for (
    const message of [
      { type: "lock" },
      { type: "unlock" },
      { type: "kick", to: "alice" },
      { type: "set", public: true },
      { type: "host", to: "bob" },
    ]
  ) {
    equal(bob?.say(message).one().code, "not-host");
  }
});

Deno.test("kick: the peer is told, closed, out, and its relaying ends", () => {
  const world = new World();
  const [alice, bob, carol] = world.room("ABCD", "alice", "bob", "carol");
  alice?.say({ type: "kick", to: "bob" });
  deepEqual([bob?.one().code, bob?.closed], ["kicked", 4006]);
  equal(carol?.one().reason, "kicked");
  deepEqual(world.revoked, ["guest.ABCD.bob"]);
  alice?.take();
  equal(alice?.say({ type: "kick", to: "bob" }).one().code, "no-such-peer");
  carol?.drop();
  alice?.take();
  equal(alice?.say({ type: "kick", to: "carol" }).one().reason, "kicked");
});

Deno.test("lock: nobody enters, or only with the password; unlock opens again", () => {
  const world = new World();
  const [alice] = world.room("ABCD", "alice");
  equal(alice?.say({ type: "lock" }).one().access, "locked");
  equal(world.open().join("ABCD").code, "room-locked");
  equal(alice?.say({ type: "lock", password: "sesame" }).one().access, "password");
  equal(world.open().join("ABCD").code, "wrong-password");
  equal(world.open().join("ABCD", "bob", { password: "Sesame" }).code, "wrong-password");
  equal(world.open().join("ABCD", "bob", { password: "sesame" }).type, "joined");
  alice?.take();
  equal(alice?.say({ type: "unlock" }).one().access, "open");
  equal(world.open().join("ABCD").type, "joined");
});

Deno.test("guessing a password is dear: it uses up the messages of the connection", () => {
  const world = new World();
  world.open().say({ type: "create", from: "host", password: "sesame" });
  const room = world.clients.values().next().value?.one().room;
  const thief = world.open();
  let guesses = 0;
  while (thief.closed === undefined) {
    thief.say({ type: "join", room, password: `guess ${guesses++}` });
  }
  equal(thief.closed, 4003);
  ok(guesses <= 220, `${guesses}`);
  const heard = thief.take().filter((message) => message.code === "wrong-password");
  equal(heard.length, 10);
});

Deno.test("codes and tokens come from the driver's cryptographic source alone", () => {
  const made = () => {
    const { room, id, resume } = new World().open().say({ type: "create" }).one();
    return [room, id, resume];
  };
  deepEqual(made(), made(), "the same bytes make the same");
  equal(new Set(made()).size, 3);
});

Deno.test("each player has TURN credentials of its own", () => {
  const world = new World();
  const names = ["alice", "bob"].map((id) => world.open().join("ABCD", id).iceServers[0].username);
  deepEqual(names, ["guest.ABCD.alice/ABCD", "guest.ABCD.bob/ABCD"]);
});

Deno.test("a newcomer costs each of the others one short message, however many there are", () => {
  const world = new World();
  const clients = world.room("ABCD", ...Array.from({ length: 63 }, (_, index) => `p${index}`));
  world.open().join("ABCD", "last");
  for (const client of clients) ok(client.one().text.length < 100);
});

Deno.test("where nothing happens, nothing is done more than once in `idleSeconds`", () => {
  const world = new World({ idleSeconds: 60 });
  world.room("ABCD", ...Array.from({ length: 60 }, (_, index) => `p${index}`));
  const end = world.now + 600_000;
  let ticks = 0;
  for (; world.hub.deadline() <= end; ticks++) {
    world.now = world.hub.deadline();
    world.hub.tick(world.now);
  }
  equal(ticks, 10);
});

Deno.test("set and list: public rooms in pages, with what the lobby needs", () => {
  const world = new World();
  const hosts = ["A", "B", "C"].map((room) => world.room(room, "host")[0] as Client);
  hosts.forEach((host, index) =>
    host.say({ type: "set", public: true, attributes: { index } }).take()
  );
  world.room("B", "guest");
  const visitor = world.open();
  const first = visitor.say({ type: "list", limit: 2 }).one();
  deepEqual(first.rooms, [
    { room: "A", peers: 1, access: "open", attributes: { index: 0 } },
    { room: "B", peers: 2, access: "open", attributes: { index: 1 } },
  ]);
  const second = visitor.say({ type: "list", limit: 2, after: first.next }).one();
  deepEqual([second.rooms.length, second.rooms[0].room, second.next], [1, "C", undefined]);
  for (const limit of [0, 101, 1.5, "2"]) {
    equal(visitor.say({ type: "list", limit }).one().code, "bad-message");
  }
  hosts[0]?.say({ type: "set", public: false });
  hosts[2]?.close();
  deepEqual(visitor.say({ type: "list" }).one().rooms.map(({ room }: Message) => room), ["B"]);
});

Deno.test("set: attributes are flat and bounded", () => {
  const [alice] = new World().room("ABCD", "alice");
  const fill = (bytes: number) => ({ a: "x".repeat(bytes - '{"a":""}'.length) });
  equal(alice?.say({ type: "set", attributes: fill(1_024) }).one().type, "room-changed");
  for (const attributes of [fill(1_025), { a: {} }, { a: [] }, [], "x", { a: null }]) {
    equal(alice?.say({ type: "set", attributes }).one().code, "bad-message");
  }
  equal(alice?.say('{"type":"set","attributes":{"a":1e400}}').one().code, "bad-message");
});

Deno.test("accounts: id and name come from the token, and no guest can have them", () => {
  const world = new World();
  const alice = world.open("good.alice");
  const joined = alice.join("ABCD", "bob", { name: "Bob" });
  deepEqual([joined.id, joined.iceServers[0].username], ["@alice", "user.alice/ABCD"]);
  const guest = world.open();
  deepEqual(guest.join("ABCD", "alice").peers, [{
    id: "@alice",
    name: "Name alice",
    polite: false,
  }]);
  equal(world.open().join("ABCD", "@alice").code, "bad-message");
});

Deno.test("an account's id may be any text, and relayed bytes carry it whole", () => {
  const world = new World();
  const [bob] = world.room("ABCD", "bob");
  world.open("good.jörg").say({ type: "join", room: "ABCD" }).say(Uint8Array.of(0, 1, 2));
  const { from, data } = bob?.take().at(-1) ?? {};
  deepEqual([from, data], ["@jörg", [1, 2]]);
});

Deno.test("the same login takes its place over; the stale connection hears `replaced`", () => {
  const world = new World();
  const stale = world.open("good.alice");
  stale.join("ABCD");
  stale.say({ type: "lock" }).take();
  equal(world.open("good.bob").join("ABCD").code, "room-locked");
  const fresh = world.open("good.alice");
  const joined = fresh.join("ABCD");
  deepEqual([joined.id, joined.access, joined.host.id], ["@alice", "locked", "@alice"]);
  deepEqual([stale.one().code, stale.closed], ["replaced", 4005]);
  equal(world.hub.stats().peers, 1);
});

Deno.test("auth required: no token, a bad one and an old one end with their codes", () => {
  const world = new World({}, "required");
  for (const [token, close] of [[undefined, 4000], ["x", 4000], ["old.alice", 4001]] as const) {
    const client = world.open(token);
    equal(client.one().type, "bye");
    equal(client.closed, close);
    client.say({ type: "join", room: "ABCD" });
    deepEqual(client.take(), []);
  }
  equal(world.open("good.alice").join("ABCD").id, "@alice");
});

Deno.test("away and back: presence is told, and what was missed follows in order", () => {
  const world = new World();
  const [alice] = world.room("ABCD", "alice");
  const lost = world.open();
  const { resume, seq } = lost.join("ABCD", "bob");
  lost.drop();
  deepEqual(briefs(alice as Client).at(-1), { type: "peer-away", id: "bob", seq: 3 });
  deepEqual(world.open().join("ABCD", "carol").peers[1], { id: "bob", polite: false, away: true });
  alice?.say({ type: "x", to: "bob", payload: 1 }).say(Uint8Array.of(0, 7)).take();

  const back = world.open();
  back.say({ type: "resume", resume, seq, rid: 1 });
  deepEqual(back.take().map(({ type, seq, lost }) => [type, seq, lost]), [
    ["resumed", 1, 0],
    ["peer-joined", 2, undefined],
    ["x", 3, undefined],
    ["bytes", 4, undefined],
    ["ack", 5, undefined],
  ]);
  equal(alice?.one().type, "peer-back");
});

Deno.test("resume: messages sent into a connection that was dead already come again", () => {
  const world = new World();
  const [alice] = world.room("ABCD", "alice");
  const dead = world.open();
  const { resume } = dead.join("ABCD", "bob");
  alice?.say({ type: "x", to: "bob" });
  dead.drop();
  const back = world.open().say({ type: "resume", resume, seq: 1 });
  deepEqual(back.take().map(({ type, seq }) => [type, seq]), [["resumed", 1], ["x", 2]]);
});

Deno.test("resume: the holder of the token ousts a stale connection; the token serves once", () => {
  const world = new World();
  const [alice] = world.room("ABCD", "alice");
  const stale = world.open();
  const { resume } = stale.join("ABCD", "bob");
  alice?.take();
  const good = world.open().say({ type: "resume", resume, seq: 1 });
  const { resume: next } = good.one();
  notEqual(next, resume);
  deepEqual([stale.one().code, stale.closed], ["replaced", 4005]);
  stale.drop(); // Its late end must not touch the new owner.
  deepEqual(alice?.take(), []);

  // A timed-out attempt that gets through late does not throw the good one out.
  equal(world.open().say({ type: "resume", resume, seq: 1 }).one().code, "no-such-session");
  alice?.say({ type: "x", to: "bob" });
  equal(good.one().type, "x");
  equal(world.open().say({ type: "resume", resume: next, seq: 2 }).one().type, "resumed");
});

Deno.test("resume: the window is kept to the millisecond", () => {
  const world = new World();
  const [alice] = world.room("ABCD", "alice");
  const bob = world.open();
  const { resume } = bob.join("ABCD", "bob");
  bob.drop();
  world.pass(29.999);
  const back = world.open().say({ type: "resume", resume, seq: 1 });
  const { resume: next } = back.one();
  back.drop();
  alice?.take();
  world.pass(30);
  deepEqual(brief(alice?.one() ?? {}), {
    type: "peer-left",
    id: "bob",
    reason: "timed-out",
    seq: 6,
  });
  equal(world.open().say({ type: "resume", resume: next, seq: 1 }).one().code, "no-such-session");
});

for (
  const [what, limits, payload] of [
    ["messages", { resumeMessages: 3 }, "x"],
    ["bytes", { sendBufferBytes: 3_000 }, "x".repeat(940)],
  ] as const
) {
  Deno.test(`resume: as many ${what} as are kept come; past that the loss is stated`, () => {
    const world = new World(limits);
    const [alice] = world.room("ABCD", "alice");
    const bob = world.open();
    let { resume } = bob.join("ABCD", "bob");
    bob.drop();
    for (let i = 0; i < 3; i++) alice?.say({ type: "x", to: "bob", payload });
    const back = world.open().say({ type: "resume", resume, seq: 1 });
    const [resumed, ...missed] = back.take();
    deepEqual([resumed?.lost, missed.map(({ seq }) => seq)], [0, [2, 3, 4]]);
    resume = resumed?.resume;
    back.drop();
    for (let i = 0; i < 4; i++) alice?.say({ type: "x", to: "bob", payload });
    const late = world.open().say({ type: "resume", resume, seq: 4 });
    const stated = late.one();
    deepEqual([stated.type, stated.lost, stated.seq], ["resumed", 4, 8]);
    deepEqual(stated.peers, [{ id: "alice", polite: false }]);
    alice?.say({ type: "x", to: "bob" });
    equal(late.one().seq, 9);
  });
}

Deno.test("resume: a login's place needs that login, and `seq` cannot be ahead", () => {
  const world = new World();
  const alice = world.open("good.alice");
  const { resume } = alice.join("ABCD");
  alice.drop();
  for (const token of [undefined, "good.bob"]) {
    equal(world.open(token).say({ type: "resume", resume, seq: 1 }).one().code, "unauthorized");
  }
  const { code, message } = world.open("good.alice").say({ type: "resume", resume, seq: 2 }).one();
  deepEqual([code, message], ["bad-message", "`seq` is 2, but the last one sent is 1."]);
  equal(world.open("good.alice").say({ type: "resume", resume, seq: 1 }).one().type, "resumed");
});

Deno.test("resume: what is kept comes again as it first came, text and bytes of any size", () => {
  const world = new World({ resumeMessages: 5, relayBytesPerSecond: Infinity });
  const [alice] = world.room("ABCD", "alice");
  const bob = world.open();
  let { resume } = bob.join("ABCD", "bob");
  const heard: Message[] = [];
  let connection = bob;
  for (let i = 0; i < 200; i++) {
    const size = (i * 7_919) % 3_000;
    if (i % 3 === 0) alice?.say(Uint8Array.of(0, ...new Uint8Array(size).fill(0x7b)));
    else alice?.say({ type: "x", to: "bob", payload: ["x", "ä", "€", "😀"][i % 4]?.repeat(size) });
    heard.push(...connection.take());
    if (i < 5 || i % 4 > 0) continue;
    connection.drop();
    connection = world.open();
    connection.say({ type: "resume", resume, seq: heard.at(-6)?.seq });
    const [resumed, ...again] = connection.take();
    deepEqual(again, heard.slice(-5));
    resume = resumed?.resume;
  }
});

Deno.test("what has surely arrived is no longer kept", () => {
  const world = new World({ idleSeconds: 10 });
  const [alice] = world.room("ABCD", "alice");
  const bob = world.open();
  const { resume } = bob.join("ABCD", "bob");
  alice?.say({ type: "x", to: "bob" });
  world.pass(35);
  equal(world.open().say({ type: "resume", resume, seq: 1 }).one().lost, 1);
});

Deno.test("what came only at a resume is kept as long as what is new then", () => {
  const world = new World({ idleSeconds: 10 });
  const [alice] = world.room("ABCD", "alice");
  const bob = world.open();
  const { resume } = bob.join("ABCD", "bob");
  bob.drop();
  alice?.say({ type: "x", to: "bob" });
  world.pass(25);
  const back = world.open().say({ type: "resume", resume, seq: 1 });
  const [resumed] = back.take();
  world.pass(10);
  back.drop();
  const again = world.open().say({ type: "resume", resume: resumed?.resume, seq: 1 });
  equal(again.take().at(0)?.lost, 0);
});

Deno.test("too-large: the last byte fits, and giants end the connection", () => {
  const world = new World({ maxMessageBytes: 100, messageBurst: 10 });
  const client = world.open();
  const sized = (bytes: number) => `{"type":"ping","x":"${"ä".repeat((bytes - 22) / 2)}"}`;
  equal(new TextEncoder().encode(sized(100)).length, 100);
  equal(client.say(sized(100)).one().type, "pong");
  equal(client.say(sized(102)).one().code, "too-large");
  equal(client.say(new Uint8Array(101)).one().code, "too-large");
  client.say(sized(3_000));
  equal(client.closed, 4003);
});

Deno.test("a number of 1 MB, or as deep a list, passes untouched where the limit lets it", () => {
  const world = new World({ maxMessageBytes: 2 ** 22, sendBufferBytes: 2 ** 24 });
  const [alice, bob] = world.room("ABCD", "alice", "bob");
  for (const payload of ["9".repeat(2 ** 20), "[".repeat(5_000) + "]".repeat(5_000)]) {
    alice?.say(`{"type":"x","to":"bob","payload":${payload}}`);
    ok(bob?.one().text.includes(`"payload":${payload},"seq":`));
  }
  alice?.say(`{"type":"x","to":"bob","payload":${"[".repeat(2 ** 20)}}`);
  equal(alice?.one().code, "bad-json");
});

Deno.test("rate-limited: the burst passes, the next does not, a second gives some back", () => {
  const world = new World({ messagesPerSecond: 2, messageBurst: 5 });
  const client = world.open();
  for (let i = 0; i < 6; i++) client.say({ type: "ping" });
  deepEqual(client.take().map(({ type }) => type), [...Array(5).fill("pong"), "error"]);
  world.pass(1);
  client.say({ type: "ping" }).say({ type: "ping", rid: 1 });
  deepEqual(client.take().map(({ type, rid }) => [type, rid]), [
    ["pong", undefined],
    ["error", 1],
  ]);
  for (let i = 0; i < 4; i++) client.say({ type: "ping" });
  equal(client.closed, undefined);
  client.say({ type: "ping" });
  equal(client.closed, 4003);
});

Deno.test("the connections of one network have a limit together, past which nothing is read", () => {
  const world = new World({ messagesPerSecond: 1, messageBurst: 5 });
  const from = (address: string) => world.open(undefined, address);
  const flood = Array.from({ length: 9 }, (_, index) => from(`2001:db8::${index + 1}`));
  for (const client of flood) for (let i = 0; i < 5; i++) client.say({ type: "ping" });
  const last = flood.pop();
  for (const client of flood) {
    deepEqual(client.take().map(({ type }) => type), Array(5).fill("pong"));
  }
  // The 40 of eight connections passed, and one that made the debt; of what follows it is told once.
  deepEqual(last?.take().map(({ code }) => code), [undefined, "rate-limited"]);
  deepEqual(last?.say("{ no JSON").take(), []);
  equal(world.hub.stats().faultsByCode["rate-limited"], 5);
  equal(from("2001:db8:0:1::1").say({ type: "ping" }).one().type, "pong");
  for (let i = 0; i < 35; i++) last?.say("junk");
  equal(last?.closed, 4003);
  flood[0]?.say("junk");
  equal(flood[0]?.closed, 4003);
  world.pass(5);
  equal(flood[1]?.say({ type: "ping" }).one().code, "rate-limited");
  world.pass(1);
  equal(flood[1]?.say({ type: "ping" }).one().type, "pong");
  for (const client of flood.slice(2)) for (let i = 0; i < 5; i++) client.say({ type: "ping" });
  equal(flood[1]?.say({ type: "ping" }).one().code, "rate-limited");
});

Deno.test("a network that is connected goes on at its new limit", () => {
  const world = new World({ messagesPerSecond: 1, messageBurst: 100 });
  const clients = Array.from({ length: 9 }, () => world.open(undefined, "192.0.2.1"));
  world.limit({ messageBurst: 2 });
  for (const client of clients) for (let i = 0; i < 2; i++) client.say({ type: "ping" });
  // The 16 of eight connections, and one that made the debt.
  deepEqual(clients.pop()?.take().map(({ code }) => code), [undefined, "rate-limited"]);
});

Deno.test("a flooding peer is cut off but keeps its place", () => {
  const world = new World({ messageBurst: 2 });
  const alice = world.open();
  const { resume } = alice.join("ABCD", "alice");
  while (alice.closed === undefined) alice.say("junk");
  world.pass(1);
  const resumed = world.open().say({ type: "resume", resume, seq: 1 }).take()[0];
  equal(resumed?.type, "resumed");
});

Deno.test("relay has its own limit in bytes; past it, its messages are dropped and count", () => {
  const world = new World({ relayBytesPerSecond: 1_000, messageBurst: 4 });
  const [alice, bob] = world.room("ABCD", "alice", "bob");
  const data = new Uint8Array(500);
  alice?.say(data).say(data);
  deepEqual(alice?.take(), []);
  equal(alice?.say({ type: "relay", payload: 1 }).one().code, "rate-limited");
  equal(bob?.take().length, 2);
  world.pass(1);
  for (let i = 0; i < 15; i++) alice?.say(Uint8Array.of(0)); // Each as dear as 64 bytes.
  equal(bob?.take().length, 15);
  equal(alice?.say(Uint8Array.of(0)).one().code, "rate-limited");
  for (let i = 0; i < 20; i++) alice?.say(Uint8Array.of(0));
  equal(alice?.closed, 4003);
});

Deno.test("what goes out for one network has a limit, as though each message went to one", () => {
  // 8 × (10 messages + 640 / 64 pieces of game data) at once.
  const world = new World({ messagesPerSecond: 1, messageBurst: 10, relayBytesPerSecond: 640 });
  const crowd = Array.from(
    { length: 9 },
    (_, index) => world.open(undefined, `2001:db8::${index}`),
  );
  for (const [index, client] of crowd.entries()) {
    client.say({ type: "join", room: "ABCD", from: `p${index}` });
  }
  world.pass(60);
  for (const client of crowd) client.take();
  const [host, one] = crowd;
  // To eight others each: the 20th makes the 160.
  for (let i = 0; i < 10; i++) host?.say(new Uint8Array(1));
  for (let i = 0; i < 9; i++) one?.say({ type: "broadcast" });
  one?.say(new Uint8Array(1));
  deepEqual(crowd.at(-1)?.take().length, 20);
  host?.say({ type: "ping" });
  equal(host?.say({ type: "ping" }).take().at(-1)?.code, "rate-limited");
  equal(world.open().say({ type: "ping" }).one().type, "pong");
  world.pass(1);
  equal(host?.say({ type: "ping" }).one().type, "pong");
});

Deno.test("a long frame counts once more for each KiB", () => {
  const world = new World({ messagesPerSecond: 1, messageBurst: 10, relayBytesPerSecond: 64 });
  const [alice, bob] = [world.open(undefined, "192.0.2.1"), world.open(undefined, "192.0.2.2")];
  for (const client of [alice, bob]) client.say({ type: "join", room: "ABCD" });
  world.pass(60);
  // The 88 of the burst are gone with the second, which makes the debt.
  for (let i = 0; i < 3; i++) alice.say({ type: "broadcast", payload: "x".repeat(60_000) });
  equal(bob.take().filter(({ type }) => type === "broadcast").length, 2);
  equal(alice.take().at(-1)?.code, "rate-limited");
});

Deno.test("room-full and too-many-rooms: the last one fits; a freed place is free", () => {
  const world = new World({ peersPerRoom: 2, rooms: 2 });
  const [alice] = world.room("A", "alice", "bob");
  equal(world.open().join("A", "carol").code, "room-full");
  const [dave] = world.room("B", "dave");
  equal(world.open().join("C").code, "too-many-rooms");
  equal(world.open().say({ type: "create" }).one().code, "too-many-rooms");
  alice?.close();
  equal(world.open().join("A", "carol").type, "joined");
  dave?.close();
  equal(world.open().join("C").type, "joined");
});

Deno.test("a slow reader is away at the first byte too many, and nobody else is", () => {
  const world = new World({ sendBufferBytes: 1_000 });
  const [alice, slow, bob] = world.room("ABCD", "alice", "slow", "bob") as [Client, Client, Client];
  slow.waiting = 1_000;
  alice.say({ type: "broadcast" });
  equal(slow.closed, undefined);
  slow.waiting = 1_001;
  alice.say({ type: "broadcast" });
  deepEqual([slow.closed, slow.take().at(-1)?.code], [4004, "queue-overflow"]);
  deepEqual(bob.take().map(({ type }) => type), ["broadcast", "broadcast", "peer-away"]);
  equal(alice.one().type, "peer-away");
});

Deno.test("readers that overflow from hearing of each other all end, once", () => {
  const world = new World();
  const clients = world.room("ABCD", ..."abcdefgh");
  clients.slice(1).forEach((client) => client.waiting = 1e9);
  clients[0]?.say({ type: "broadcast" });
  deepEqual(clients.map(({ closed }) => closed), [undefined, ...Array(7).fill(4004)]);
  equal(world.hub.stats().peersAway, 7);
});

Deno.test("join-timeout: a millisecond before, one can join; after, the connection ends", () => {
  const world = new World({ joinSeconds: 5 });
  const quick = world.open();
  const slow = world.open();
  world.pass(4.999);
  quick.join("ABCD");
  world.pass(0.001);
  deepEqual([slow.one().code, slow.closed], ["join-timeout", 4002]);
  world.pass(100);
  equal(quick.closed, undefined);
});

Deno.test("drain: each is told a time of its own, between once and twice", () => {
  const world = new World();
  const clients = world.room("ABCD", ..."abcdefgh");
  world.hub.drain(100, world.now);
  const times = clients.map((client) => client.one().retryAfter);
  ok(times.every((time) => time >= 100 && time <= 200) && new Set(times).size > 4, `${times}`);
  equal(world.open().one().code, "draining");
  deepEqual([world.hub.stats().rooms, world.hub.deadline()], [0, Infinity]);
});

Deno.test("disconnect ends a subject's connections and the places it is away from", () => {
  const world = new World();
  const [first, second, waiting] = [1, 2, 3].map(() => world.open("good.alice"));
  first?.join("A");
  second?.join("B");
  second?.drop();
  const bob = world.open("good.bob");
  bob.join("A");
  equal(world.hub.disconnect("user.alice", "disconnected", "Bye.", world.now), 2);
  deepEqual([first?.closed, waiting?.closed, bob.closed], [4008, 4008, undefined]);
  deepEqual([world.hub.stats().peers, world.hub.stats().rooms], [1, 1]);
});

Deno.test("lifted limits lift everything and arm no timer", () => {
  const world = new World({
    maxMessageBytes: Infinity,
    messagesPerSecond: Infinity,
    messageBurst: Infinity,
    relayBytesPerSecond: Infinity,
    joinSeconds: Infinity,
    resumeSeconds: Infinity,
    idleSeconds: Infinity,
    sendBufferBytes: Infinity,
  });
  const alice = world.open();
  equal(alice.join("ABCD", "alice").limits.maxMessageBytes, null);
  for (let i = 0; i < 1_000; i++) alice.say({ type: "broadcast" }).say(Uint8Array.of(0));
  deepEqual(alice.take(), []);
  alice.drop();
  equal(world.hub.deadline(), Infinity);
});

Deno.test("events and errors hold no token, password or payload", () => {
  const world = new World();
  const alice = world.open();
  const { resume } = alice.join("ABCD", "alice", { password: "sesame" });
  alice.say({ type: "broadcast", payload: "private" }).drop();
  world.open().say({ type: "resume", resume, seq: 1 });
  world.open().join("ABCD", "bob", { password: "guess" });
  const log = JSON.stringify(world.events);
  for (const secret of [resume, "sesame", "private", 'guess"']) ok(!log.includes(secret));
});

Deno.test("ice: new credentials come at three quarters of the life of the old ones", () => {
  const world = new World();
  world.credentialSeconds = 3_600;
  const [alice, bob] = world.room("ABCD", "alice", "bob") as [Client, Client];
  world.pass(1_000);
  bob.say({ type: "ice" }).take();
  world.pass(1_699.999);
  deepEqual([alice.take(), bob.take()], [[], []]);
  world.pass(0.001);
  deepEqual(briefs(alice), [{
    type: "ice",
    iceServers: [{ urls: "stun:game.example", username: "guest.ABCD.alice/ABCD" }],
    iceExpiresAt: 7,
    seq: 3,
  }]);
  deepEqual(bob.take(), []);
  world.pass(1_000);
  equal(bob.one().type, "ice");
  alice.close();
  bob.close();
  equal(world.hub.deadline(), Infinity);
});

Deno.test("ice: credentials that never hold are renewed every ten seconds at most", () => {
  const world = new World();
  world.credentialSeconds = -1;
  const [alice] = world.room("ABCD", "alice") as [Client];
  world.pass(30);
  equal(alice.take().length, 3);
});

Deno.test("pushIce: every peer that is here hears it, with `restart` where the address changed", () => {
  const world = new World();
  const [alice, bob, carol] = world.room("ABCD", "alice", "bob", "carol") as Client[];
  const waiting = world.open();
  bob?.drop();
  alice?.take();
  carol?.take();
  world.hub.pushIce("address-changed", world.now);
  const hint = { type: "ice", restart: true };
  for (const client of [alice, carol]) {
    const { type, restart } = client?.one() ?? {};
    deepEqual({ type, restart }, hint);
  }
  const { subject } = world.hub.present().find(({ id }) => id === "alice") ?? {};
  world.hub.pushIce("credentials-ended", world.now, subject);
  equal(alice?.one()["restart"], true);
  deepEqual(carol?.take(), []);
  world.hub.pushIce("expiring", world.now);
  equal("restart" in (alice?.one() ?? {}), false);
  deepEqual([bob?.take(), waiting.take()], [[], []]);
});

Deno.test("after a change of the server's address lost places are kept for five minutes", () => {
  const world = new World();
  const [alice, bob, carol, dave] = world.room("ABCD", "alice", "bob", "carol", "dave") as Client[];
  bob?.drop();
  world.pass(29);
  world.hub.pushIce("address-changed", world.now);
  world.pass(10);
  carol?.drop();
  alice?.take();
  world.pass(289.9);
  dave?.drop();
  deepEqual(alice?.take().map(({ type, id }) => `${type} ${id}`), ["peer-away dave"]);
  world.pass(0.1);
  deepEqual(alice?.take().map(({ type, id }) => `${type} ${id}`), [
    "peer-left bob",
    "peer-left carol",
  ]);
  world.pass(30);
  deepEqual(alice?.take().map(({ type, id }) => `${type} ${id}`), ["peer-left dave"]);
});

Deno.test("other ICE servers for another reason keep no place longer", () => {
  const world = new World();
  const [alice, bob] = world.room("ABCD", "alice", "bob") as Client[];
  bob?.drop();
  alice?.take();
  world.hub.pushIce("expiring", world.now);
  alice?.take();
  world.pass(30);
  equal(alice?.one().type, "peer-left");
});
