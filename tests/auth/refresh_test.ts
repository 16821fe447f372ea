import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { decodeJwt } from "jose";
import { bearer, makeWorld, NOBODY, PASSWORD, post, type World } from "./world.ts";

const OWN = "http://hearth.example:8080";
const SECONDS = 1_000;
const DAY = 86_400 * SECONDS;

async function makeAlice(options: Parameters<typeof makeWorld>[0] = {}): Promise<World> {
  const world = await makeWorld(options);
  await world.auth.users.add("Alice", PASSWORD);
  return world;
}

interface Tokens {
  readonly token: string;
  readonly refreshToken: string;
}

async function logIn(world: World, from?: string): Promise<Tokens> {
  return await (await world.login("alice", PASSWORD, from)).json();
}

function turn(world: World, refreshToken: string): Promise<Response> {
  return world.call("/api/refresh", post({ refreshToken }));
}

async function turned(world: World, refreshToken: string): Promise<Tokens> {
  const response = await turn(world, refreshToken);
  equal(response.status, 200);
  return await response.json();
}

async function codeOf(response: Response): Promise<[number, string]> {
  return [response.status, (await response.json()).error.code];
}

function logOut(world: World, token: string, body?: unknown): Promise<Response> {
  const { headers } = bearer(token);
  const json = { ...headers, "Content-Type": "application/json" };
  return world.call(
    "/api/logout",
    body === undefined ? bearer(token, "POST") : { ...post(body), headers: json },
  );
}

async function holds(world: World, token: string): Promise<boolean> {
  return (await world.auth.authenticate(token)).kind === "player";
}

Deno.test("refresh: a client that is no page has the token in the body, and each is good for the next", async () => {
  await using world = await makeAlice();
  const response = await world.login("alice", PASSWORD);
  equal(response.headers.get("set-cookie"), null);
  const first = await response.json();
  match(first.refreshToken, /^[\w-]{43}$/);
  equal(first.refreshExpiresIn, 86_400);
  world.clock.ms += 20 * 60 * SECONDS;
  const second = await turned(world, first.refreshToken);
  notEqual(second.refreshToken, first.refreshToken);
  const third = await turned(world, second.refreshToken);
  ok(await holds(world, third.token));
  equal(decodeJwt(third.token)["sid"], decodeJwt(first.token)["sid"], "it is one session");
  notEqual(decodeJwt(third.token).jti, decodeJwt(first.token).jti);
});

Deno.test("refresh: a page of this server has it in a cookie that no script reads", async () => {
  await using world = await makeAlice();
  const login = post({ login: "alice", password: PASSWORD });
  const page = (headers: HeadersInit) => ({ ...login, headers: { ...headers, Origin: OWN } });
  const response = await world.call("/api/login", page({ "Content-Type": "application/json" }));
  const cookie = response.headers.get("set-cookie") ?? "";
  match(
    cookie,
    /^hearth-refresh=[\w-]{43}; Path=\/api; HttpOnly; SameSite=Strict; Max-Age=86400$/,
  );
  equal((await response.json()).refreshToken, undefined);

  const sent = { method: "POST", headers: { Origin: OWN, Cookie: cookie.split(";")[0] ?? "" } };
  const next = await world.call("/api/refresh", sent);
  equal(next.status, 200);
  const { token, refreshToken } = await next.json();
  equal(refreshToken, undefined);
  match(next.headers.get("set-cookie") ?? "", /^hearth-refresh=[\w-]{43}; /);
  notEqual(next.headers.get("set-cookie"), cookie);

  const headers = { ...bearer(token).headers, Origin: OWN };
  const out = await world.call("/api/logout", { method: "POST", headers });
  equal(out.status, 204);
  match(out.headers.get("set-cookie") ?? "", /^hearth-refresh=; .*Max-Age=0$/);
});

