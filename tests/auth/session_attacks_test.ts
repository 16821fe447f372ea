/** What strangers try with sessions, cookies, roles and sockets, one line each, as in `attacks_test.ts`. */
import { deepEqual, equal, notEqual, ok } from "node:assert/strict";
import { readHandshake } from "../../signaling/handshake.ts";
import { bearer, makeWorld, PASSWORD, post, type World } from "./world.ts";

const HOST = "hearth.example:8080";
const OWN = `http://${HOST}`;
const ALICE = { login: "alice", password: PASSWORD };
const JSON_TYPE = { "Content-Type": "application/json" };

async function makeAlice(options: Parameters<typeof makeWorld>[0] = {}): Promise<World> {
  const world = await makeWorld(options);
  await world.auth.users.add("host", PASSWORD);
  await world.auth.users.add("alice", PASSWORD);
  return world;
}

/** Logs alice in on a page of this server; its cookie, `name=token`. */
async function logInByPage(world: World, headers: Record<string, string> = {}): Promise<string> {
  const request = { ...post(ALICE), headers: { ...JSON_TYPE, Origin: OWN, ...headers } };
  const response = await world.call("/api/login", request);
  return response.headers.get("set-cookie")?.split(";")[0] ?? "";
}

function refreshByPage(world: World, cookie: string, more: Record<string, string> = {}) {
  const headers = { Origin: OWN, Cookie: cookie, ...more };
  return world.call("/api/refresh", { method: "POST", headers });
}

/** What a page elsewhere can make alice's browser send along with her cookie. */
const forgeries: readonly (readonly [string, Record<string, string>])[] = [
  ["another site", { Origin: "https://evil.example" }],
  ["a sandboxed frame", { Origin: "null" }],
  ["nowhere", {}],
  ["nowhere, with an empty Origin", { Origin: "" }],
  ["our own page by its Referer alone", { Referer: `${OWN}/` }],
  ["the same host on another port", { Origin: "http://hearth.example:8081" }],
  ["the same host on the usual port", { Origin: "http://hearth.example" }],
  ["a subdomain", { Origin: "http://game.hearth.example:8080" }],
  ["the parent domain", { Origin: "http://example:8080" }],
  ["a site with our name in front", { Origin: "http://hearth.example.evil.example:8080" }],
  ["a site with our name at its end", { Origin: "http://evilhearth.example:8080" }],
  ["a site with our name as user", { Origin: `http://${HOST}@evil.example` }],
  ["another scheme", { Origin: `ftp://${HOST}` }],
  ["an extension", { Origin: "chrome-extension://abcdefghijklmnop" }],
  ["two origins", { Origin: `${OWN}, https://evil.example` }],
  ["another site, fetch metadata made up", {
    Origin: "https://evil.example",
    "Sec-Fetch-Site": "same-origin",
  }],
  ["another site, host forwarded", {
    Origin: "https://evil.example",
    "X-Forwarded-Host": "evil.example",
    Forwarded: "host=evil.example",
  }],
];

for (const [from, headers] of forgeries) {
  Deno.test(`attack: a cross-site refresh from ${from}`, async () => {
    await using world = await makeAlice();
    const cookie = await logInByPage(world);
    const request = { method: "POST", headers: { Cookie: cookie, ...headers } };
    const response = await world.call("/api/refresh", request);
    equal(response.status, 403);
    equal((await response.json()).error.code, "origin-refused");
    equal((await refreshByPage(world, cookie)).status, 200, "her own page's cookie still serves");
  });
}

for (const origin of ["https://evil.example", "null", "*"]) {
  Deno.test(`attack: a page of ${origin} reads an answer`, async () => {
    await using world = await makeAlice({ origins: ["https://game.example"] });
    for (const method of ["GET", "OPTIONS"]) {
      const headers = { Origin: origin, "Access-Control-Request-Method": "POST" };
      const response = await world.call("/api/me", { method, headers });
      equal(response.headers.get("access-control-allow-origin"), null);
      equal(response.headers.get("access-control-allow-credentials"), null);
    }
  });
}

Deno.test("attack: a page of a listed origin uses the cookie", async () => {
  await using world = await makeAlice({ origins: ["https://game.example"] });
  const cookie = await logInByPage(world);
  const response = await refreshByPage(world, cookie, { Origin: "https://game.example" });
  equal(response.status, 403);
  equal(response.headers.get("access-control-allow-credentials"), null);
});

