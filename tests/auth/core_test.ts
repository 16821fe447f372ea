import { deepEqual, equal, match, notEqual, ok, throws } from "node:assert/strict";
import { createHmac } from "node:crypto";
import fc from "fast-check";
import {
  Attempts,
  formatPhc,
  makeIceServers,
  parseHost,
  parsePassword,
  parsePhc,
  parseUserName,
  RateLimit,
} from "../../auth/core/mod.ts";
import { BoundedMap } from "../../auth/core/bounded_map.ts";

const HERE = "192.0.2.1";
const ELSEWHERE = "198.51.100.1";
const MINUTE = 60_000;

/** Fails `count` times, each as soon as it may. Returns when the last one was. */
function failTimes(attempts: Attempts, count: number, id: string, address: string, now = 0) {
  for (let done = 0; done < count;) {
    const decision = attempts.begin(id, address, now);
    if (decision.kind === "wait") now += decision.ms;
    else done++;
  }
  return now;
}

Deno.test("attempts: five failures of a name from a network are free, the sixth waits a second", () => {
  const attempts = new Attempts();
  for (let i = 0; i < 5; i++) equal(attempts.begin("alice", HERE, 0).kind, "go");
  deepEqual(attempts.begin("alice", HERE, 0), { kind: "wait", ms: 1_000 });
  deepEqual(attempts.begin("alice", HERE, 999), { kind: "wait", ms: 1 });
  equal(attempts.begin("alice", HERE, 1_000).kind, "go");
});