Deno.test("refresh: under TLS nobody else can have set the cookie", async () => {
  await using world = await makeAlice();
  const env = { remoteAddress: "192.0.2.1", secure: true };
  const ask = (path: string, init: RequestInit) =>
    world.auth.routes.request(`http://game.example${path}`, init, env);
  const own = { Origin: "https://game.example", "Content-Type": "application/json" };
  const login = { ...post({ login: "alice", password: PASSWORD }), headers: own };
  const cookie = (await ask("/api/login", login)).headers.get("set-cookie") ?? "";
  match(cookie, /^__Host-hearth-refresh=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Strict; /);
  const [pair = ""] = cookie.split(";");
  const plain = pair.replace("__Host-", "");
  const asked = (Cookie: string, Origin: string) =>
    ask("/api/refresh", { method: "POST", headers: { Origin, Cookie } });
  equal((await asked(plain, "https://game.example")).status, 401, "it is no cookie of ours");
  equal((await asked(pair, "http://game.example")).status, 403, "a page without TLS is not ours");
  equal((await asked(pair, "https://game.example")).status, 200);
});

Deno.test("refresh: an old token ends the session, its access tokens too, and that is noted", async () => {
  await using world = await makeAlice();
  const [stolen, other] = [await logIn(world), await logIn(world)];
  const second = await turned(world, stolen.refreshToken);
  const third = await turned(world, second.refreshToken);
  deepEqual(await codeOf(await turn(world, stolen.refreshToken)), [401, "unauthorized"]);
  for (const { token } of [stolen, second, third]) equal(await holds(world, token), false);
  equal((await turn(world, third.refreshToken)).status, 401);
  ok(await holds(world, other.token), "another login of the same account goes on");
  deepEqual(world.events.filter(({ kind }) => kind === "refresh-reused"), [
    { kind: "refresh-reused", subject: "user.alice", address: "192.0.2.1" },
  ]);
});

Deno.test("refresh: the last token but one is answered alike for ten seconds, for an answer may get lost", async () => {
  await using world = await makeAlice();
  const first = await logIn(world);
  const [one, two] = await Promise.all([
    turned(world, first.refreshToken),
    turned(world, first.refreshToken),
  ]);
  equal(one.refreshToken, two.refreshToken);
  world.clock.ms += 10 * SECONDS - 1;
  equal((await turned(world, first.refreshToken)).refreshToken, one.refreshToken);
  const { refreshToken } = await turned(world, one.refreshToken);
  world.clock.ms += 10 * SECONDS;
  deepEqual(await codeOf(await turn(world, one.refreshToken)), [401, "unauthorized"]);
  equal((await turn(world, refreshToken)).status, 401);
});

Deno.test("refresh: a session ends when nobody uses it, and lasts while somebody does", async () => {
  await using world = await makeAlice();
  let { refreshToken } = await logIn(world);
  for (let day = 0; day < 5; day++) {
    world.clock.ms += DAY - 1;
    ({ refreshToken } = await turned(world, refreshToken));
  }
  world.clock.ms += DAY;
  equal((await turn(world, refreshToken)).status, 401);
});

for (
  const [what, end] of [
    ["disabled", (world: World) => world.auth.users.disable("alice")],
    ["given a new password", (world: World) => world.auth.users.setPassword("alice", PASSWORD)],
    ["removed", (world: World) => world.auth.users.remove("alice")],
    ["banned", (world: World) => world.auth.users.ban("alice", 60)],
    ["logged out everywhere", (world: World) => world.auth.users.endSessions("alice")],
  ] as const
) {
  Deno.test(`refresh: for an account that is ${what} it is over, for good`, async () => {
    await using world = await makeAlice();
    const { refreshToken } = await logIn(world);
    equal((await end(world)).kind, "done");
    deepEqual(await codeOf(await turn(world, refreshToken)), [401, "unauthorized"]);
    world.auth.users.enable("alice");
    await world.auth.users.add("Alice", PASSWORD);
    equal((await turn(world, refreshToken)).status, 401);
  });
}