Deno.test("attack: a session fixed before the login is not the one after it", async () => {
  await using world = await makeAlice();
  await world.auth.users.add("mallory", PASSWORD);
  const planted = await logInByPage(world);
  const cookie = await logInByPage(world, { Cookie: planted });
  notEqual(cookie, planted);
  const mine = await (await refreshByPage(world, planted)).json();
  const hers = await (await refreshByPage(world, cookie)).json();
  equal((await world.call("/api/logout", bearer(mine.token, "POST"))).status, 204);
  equal((await world.call("/api/me", bearer(hers.token))).status, 200);
});

/** Cookies that are none of ours, made of one that is. */
const cookies: readonly (readonly [string, (cookie: string) => string])[] = [
  ["planted beside the right one", (cookie) => `${cookie}; hearth-refresh=${"A".repeat(43)}`],
  ["planted before the right one", (cookie) => `hearth-refresh=${"A".repeat(43)}; ${cookie}`],
  ["the right one twice", (cookie) => `${cookie}; ${cookie}`],
  ["of a like name", (cookie) => `x${cookie}`],
  ["of a name in capitals", (cookie) => cookie.replace("hearth", "HEARTH")],
  ["with the name that TLS has", (cookie) => `__Host-${cookie}`],
  ["in quotes", (cookie) => cookie.replace(/=(.*)/, '="$1"')],
  ["cut short", (cookie) => cookie.slice(0, -1)],
  ["with something behind it", (cookie) => `${cookie}A`],
  ["of SQL", () => "hearth-refresh=' OR 1=1 --"],
  ["empty", () => "hearth-refresh="],
];

for (const [what, make] of cookies) {
  Deno.test(`attack: a cookie ${what}`, async () => {
    await using world = await makeAlice();
    const cookie = await logInByPage(world);
    equal((await refreshByPage(world, make(cookie))).status, 401);
    equal((await refreshByPage(world, cookie)).status, 200);
  });
}

Deno.test("attack: a stolen refresh token ends the session, whoever of the two is second", async () => {
  for (const thiefFirst of [true, false]) {
    await using world = await makeAlice();
    const { refreshToken } = await (await world.login("alice", PASSWORD)).json();
    const turn = (token: string) => world.call("/api/refresh", post({ refreshToken: token }));
    const first = await (await turn(refreshToken)).json();
    world.clock.ms += thiefFirst ? 10_000 : 60_000;
    equal((await turn(refreshToken)).status, 401);
    equal((await turn(first.refreshToken)).status, 401, "nobody has it any more");
  }
});

Deno.test("attack: a thief within the grace has no session of its own", async () => {
  await using world = await makeAlice();
  const { refreshToken } = await (await world.login("alice", PASSWORD)).json();
  const turn = (token: string) => world.call("/api/refresh", post({ refreshToken: token }));
  const hers = await (await turn(refreshToken)).json();
  const thiefs = await (await turn(refreshToken)).json();
  equal(thiefs.refreshToken, hers.refreshToken);
  world.clock.ms += 15 * 60_000;
  equal((await turn(hers.refreshToken)).status, 200);
  world.clock.ms += 15 * 60_000;
  equal((await turn(thiefs.refreshToken)).status, 401);
});

/** Names that would be somebody else in a token, a room or a log. */
const names = [
  "ALICE",
  "user.alice",
  "guest.-.alice",
  "@alice",
  "alice\n",
  "ＡＬＩＣＥ",
  "host ",
  "",
];

for (const login of names) {
  Deno.test(`attack: registration as ${JSON.stringify(login)}`, async () => {
    await using world = await makeAlice({ registration: "open" });
    const body = { login, password: "another horse" };
    const response = await world.call("/api/register", post(body));
    equal(response.status, login === "ALICE" ? 409 : 400);
    equal((await world.login("alice", PASSWORD)).status, 200);
  });
}

Deno.test("attack: a role that one gives oneself", async () => {
  await using world = await makeAlice({ registration: "open" });
  const body = { login: "mallory", password: "another horse", role: "host", disabled: false };
  equal((await world.call("/api/register", post(body))).status, 201);
  equal(world.auth.users.find("mallory")?.role, "player");
});