Deno.test("attempts: the delay doubles up to a quarter of an hour and stays there", () => {
  const attempts = new Attempts();
  const delays = [];
  let now = failTimes(attempts, 5, "alice", HERE);
  for (let i = 0; i < 13; i++) {
    const decision = attempts.begin("alice", HERE, now);
    if (decision.kind !== "wait") throw new Error("expected to wait");
    delays.push(decision.ms / 1000);
    now = failTimes(attempts, 1, "alice", HERE, now);
  }
  deepEqual(delays, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
});

Deno.test("attempts: being told to wait does not lengthen the wait", () => {
  const attempts = new Attempts();
  failTimes(attempts, 5, "alice", HERE);
  for (let i = 0; i < 100; i++) equal(attempts.begin("alice", HERE, 500).kind, "wait");
  equal(attempts.begin("alice", HERE, 1_000).kind, "go");
});

Deno.test("attempts: a success pardons the name from that network, and nobody else", () => {
  const attempts = new Attempts();
  failTimes(attempts, 4, "alice", HERE);
  failTimes(attempts, 5, "bob", HERE);
  const decision = attempts.begin("alice", HERE, 0);
  if (decision.kind !== "go") throw new Error("expected to go");
  attempts.succeeded(decision.attempt);
  for (let i = 0; i < 5; i++) equal(attempts.begin("alice", HERE, 0).kind, "go");
  equal(attempts.begin("bob", HERE, 0).kind, "wait");
});

Deno.test("attempts: one withdrawn was never made", () => {
  const attempts = new Attempts();
  for (let i = 0; i < 200; i++) {
    const decision = attempts.begin("alice", HERE, 0);
    if (decision.kind !== "go") throw new Error("expected to go");
    attempts.withdrawn(decision.attempt);
  }
});

Deno.test("attempts: many names from one network wait after thirty, a minute at most", () => {
  const attempts = new Attempts();
  for (let i = 0; i < 30; i++) equal(attempts.begin(`user${i}`, HERE, 0).kind, "go");
  deepEqual(attempts.begin("another", HERE, 0), { kind: "wait", ms: 1_000 });
  let now = 0;
  for (let i = 0; i < 20; i++) now = failTimes(attempts, 1, `more${i}`, HERE, now);
  deepEqual(attempts.begin("last", HERE, now), { kind: "wait", ms: MINUTE });
  equal(attempts.begin("last", ELSEWHERE, now).kind, "go");
});

Deno.test("attempts: a name under attack from everywhere still has a try from each new network", () => {
  const attempts = new Attempts();
  for (let i = 0; i < 50; i++) attempts.begin("alice", `203.0.113.${i}`, 0);
  equal(attempts.begin("alice", HERE, 0).kind, "go");
  equal(attempts.begin("alice", HERE, 0).kind, "wait", "but one, not five");
  equal(attempts.begin("bob", HERE, 0).kind, "go");
});

Deno.test("attempts: after an hour of quiet all is forgotten", () => {
  const attempts = new Attempts();
  const last = failTimes(attempts, 20, "alice", HERE);
  equal(attempts.begin("alice", HERE, last + 60 * MINUTE - 1).kind, "go");
  equal(attempts.begin("alice", HERE, last + 60 * MINUTE).kind, "wait");
  for (let i = 0; i < 5; i++) {
    equal(attempts.begin("alice", HERE, last + 120 * MINUTE).kind, "go");
  }
});

Deno.test("attempts: whatever others do elsewhere, the owner's first try goes", () => {
  const other = fc.record({
    id: fc.constantFrom("alice", "bob", ""),
    address: fc.integer({ min: 0, max: 255 }).map((n) => `203.0.113.${n}`),
    outcome: fc.constantFrom("failed", "succeeded", "withdrawn"),
    pause: fc.nat(5_000),
  });
  fc.assert(fc.property(fc.array(other, { maxLength: 300 }), (others) => {
    const attempts = new Attempts();
    let now = 0;
    for (const { id, address, outcome, pause } of others) {
      now += pause;
      const decision = attempts.begin(id, address, now);
      if (decision.kind === "go" && outcome !== "failed") attempts[outcome](decision.attempt);
    }
    equal(attempts.begin("alice", HERE, now).kind, "go");
  }));
});

Deno.test("attempts: what is remembered is bounded, and the oldest goes first", () => {
  const attempts = new Attempts();
  failTimes(attempts, 5, "alice", HERE);
  for (let i = 0; i < 19_999; i++) {
    attempts.begin("bob", `10.${i >> 16}.${i >> 8 & 255}.${i & 255}`, 0);
  }
  equal(attempts.begin("alice", HERE, 0).kind, "wait", "20,000 pairs fit");
  attempts.begin("bob", "11.0.0.1", 0);
  equal(attempts.begin("alice", HERE, 0).kind, "go", "one more pushes the oldest out");
});

Deno.test("rate limit: a burst, then one for each period", () => {
  const limit = new RateLimit({ burst: 2, perSecond: 0.5, keys: 10 });
  deepEqual([limit.take("a", 0), limit.take("a", 0), limit.take("a", 0)], [0, 0, 2_000]);
  deepEqual([limit.take("b", 0), limit.take("a", 1_999), limit.take("a", 2_000)], [0, 1, 0]);
  deepEqual([1, 2, 3].map(() => limit.take("a", 1e9)), [0, 0, 2_000], "never more than a burst");
});

Deno.test("a bounded map is full at its limit, and the key set longest ago makes room", () => {
  const map = new BoundedMap<number>(2);
  map.set("a", 1);
  map.set("b", 2);
  map.set("b", 3);
  deepEqual([map.get("a"), map.get("b"), map.size], [1, 3, 2], "a key set again takes no room");
  map.set("a", 4);
  map.set("c", 5);
  deepEqual([map.get("a"), map.get("b"), map.get("c"), map.size], [4, undefined, 5, 2]);
});

Deno.test("rate limit: keys are bounded, and the one not seen for longest goes first", () => {
  const limit = new RateLimit({ burst: 1, perSecond: 1, keys: 2 });
  limit.take("a", 0);
  limit.take("b", 0);
  notEqual(limit.take("a", 0), 0);
  limit.take("c", 0);
  equal(limit.take("a", 0), 0);
});

for (const name of ["a", "Alice", "0", "a-b_c", "x".repeat(32)]) {
  Deno.test(`name ${name} is one`, () => equal(parseUserName(name).kind, "ok"));
}
for (
  const name of ["", "_a", "-a", "a b", "a\n", "a\0", "x".repeat(33), "é", "ａ", "а", "a.b", "a/b"]
) {
  Deno.test(`name ${JSON.stringify(name)} is none`, () => equal(parseUserName(name).kind, "bad"));
}

Deno.test("password: from 8 characters to 1024 bytes", () => {
  equal(parsePassword("1234567").kind, "bad");
  equal(parsePassword("12345678").kind, "ok");
  equal(parsePassword("🔥".repeat(7)).kind, "bad", "characters, not UTF-16 units");
  equal(parsePassword("é".repeat(512)).kind, "ok");
  equal(parsePassword("é".repeat(512) + "e").kind, "bad", "bytes, not characters");
});

Deno.test("RFC 8265 §4.2: spaces become one kind, the rest NFC; case and width stay", () => {
  const prepared = (text: string) => {
    const parsed = parsePassword(text);
    return parsed.kind === "ok" ? parsed.value : parsed.message;
  };
  equal(prepared("cafe\u0301\u00a0\u3000\u2003au lait"), "caf\u00e9   au lait");
  equal(prepared("  Ｗide  "), "  Ｗide  ");
});

for (const [what, text] of [["a control", "12345678\0"], ["a lone surrogate", "12345678\ud800"]]) {
  Deno.test(`RFC 8264 §4.3: a password with ${what} is refused`, () => {
    equal(parsePassword(text ?? "").kind, "bad");
  });
}

Deno.test("a hash is stored with its cost, and read back the same", () => {
  const hash = { cost: { N: 2 ** 17, r: 8, p: 1 }, salt: bytes(16), hash: bytes(32) };
  const text = formatPhc(hash);
  ok(text.startsWith("$scrypt$ln=17,r=8,p=1$AAEC"), text);
  const read = parsePhc(text);
  deepEqual(read.cost, hash.cost);
  deepEqual([...read.salt], [...hash.salt]);
  deepEqual([...read.hash], [...hash.hash]);
});

Deno.test("a stored hash of another kind throws, and its text is not told", () => {
  for (const text of ["", "$argon2id$v=19$m=1$secret$secret", "$scrypt$ln=17,r=8,p=1$secret$"]) {
    throws(() => parsePhc(text), (error: Error) => !error.message.includes("secret"));
  }
});

function bytes(count: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, i) => i);
}