for (
  const [what, text] of [
    ["nothing", ""],
    ["a short one", "A".repeat(42)],
    ["a long one", "A".repeat(44)],
    ["a strange one", "A".repeat(43)],
    ["SQL", "' OR family IS NOT NULL --".padEnd(43, "-")],
    ["4 KiB", "A".repeat(4_000)],
  ] as const
) {
  Deno.test(`refresh: ${what} is 401 and ends nothing`, async () => {
    await using world = await makeAlice();
    const { token, refreshToken } = await logIn(world);
    deepEqual(await codeOf(await turn(world, text)), [401, "unauthorized"]);
    ok(await holds(world, token));
    await turned(world, refreshToken);
  });
}

Deno.test("refresh: an access token is no refresh token, nor the other way round", async () => {
  await using world = await makeAlice();
  const { token, refreshToken } = await logIn(world);
  equal((await turn(world, token)).status, 401);
  equal((await world.call("/api/refresh", bearer(token, "POST"))).status, 401);
  equal(await holds(world, refreshToken), false);
  equal((await world.call("/api/me", bearer(refreshToken))).status, 401);
});

Deno.test("refresh: what the database holds opens nothing", async () => {
  await using world = await makeAlice();
  const first = await logIn(world);
  const second = await turned(world, first.refreshToken);
  const database = new DatabaseSync(`${world.dataDir}/hearth.db`, { readOnly: true });
  const rows = database.prepare("SELECT * FROM sessions").all();
  database.close();
  const values = rows.flatMap((row) => Object.values(row)).map((value) =>
    value instanceof Uint8Array ? value.toBase64({ alphabet: "base64url" }) : String(value)
  );
  for (const secret of [first.refreshToken, second.refreshToken]) {
    for (const part of [secret, secret.slice(0, 21), secret.slice(22)]) {
      ok(!values.some((value) => value.includes(part)));
    }
  }
  for (const value of values) {
    equal((await turn(world, value.slice(0, 43))).status, 401);
  }
  ok(await holds(world, second.token));
});

Deno.test("logout: nothing said ends this session and no other; its refresh token with it", async () => {
  await using world = await makeAlice();
  const [here, there] = [await logIn(world), await logIn(world)];
  equal((await logOut(world, here.token)).status, 204);
  equal(await holds(world, here.token), false);
  equal((await turn(world, here.refreshToken)).status, 401);
  ok(await holds(world, there.token));
  equal((await logOut(world, here.token)).status, 401);
  deepEqual(world.events.filter(({ kind }) => kind === "sessions-ended"), []);
});

Deno.test("sessions: a player's own, the last used first; each can be ended from another", async () => {
  await using world = await makeAlice();
  await world.auth.users.add("bob", PASSWORD);
  const bobs = await world.token("bob");
  const laptop = await logIn(world, "198.51.100.7");
  world.clock.ms += SECONDS;
  const phone = await logIn(world);
  const listed = async (token: string) =>
    (await (await world.call("/api/sessions", bearer(token))).json()).sessions;
  const began = world.clock.ms;
  const [mine, other] = await listed(phone.token);
  deepEqual(mine, {
    id: decodeJwt(phone.token)["sid"],
    current: true,
    address: "192.0.2.1",
    beganAt: began,
    usedAt: began,
  });
  deepEqual([other.address, other.current], ["198.51.100.7", false]);
  deepEqual(await codeOf(await logOut(world, bobs, { session: other.id })), [
    404,
    "no-such-session",
  ]);
  equal((await logOut(world, phone.token, { session: other.id })).status, 204);
  equal(await holds(world, laptop.token), false);
  deepEqual((await listed(phone.token)).map(({ id }: { id: string }) => id), [mine.id]);
  deepEqual(await codeOf(await logOut(world, phone.token, { session: other.id })), [
    404,
    "no-such-session",
  ]);
});

