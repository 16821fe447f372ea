import { deepEqual, equal, match, ok } from "node:assert/strict";
import { calculateJwkThumbprint, createLocalJWKSet, decodeJwt, jwtVerify } from "jose";
import { openAuth } from "../../auth/mod.ts";
import { bearer, makeWorld, PASSWORD, post } from "./world.ts";

const SUBJECT = "user.alice";
const JSON_TYPE = { "Content-Type": "application/json" };

async function makeAlice(options: Parameters<typeof makeWorld>[0] = {}) {
  const world = await makeWorld(options);
  await world.auth.users.add("Alice", PASSWORD);
  return world;
}

async function codeOf(response: Response): Promise<[number, string]> {
  return [response.status, (await response.json()).error.code];
}

Deno.test("login: a token, its life, the user and ICE servers, and nothing may keep them", async () => {
  await using world = await makeAlice();
  const response = await world.login("aLiCe", PASSWORD);
  equal(response.status, 200);
  equal(response.headers.get("cache-control"), "no-store");
  const { token, expiresIn, user, iceServers, expiresAt } = await response.json();
  equal(expiresIn, 3_600);
  deepEqual(user, { id: "alice", name: "Alice" });
  equal(expiresAt, (world.clock.ms + 7_200_000) / 1000);
  deepEqual(iceServers[0], { urls: ["stun:hearth.example:3478"] });
  equal(iceServers[1].username, `${expiresAt}:${SUBJECT}`);
  deepEqual(await world.auth.authenticate(token), {
    kind: "player",
    player: { subject: SUBJECT, id: "alice", name: "Alice", session: decodeJwt(token)["sid"] },
  });
});

Deno.test("a game's own back end verifies a token with the public keys alone", async () => {
  await using world = await makeAlice();
  const token = await world.token("alice");
  const response = await world.call("/.well-known/jwks.json");
  equal(response.headers.get("cache-control"), "public, max-age=300");
  const jwks = await response.json();
  deepEqual(Object.keys(jwks.keys[0]).sort(), ["alg", "crv", "kid", "kty", "use", "x"]);
  const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(jwks), {
    issuer: "hearth",
    audience: "game",
    algorithms: ["EdDSA"],
    currentDate: new Date(world.clock.ms),
  });
  const now = world.clock.ms / 1000;
  equal(payload.sub, SUBJECT);
  equal(payload["name"], "Alice");
  deepEqual([payload.iat, payload.exp], [now, now + 3_600]);
  match(payload.jti ?? "", /^[\da-f-]{36}$/);
  equal(protectedHeader.kid, await calculateJwkThumbprint(jwks.keys[0]), "RFC 7638");
});