for (
  const [text, host] of [
    ["game.example", "game.example"],
    ["game.example:8080", "game.example"],
    ["Game.Example", "game.example"],
    ["my_box", "my_box"],
    ["192.0.2.1:80", "192.0.2.1"],
    ["[2001:DB8::1]:8080", "[2001:db8::1]"],
    ["2001:db8::1", "[2001:db8::1]"],
    ["::1", "[::1]"],
    ["localhost:8080", "127.0.0.1"],
    ["a".repeat(63) + ".b", "a".repeat(63) + ".b"],
    ["", undefined],
    ["a b", undefined],
    ["a@b", undefined],
    ["a/b", undefined],
    ["a?transport=tcp", undefined],
    ["a#b", undefined],
    ["a:b", undefined],
    ["a:123456", undefined],
    ["a..b", undefined],
    ["-a", undefined],
    ["a\r\nb", undefined],
    ["a\0", undefined],
    ["a%00", undefined],
    ["ä", undefined],
    ["[::1", undefined],
    ["[fe80::1%eth0]", undefined],
    ["[::1]x", undefined],
    ["256.1.1.1", undefined],
    ["1:2:3", undefined],
    ["a".repeat(64), undefined],
    [":".repeat(100_000), undefined],
    [`${"a.".repeat(126)}bb`, undefined],
  ] as const
) {
  Deno.test(`host ${JSON.stringify(text.slice(0, 80))} is ${host ?? "refused"}`, () => {
    equal(parseHost(text), host);
  });
}

Deno.test("ICE servers: a credential for a subject, signed with the first secret", () => {
  const host = parseHost("game.example");
  if (!host) throw new Error("a good host");
  const turn = { port: 3478, secrets: ["first", "second"], udp: true, tcp: true } as const;
  const made = makeIceServers(turn, "user.alice", host, 1_800_000_000_999);
  const username = "1800000000:user.alice";
  deepEqual(made, {
    iceServers: [
      { urls: ["stun:game.example:3478"] },
      {
        urls: [
          "turn:game.example:3478?transport=udp",
          "turn:game.example:3478?transport=tcp",
        ],
        username,
        credential: createHmac("sha1", "first").update(username).digest("base64"),
      },
    ],
    expiresAt: 1_800_000_000,
  });
});

Deno.test("ICE servers: in a room, the name that is signed tells which, and not its code", () => {
  const host = parseHost("game.example");
  if (!host) throw new Error("a good host");
  const turn = { port: 3478, secrets: ["first"], udp: true, tcp: false } as const;
  const relayIn = (room: string, subject = "user.alice") => {
    const { username = "", credential } =
      makeIceServers(turn, subject, host, 1_800_000_000_999, room).iceServers[1] ?? {};
    return { username, credential, label: username.split("/")[1] };
  };
  const { username, credential, label } = relayIn("ABCD");
  match(username, /^1800000000:user\.alice\/[\w-]{16}$/);
  equal(credential, createHmac("sha1", "first").update(username).digest("base64"));
  equal(relayIn("ABCD", "user.bob").label, label);
  notEqual(relayIn("EFGH").label, label);
  equal(username.includes("ABCD"), false);
});

Deno.test("ICE servers: only what listens is named", () => {
  const host = parseHost("::1");
  if (!host) throw new Error("a good host");
  const urls = (udp: boolean, tcp: boolean) =>
    makeIceServers({ port: 1, secrets: ["s"], udp, tcp }, "x", host, 0).iceServers
      .flatMap((server) => server.urls);
  deepEqual(urls(true, false), ["stun:[::1]:1", "turn:[::1]:1?transport=udp"]);
  deepEqual(urls(false, true), ["turn:[::1]:1?transport=tcp"]);
  deepEqual(urls(false, false), []);
  const overTls = makeIceServers(
    { port: 1, tlsPort: 443, secrets: ["s"], udp: false, tcp: true },
    "x",
    host,
    0,
  );
  deepEqual(overTls.iceServers.flatMap((server) => server.urls), [
    "turn:[::1]:1?transport=tcp",
    "turns:[::1]:443?transport=tcp",
  ]);
});