Deno.test("attack: one invitation, ten registrations at once", async () => {
  await using world = await makeAlice({ registration: "invite" });
  const made = world.auth.invites.make(60, "command-line");
  const invite = made.kind === "done" ? made.value.token : "";
  const statuses = await Promise.all(Array.from({ length: 10 }, async (_, i) => {
    const body = { login: `mallory${i}`, password: "another horse", invite };
    return (await world.call("/api/register", post(body), `192.0.2.${i}`)).status;
  }));
  deepEqual(statuses.filter((status) => status === 201).length, 1);
  equal(world.auth.users.list().length, 3);
});

for (const invite of ["%", "' OR '1'='1", "A".repeat(22), "", "__proto__"]) {
  Deno.test(`attack: the invitation ${JSON.stringify(invite)}`, async () => {
    await using world = await makeAlice({ registration: "invite" });
    world.auth.invites.make(60, "command-line");
    const body = { login: "mallory", password: "another horse", invite };
    equal((await world.call("/api/register", post(body))).status, 403);
  });
}

/** What a player asks for that is the host's. */
const admin: readonly (readonly [string, string, number])[] = [
  ["GET", "/api/admin/users", 403],
  ["GET", "/api/admin/audit?before=1%20OR%201=1", 403],
  ["POST", "/api/admin/users/host/disable", 403],
  ["POST", "/api/admin/users/alice/role", 403],
  ["GET", "/api/admin//users", 403],
  ["GET", "/api/admin/./users", 403],
  ["GET", "/api/x/../admin/users", 403],
  ["GET", "/api/admin%2fusers", 404],
  ["GET", "/api//admin/users", 404],
  ["GET", "/API/admin/users", 404],
  ["GET", "//api/admin/users", 404],
  ["GET", "/api/admin/%75sers", 403],
  ["GET", "/api/%61dmin/users", 403],
];

for (const [method, path, status] of admin) {
  Deno.test(`attack: a player asks ${method} ${path}`, async () => {
    await using world = await makeAlice();
    const response = await world.call(path, bearer(await world.token("alice"), method));
    equal(response.status, status);
    const nobody = await world.call(path, { method });
    ok(nobody.status >= 400);
  });
}

for (const id of ["..", "%2e%2e", "' OR '1'='1", "alice%00", "*", "__proto__", "x".repeat(3_000)]) {
  Deno.test(`attack: the host removes ${JSON.stringify(id.slice(0, 20))}`, async () => {
    await using world = await makeAlice();
    const path = `/api/admin/users/${id.startsWith("%") ? id : encodeURIComponent(id)}/remove`;
    equal((await world.call(path, bearer(await world.token("host"), "POST"))).status, 404);
    equal(world.auth.users.list().length, 2);
  });
}

Deno.test("attack: a host's token after the role is gone", async () => {
  await using world = await makeAlice();
  const token = await world.token("host");
  equal((await world.call("/api/admin/users", bearer(token))).status, 200);
  world.auth.users.setRole("host", "player");
  equal((await world.call("/api/admin/users", bearer(token))).status, 403);
});

Deno.test("attack: a token of an account that was removed and made anew under the same name", async () => {
  await using world = await makeAlice();
  const { token, refreshToken } = await (await world.login("alice", PASSWORD)).json();
  world.auth.users.remove("alice");
  await world.auth.users.add("alice", PASSWORD);
  equal((await world.call("/api/me", bearer(token))).status, 401);
  equal((await world.call("/api/refresh", post({ refreshToken }))).status, 401);
});

/** From where a page may not open a WebSocket here (RFC 6455 §10.2). */
const pages = [
  "https://evil.example",
  "null",
  "http://hearth.example:8081",
  "http://hearth.example",
  "http://game.hearth.example:8080",
  "http://hearth.example.evil.example:8080",
  "http://evilhearth.example:8080",
  `http://${HOST}@evil.example`,
  `${OWN}, https://evil.example`,
  "file://",
  "",
];

for (const origin of pages) {
  Deno.test(`attack: a WebSocket from a page of ${JSON.stringify(origin)}`, () => {
    const headers = { host: HOST, upgrade: "websocket", connection: "upgrade", origin };
    const result = readHandshake(new Request(`${OWN}/ws`, { headers }), ["https://game.example"]);
    equal(!result.ok && result.refusal.code, "origin-refused");
  });
}