Deno.test("login: an unknown name, a wrong password and a disabled account look the same", async () => {
  await using world = await makeAlice();
  await world.auth.users.add("bob", PASSWORD);
  world.auth.users.disable("bob");
  const answers = [];
  for (
    const [login, password] of [
      ["alice", "battery staple"],
      ["nobody", PASSWORD],
      ["bob", PASSWORD],
      ["bob", "battery staple"],
      ["no such name!", PASSWORD],
      ["alice", "short"],
    ] as const
  ) {
    const response = await world.login(login, password);
    answers.push(JSON.stringify([response.status, [...response.headers], await response.text()]));
  }
  equal(new Set(answers).size, 1, answers.join("\n"));
  match(answers[0] ?? "", /^\[401,/);
  deepEqual(
    world.events.filter((event) => event.kind === "login-refused").map((event) => event.subject),
    [SUBJECT, undefined, "user.bob", "user.bob", undefined, undefined],
  );
});

Deno.test("login: the sixth failure in a row is told how long to wait, even with the right password", async () => {
  await using world = await makeAlice();
  for (let i = 0; i < 5; i++) equal((await world.login("alice", "battery staple")).status, 401);
  const limited = await world.login("alice", PASSWORD);
  equal(limited.headers.get("retry-after"), "1");
  deepEqual(await codeOf(limited), [429, "rate-limited"]);
  equal((await world.login("alice", PASSWORD, "198.51.100.7")).status, 200, "from elsewhere");
  world.clock.ms += 1_000;
  equal((await world.login("alice", PASSWORD)).status, 200);
});

Deno.test("login: addresses of one IPv6 /64 count as one", async () => {
  await using world = await makeAlice();
  for (let i = 1; i <= 5; i++) await world.login("alice", "battery staple", `2001:db8::${i}`);
  equal((await world.login("alice", PASSWORD, "2001:db8::ffff")).status, 429);
  equal((await world.login("alice", PASSWORD, "2001:db8:0:1::1")).status, 200);
});

Deno.test("login: with limits off nobody waits", async () => {
  await using world = await makeAlice({ limits: "off" });
  for (let i = 0; i < 40; i++) equal((await world.login("alice", "battery staple")).status, 401);
  for (let i = 0; i < 40; i++) equal((await world.call("/api/ice")).status, 200);
});

Deno.test("login: with all hashing places taken it is 503, and does not count as a try", async () => {
  // A cost at which eighteen hashes outlast one request by far.
  await using world = await makeAlice({ cost: { N: 2 ** 14, r: 8, p: 1 } });
  const others = Array.from({ length: 18 }, (_, i) => world.auth.users.add(`user${i}`, PASSWORD));
  for (let i = 0; i < 7; i++) {
    const busy = await world.login("alice", PASSWORD);
    equal(busy.headers.get("retry-after"), "2");
    deepEqual(await codeOf(busy), [503, "busy"]);
  }
  ok((await Promise.all(others)).every((change) => change.kind === "done"));
  equal((await world.login("alice", PASSWORD)).status, 200);
});

Deno.test("me: the bearer's account; without a token 401 with a challenge", async () => {
  await using world = await makeAlice({ realm: 'a "b"' });
  const me = await world.call("/api/me", bearer(await world.token("alice")));
  deepEqual(await me.json(), { user: { id: "alice", name: "Alice" } });
  const without = await world.call("/api/me");
  equal(without.headers.get("www-authenticate"), 'Bearer realm="a \\"b\\""');
  deepEqual(await codeOf(without), [401, "unauthorized"]);
  const bad = await world.call("/api/me", bearer("a.b.c"));
  match(bad.headers.get("www-authenticate") ?? "", /, error="invalid_token"$/);
});

Deno.test("a realm that a header cannot carry does not keep a 401 from being said", async () => {
  await using world = await makeWorld({ realm: "игра\r\n" });
  const response = await world.call("/api/me");
  deepEqual([response.status, response.headers.get("www-authenticate")], [
    401,
    'Bearer realm="??????"',
  ]);
  await response.body?.cancel();
});

Deno.test("login: the right password never counts, however often it is sent", async () => {
  await using world = await makeAlice();
  for (let i = 0; i < 40; i++) equal((await world.login("alice", PASSWORD)).status, 200);
});

Deno.test("a token ends with its life, to the second", async () => {
  await using world = await makeAlice();
  const token = await world.token("alice");
  world.clock.ms += 3_599_000;
  equal((await world.call("/api/me", bearer(token))).status, 200);
  world.clock.ms += 1_000;
  deepEqual(await codeOf(await world.call("/api/me", bearer(token))), [401, "token-expired"]);
});

Deno.test("logout of all ends every session of the bearer at once, and nobody else's", async () => {
  await using world = await makeAlice();
  await world.auth.users.add("bob", PASSWORD);
  const [one, two, bobs] = [
    await world.token("alice"),
    await world.token("alice"),
    await world.token("bob"),
  ];
  const everywhere = { ...post({ all: true }), headers: { ...JSON_TYPE, ...bearer(one).headers } };
  const response = await world.call("/api/logout", everywhere);
  deepEqual([response.status, await response.text()], [204, ""]);
  for (const token of [one, two]) {
    deepEqual(await world.auth.authenticate(token), {
      kind: "refused",
      code: "unauthorized",
      message: "This session has ended: log in again.",
    });
  }
  equal((await world.call("/api/logout", bearer(one, "POST"))).status, 401);
  equal((await world.auth.authenticate(bobs)).kind, "player");
  deepEqual(
    world.events.filter((event) => event.kind === "sessions-ended"),
    [{ kind: "sessions-ended", subject: SUBJECT }],
  );
  equal((await world.auth.authenticate(await world.token("alice"))).kind, "player");
});

Deno.test("disabling, a new password and removal refuse the old tokens, for good", async () => {
  await using world = await makeAlice();
  const { users } = world.auth;
  const changes = [
    () => users.disable("alice"),
    () => users.setPassword("alice", PASSWORD),
    () => users.remove("alice"),
  ];
  for (const change of changes) {
    const token = await world.token("alice");
    equal((await change()).kind, "done");
    equal((await world.auth.authenticate(token)).kind, "refused");
    users.enable("alice");
    await users.add("Alice", PASSWORD);
    equal((await world.auth.authenticate(token)).kind, "refused", "not even when back");
  }
});

Deno.test("logout: with the database locked it is 503, and the session holds", async () => {
  await using world = await makeAlice();
  const token = await world.token("alice");
  const { DatabaseSync } = await import("node:sqlite");
  const other = new DatabaseSync(`${world.dataDir}/hearth.db`);
  other.exec("BEGIN IMMEDIATE");
  deepEqual(
    await codeOf(await world.call("/api/logout", bearer(token, "POST"))),
    [503, "storage-failed"],
  );
  other.close();
  equal((await world.auth.authenticate(token)).kind, "player");
});

Deno.test("ice: the bearer's, by the name the player reached us", async () => {
  await using world = await makeAlice();
  const request = bearer(await world.token("alice"));
  const response = await world.call("/api/ice", request);
  equal(response.headers.get("cache-control"), "no-store");
  const { iceServers, expiresAt } = await response.json();
  equal(iceServers[1].username, `${expiresAt}:${SUBJECT}`);
  deepEqual(iceServers, world.auth.iceServers(SUBJECT, "hearth.example:8080").iceServers);
});

Deno.test("ice: in open mode a guest has some too, each with a subject of its own", async () => {
  await using world = await makeAlice();
  const subjects = new Set<string>();
  for (let i = 0; i < 30; i++) {
    const { iceServers } = await (await world.call("/api/ice")).json();
    const subject = iceServers[1].username.split(":")[1];
    match(subject, /^guest\.-\.[\da-f]{16}$/);
    subjects.add(subject);
  }
  equal(subjects.size, 30);
  const limited = await world.call("/api/ice");
  equal(limited.headers.get("retry-after"), "2");
  deepEqual(await codeOf(limited), [429, "rate-limited"]);
  equal((await world.call("/api/ice", {}, "192.0.2.2")).status, 200);
  const token = await world.token("alice");
  equal((await world.call("/api/ice", bearer(token))).status, 200, "players are not guests");
});

Deno.test("GET /api/ice tells the relay's IPv6 address as it is now, where there is one", async () => {
  let ipv6: string | undefined = "2001:db8::7";
  const turn = { port: 3478, secrets: ["secret"] as [string], udp: true, tcp: true };
  await using world = await makeAlice({ turn: { ...turn, ipv6: () => ipv6 } });
  const asked = async (init?: RequestInit) => (await (await world.call("/api/ice", init)).json());
  equal((await asked()).ipv6, "2001:db8::7");
  equal((await asked(bearer(await world.token("alice")))).ipv6, "2001:db8::7");
  ipv6 = undefined;
  equal("ipv6" in await asked(), false);
});

Deno.test("ice: where a token is required a guest has none, and a bad token never makes a guest", async () => {
  await using required = await makeAlice({ auth: "required" });
  equal((await required.call("/api/ice")).status, 401);
  equal((await required.call("/api/ice", bearer(await required.token("alice")))).status, 200);
  await using open = await makeAlice();
  equal((await open.call("/api/ice", bearer("a.b.c"))).status, 401);
  equal((await open.call("/api/ice", { headers: { Authorization: "Basic YTpi" } })).status, 401);
});

Deno.test("ice: a public host stands for whatever name was used; a bad host gives none", async () => {
  const turn = { port: 3478, secrets: ["secret"], udp: true, tcp: true } as const;
  await using world = await makeWorld({ turn: { ...turn, publicHost: "2001:db8::1" } });
  for (const host of ["game.example", "not a host"]) {
    deepEqual(world.auth.iceServers("x", host).iceServers[0]?.urls, ["stun:[2001:db8::1]:3478"]);
  }
  await using plain = await makeWorld();
  deepEqual(plain.auth.iceServers("x", "not a host").iceServers, []);
});

Deno.test("open: a public host that is none stops the start", async () => {
  const result = await openAuth({
    dataDir: "/nowhere",
    realm: "game",
    auth: "open",
    registration: "closed",
    tokenLifeSeconds: 1,
    sessionLifeSeconds: 1,
    credentialLifeSeconds: 1,
    turn: { port: 1, secrets: ["s"], udp: true, tcp: true, publicHost: "a b" },
    origins: [],
    limits: "on",
    clock: () => 0,
    monotonic: () => 0,
    note: () => {},
  });
  equal(result.kind === "failed" && result.code, "bad-option");
});

for (
  const [path, method, allow] of [
    ["/api/login", "GET", "POST"],
    ["/api/login", "HEAD", "POST"],
    ["/api/login", "PUT", "POST"],
    ["/api/refresh", "GET", "POST"],
    ["/api/logout", "DELETE", "POST"],
    ["/api/me", "POST", "GET, HEAD"],
    ["/api/ice", "POST", "GET, HEAD"],
    ["/.well-known/jwks.json", "POST", "GET, HEAD"],
  ] as const
) {
  Deno.test(`${method} ${path} is 405, and Allow says ${allow}`, async () => {
    await using world = await makeWorld();
    const response = await world.call(path, { method });
    deepEqual([response.status, response.headers.get("allow")], [405, allow]);
    await response.body?.cancel();
  });
}

for (
  const [body, position] of [
    ["", 0],
    ["{", 1],
    ['{"login":"alice",}', 17],
    ['{"login":"alice" "password":"x"}', 17],
    ["abc", 0],
    ["{} x", 3],
    ["{/**/}", 1],
    ["[".repeat(4096), 4096],
  ] as const
) {
  Deno.test(`JSON that is none is 400 with the position: ${body.slice(0, 40)}`, async () => {
    await using world = await makeWorld();
    const response = await world.call("/api/login", { ...post(0), body });
    const { error } = await response.json();
    deepEqual([response.status, error.code], [400, "bad-json"]);
    equal(error.message, `The body is not JSON: an error at position ${position}.`);
  });
}

function stream(bytes: number): ReadableStream<Uint8Array> {
  const piece = new Uint8Array(512).fill(0x20);
  let left = bytes;
  return new ReadableStream({
    pull(controller) {
      if (left === 0) return controller.close();
      controller.enqueue(piece.subarray(0, Math.min(left, 512)));
      left -= Math.min(left, 512);
    },
  });
}

Deno.test("a body of 4 KiB passes, one byte more is 413, with its length told or not", async () => {
  await using world = await makeAlice();
  const credentials = JSON.stringify({ login: "alice", password: PASSWORD });
  const fits = { ...post(0), body: credentials.padEnd(4_096) };
  equal((await world.call("/api/login", fits)).status, 200);
  const told = { ...post(0), body: credentials.padEnd(4_097) };
  deepEqual(await codeOf(await world.call("/api/login", told)), [413, "too-large"]);
  const untold = (bytes: number) => ({ ...post(0), body: stream(bytes) });
  deepEqual(await codeOf(await world.call("/api/login", untold(4_097))), [413, "too-large"]);
  deepEqual(await codeOf(await world.call("/api/login", untold(4_096))), [400, "bad-json"]);
  deepEqual(
    await codeOf(await world.call("/api/logout", { ...post(0), body: stream(5_000) })),
    [413, "too-large"],
  );
});

function preflight(origin: string): RequestInit {
  return {
    method: "OPTIONS",
    headers: {
      Origin: origin,
      "Access-Control-Request-Method": "POST",
      "Access-Control-Request-Headers": "content-type",
    },
  };
}

Deno.test("CORS: a configured origin may call, and is told so before and after", async () => {
  await using world = await makeAlice({ origins: ["https://game.example"] });
  const before = await world.call("/api/login", preflight("https://game.example"));
  equal(before.status, 204);
  equal(before.headers.get("access-control-allow-origin"), "https://game.example");
  match(before.headers.get("access-control-allow-headers") ?? "", /content-type/i);
  match(before.headers.get("access-control-allow-methods") ?? "", /POST/);
  equal(before.headers.get("access-control-allow-credentials"), null);
  const headers = { "Content-Type": "application/json", Origin: "https://game.example" };
  const login = { ...post({ login: "alice", password: PASSWORD }), headers };
  const after = await world.call("/api/login", login);
  equal(after.headers.get("access-control-allow-origin"), "https://game.example");
  match(after.headers.get("vary") ?? "", /origin/i);
});

for (
  const origin of [
    "https://evil.example",
    "null",
    "http://game.example",
    "https://game.example.evil.example",
    "https://game.example:8443",
    "https://GAME.example@evil.example",
  ]
) {
  Deno.test(`CORS: ${origin} is told of no right`, async () => {
    await using world = await makeAlice({ origins: ["https://game.example"] });
    const before = await world.call("/api/login", preflight(origin));
    equal(before.headers.get("access-control-allow-origin"), null);
    const me = await world.call("/api/me", { headers: { Origin: origin } });
    equal(me.headers.get("access-control-allow-origin"), null);
  });
}