Deno.test("sessions: an account has 32, and the one not used for longest makes room", async () => {
  await using world = await makeAlice();
  const tokens: Tokens[] = [];
  for (let i = 0; i < 32; i++) {
    tokens.push(await logIn(world));
    world.clock.ms += 1;
  }
  const [first, second] = tokens as [Tokens, Tokens];
  await turned(world, first.refreshToken);
  ok(await holds(world, second.token));
  await logIn(world);
  equal(await holds(world, second.token), false);
  ok(await holds(world, first.token));
});

Deno.test("sessions: the last ending is remembered, however many logins come after it", async () => {
  await using world = await makeAlice();
  const { token } = await logIn(world);
  await logOut(world, token);
  const ended = world.clock.ms;
  for (let i = 0; i < 33; i++) {
    world.clock.ms += SECONDS;
    await logIn(world);
  }
  const { dataDir, clock } = world;
  const revoked: string[] = [];
  const server = {
    presence: () => {
      throw new Error("nobody is here yet");
    },
    revokeRelay: (subject: string, at: number) => void revoked.push(`${subject} ${at}`),
    banRelay: () => {},
  };
  const restarted = await makeWorld({ dataDir, clock: () => clock.ms, server });
  deepEqual(revoked, [`user.alice ${ended}`]);
  restarted.auth.close();
});

Deno.test("refresh: 120 at once from one network, then one a second, and that is noted", async () => {
  await using world = await makeAlice();
  let { refreshToken } = await logIn(world);
  for (let i = 0; i < 120; i++) ({ refreshToken } = await turned(world, refreshToken));
  const refused = await turn(world, refreshToken);
  equal(refused.headers.get("retry-after"), "1");
  deepEqual(await codeOf(refused), [429, "rate-limited"]);
  equal(world.events.at(-1)?.kind, "refresh-limited");
  const elsewhere = await world.call("/api/refresh", post({ refreshToken }), "192.0.2.2");
  equal(elsewhere.status, 200);
  world.clock.ms += SECONDS;
  await turned(world, (await elsewhere.json()).refreshToken);
});

Deno.test("a login that is ended has its connections and TURN credentials ended, after a restart too", async () => {
  const done: string[] = [];
  const server = (marks: string[]) => ({
    presence: () => ({
      ...NOBODY,
      disconnectSession: (session: string, code: string) => void marks.push(`${session} ${code}`),
      renewIce: (subject: string) => void marks.push(`${subject} renewed`),
    }),
    revokeRelay: (subject: string, at: number) => void marks.push(`${subject} ${at}`),
    banRelay: () => {},
  });
  await using world = await makeAlice({ server: server(done) });
  const [one, two] = [await logIn(world), await logIn(world)];
  const sid = (token: string) => decodeJwt(token)["sid"];
  await logOut(world, one.token);
  const loggedOut = world.clock.ms;
  deepEqual(done.splice(0), [
    `${sid(one.token)} disconnected`,
    `user.alice ${loggedOut}`,
    "user.alice renewed",
  ]);

  const later = await turned(world, two.refreshToken);
  world.clock.ms += 60 * SECONDS;
  await turn(world, two.refreshToken);
  deepEqual(done.splice(0), [
    `${sid(later.token)} disconnected`,
    `user.alice ${world.clock.ms}`,
    "user.alice renewed",
  ]);

  const again: string[] = [];
  const { dataDir, clock } = world;
  const restarted = await makeWorld({ dataDir, clock: () => clock.ms, server: server(again) });
  deepEqual(again, [`user.alice ${world.clock.ms}`]);
  restarted.auth.close();
});

Deno.test("with the database locked no login nor refresh is acknowledged, and nothing is lost", async () => {
  await using world = await makeAlice();
  const { token, refreshToken } = await logIn(world);
  const other = new DatabaseSync(`${world.dataDir}/hearth.db`);
  other.exec("BEGIN IMMEDIATE");
  const answers = await Promise.all([
    world.login("alice", PASSWORD),
    turn(world, refreshToken),
  ]);
  for (const answer of answers) deepEqual(await codeOf(answer), [503, "storage-failed"]);
  other.close();
  ok(await holds(world, token));
  await turned(world, refreshToken);
});
