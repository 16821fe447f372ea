/** What strangers try, one line each. A row fails its test when the attack gets anywhere. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHmac, createPublicKey, sign } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from "jose";
import { bearer, makeWorld, PASSWORD, post, type World } from "./world.ts";

interface Forge {
  readonly world: World;
  /** A good token of alice's, and its three parts. */
  readonly token: string;
  readonly header: Record<string, unknown>;
  readonly claims: Record<string, unknown>;
  readonly signature: string;
  /** The server's own key: to see what is refused even when it is signed. */
  readonly key: JWK;
}

async function makeForge(): Promise<Forge> {
  const world = await makeWorld();
  await world.auth.users.add("alice", PASSWORD);
  await world.auth.users.add("bob", PASSWORD);
  const token = await world.token("alice");
  const [header = "", claims = "", signature = ""] = token.split(".");
  const database = new DatabaseSync(`${world.dataDir}/hearth.db`, { readOnly: true });
  const key = JSON.parse(String(database.prepare("SELECT jwk FROM signing_keys").get()?.["jwk"]));
  database.close();
  return { world, token, header: decode(header), claims: decode(claims), signature, key };
}

function decode(part: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(part, "base64url").toString());
}

function encode(part: unknown): string {
  return Buffer.from(typeof part === "string" ? part : JSON.stringify(part)).toString("base64url");
}

/** A token with the server's own signature on whatever is put in. */
function signed(forge: Forge, header: object | string, claims: object | string): string {
  const input = `${encode(header)}.${encode(claims)}`;
  const key = { key: { ...forge.key }, format: "jwk" } as const;
  return `${input}.${sign(null, Buffer.from(input), key).toString("base64url")}`;
}

/** The server's own signature, with some claims changed; `undefined` leaves one out. */
function claiming(changes: Record<string, unknown>) {
  return (forge: Forge) => signed(forge, forge.header, { ...forge.claims, ...changes });
}

/** The server's own signature, with some header parameters changed. */
function heading(changes: Record<string, unknown>) {
  return (forge: Forge) => signed(forge, { ...forge.header, ...changes }, forge.claims);
}

/** HS256 with something public as the secret: the classic confusion. */
function hmac(secret: (key: JWK) => string | Uint8Array) {
  return ({ header, claims, key }: Forge) => {
    const input = `${encode({ ...header, alg: "HS256" })}.${encode(claims)}`;
    return `${input}.${createHmac("sha256", secret(key)).update(input).digest("base64url")}`;
  };
}

function publicPem({ kty, crv, x }: JWK): string {
  const key = { kty, crv, x } as JsonWebKey;
  return createPublicKey({ key: { ...key }, format: "jwk" })
    .export({ type: "spki", format: "pem" }).toString();
}

async function byAnotherKey({ header, claims }: Forge, changes: (jwk: JWK) => object) {
  const { privateKey, publicKey } = await generateKeyPair("EdDSA", { extractable: true });
  return await new SignJWT(claims)
    .setProtectedHeader({ ...header, ...changes(await exportJWK(publicKey)), alg: "EdDSA" })
    .sign(privateKey);
}

const tokens: readonly (readonly [string, (forge: Forge) => string | Promise<string>])[] = [
  ["no algorithm", ({ claims }) => `${encode({ alg: "none" })}.${encode(claims)}.`],
  ["no algorithm, oddly spelt", ({ claims }) => `${encode({ alg: "nOnE" })}.${encode(claims)}.`],
  ["no algorithm, our signature", heading({ alg: "none" })],
  ["HS256 with the public key's bytes", hmac(({ x }) => Buffer.from(x ?? "", "base64url"))],
  ["HS256 with the public key's text", hmac(({ x }) => x ?? "")],
  ["HS256 with the public key as PEM", hmac(publicPem)],
  ["HS256 with nothing", hmac(() => "")],
  ["another algorithm's name", heading({ alg: "ES256" })],
  ["no algorithm named", heading({ alg: undefined })],
  ["not yet valid", (forge) => claiming({ nbf: forge.claims["exp"] })(forge)],
  ["another audience", claiming({ aud: "another game" })],
  ["no audience", claiming({ aud: undefined })],
  ["another issuer", claiming({ iss: "evil" })],
  ["no issuer", claiming({ iss: undefined })],
  ["no end", claiming({ exp: undefined })],
  ["an end that is text", claiming({ exp: "9999999999" })],
  ["no session", claiming({ sid: undefined })],
  ["a session that is none", claiming({ sid: "AAAAAAAAAAAA" })],
  ["a session in SQL", claiming({ sid: "' OR '1'='1" })],
  ["no subject", claiming({ sub: undefined })],
  ["a user who is not", claiming({ sub: "user.carol" })],
  ["another user", claiming({ sub: "user.bob" })],
  ["a subject without its kind", claiming({ sub: "alice" })],
  ["a guest", claiming({ sub: "guest.-.alice" })],
  ["an inherited property", claiming({ sub: "user.__proto__" })],
  ["a subject in SQL", claiming({ sub: "user.' OR '1'='1" })],
  ["a subject with NUL", claiming({ sub: "user.alice\0" })],
  ["an unknown key id", heading({ kid: "another" })],
  ["a key id that is a path", heading({ kid: "../../../../dev/null" })],
  ["a key id that is a URL", heading({ kid: "http://127.0.0.1/key" })],
  ["a key id in SQL", heading({ kid: "' UNION SELECT 'x', '{}', 0 --" })],
  ["a key id that is an inherited name", heading({ kid: "__proto__" })],
  ["no key id", heading({ kid: undefined })],
  ["another kind of token", heading({ typ: "dpop+jwt" })],
  ["a critical extension", heading({ crit: ["exp2"], exp2: 1 })],
  ["an unencoded payload", heading({ crit: ["b64"], b64: false })],
  ["another key under our key id", (forge) => byAnotherKey(forge, () => ({}))],
  ["a key of its own in the header", (forge) => byAnotherKey(forge, (jwk) => ({ jwk }))],
  ["a key to be fetched", (forge) => byAnotherKey(forge, () => ({ jku: "http://127.0.0.1/" }))],
  [
    "a certificate to be fetched",
    (forge) => byAnotherKey(forge, () => ({ x5u: "http://127.0.0.1/" })),
  ],
  ["a header that names two algorithms", ({ header, claims, signature }) => {
    const twice = `{"alg":"none",${JSON.stringify(header).slice(1)}`;
    return `${encode(twice)}.${encode(claims)}.${signature}`;
  }],
  [
    "claims changed after signing",
    ({ token, claims, signature }) =>
      `${token.split(".")[0]}.${encode({ ...claims, sub: "user.bob" })}.${signature}`,
  ],
  [
    "a signature with one bit changed",
    ({ token }) => token.slice(0, -3) + (token.at(-3) === "A" ? "B" : "A") + token.slice(-2),
  ],
  ["no signature", ({ token }) => token.replace(/[^.]*$/, "")],
  ["a signature of zeros", ({ token }) => token.replace(/[^.]*$/, encode("\0".repeat(64)))],
  ["two parts", ({ token }) => token.replace(/\.[^.]*$/, "")],
  ["five parts, as if encrypted", ({ token }) => `${token}.a.b`],
  ["claims that are a list", (forge) => signed(forge, forge.header, "[]")],
  ["claims that are no JSON", (forge) => signed(forge, forge.header, "{")],
  ["too long", claiming({ filler: "x".repeat(2_048) })],
  ["nothing", () => ""],
  ["NUL", ({ token }) => `${token}\0`],
  ["a space before", ({ token }) => ` ${token}`],
];

Deno.test("the forge works: what it signs unchanged is taken", async () => {
  const forge = await makeForge();
  await using world = forge.world;
  equal((await world.auth.authenticate(claiming({})(forge))).kind, "player");
  const key = await importJWK(forge.key, "EdDSA");
  const token = await new SignJWT(forge.claims).setProtectedHeader({
    ...forge.header,
    alg: "EdDSA",
  })
    .sign(key);
  equal((await world.auth.authenticate(token)).kind, "player");
});

for (const [attack, make] of tokens) {
  Deno.test(`attack: a token with ${attack}`, async () => {
    const forge = await makeForge();
    await using world = forge.world;
    const result = await world.auth.authenticate(await make(forge));
    deepEqual(result.kind === "refused" && result.code, "unauthorized");
  });
}

Deno.test("attack: a token that has expired", async () => {
  const forge = await makeForge();
  await using world = forge.world;
  const token = claiming({ exp: world.clock.ms / 1000 })(forge);
  const result = await world.auth.authenticate(token);
  equal(result.kind === "refused" && result.code, "token-expired");
});

/** Logins with alice's password at hand, and some with none: none may get in. */
const logins: readonly (readonly [string, unknown, number])[] = [
  ["SQL that is always true", { login: "' OR '1'='1", password: PASSWORD }, 401],
  ["SQL that comments out", { login: "alice'--", password: PASSWORD }, 401],
  ["SQL that drops", { login: "alice'; DROP TABLE users; --", password: PASSWORD }, 401],
  ["a name with NUL", { login: "alice\0", password: PASSWORD }, 401],
  ["a name cut by NUL", { login: "alice\0bob", password: PASSWORD }, 401],
  ["a password with NUL", { login: "alice", password: `${PASSWORD}\0` }, 401],
  ["a name with a space", { login: "alice ", password: PASSWORD }, 401],
  ["a name with a newline", { login: "alice\n", password: PASSWORD }, 401],
  ["a wide letter", { login: "ａlice", password: PASSWORD }, 401],
  ["a Cyrillic letter", { login: "аlice", password: PASSWORD }, 401],
  ["a dotted capital", { login: "ALİCE", password: PASSWORD }, 401],
  ["a wildcard", { login: "%", password: PASSWORD }, 401],
  ["an inherited name", { login: "__proto__", password: PASSWORD }, 401],
  ["another inherited name", { login: "constructor", password: PASSWORD }, 401],
  ["a long name", { login: "a".repeat(3_000), password: PASSWORD }, 401],
  ["a long password", { login: "alice", password: "a".repeat(3_000) }, 401],
  ["no password", { login: "alice" }, 400],
  ["an empty password", { login: "alice", password: "" }, 401],
  ["a password's prefix", { login: "alice", password: PASSWORD.slice(0, -1) }, 401],
  ["a password in capitals", { login: "alice", password: PASSWORD.toUpperCase() }, 401],
  ["null", { login: "alice", password: null }, 400],
  ["true", { login: "alice", password: true }, 400],
  ["a query object", { login: "alice", password: { $ne: null } }, 400],
  ["a list of names", { login: ["alice"], password: PASSWORD }, 400],
  ["a body that is null", null, 400],
  ["a body that is a list", [{ login: "alice", password: PASSWORD }], 400],
  ["a body that is a number", 1, 400],
  ["a body of text", "alice", 400],
];

for (const [attack, body, status] of logins) {
  Deno.test(`attack: login with ${attack}`, async () => {
    await using world = await makeWorld();
    await world.auth.users.add("alice", PASSWORD);
    const response = await world.call("/api/login", post(body));
    equal(response.status, status);
    ok(!("token" in await response.json()));
    equal((await world.login("alice", PASSWORD)).status, 200, "and alice still gets in");
  });
}

const CREDENTIALS = JSON.stringify({ login: "alice", password: PASSWORD });
const JSON_TYPE = { "Content-Type": "application/json" };

function raw(
  body: BodyInit,
  headers: Record<string, string> = JSON_TYPE,
  method = "POST",
): RequestInit {
  return { method, headers, body };
}

function form(fields: Record<string, string>): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.set(name, value);
  return data;
}

/** Whole requests to the login with alice's password in them. */
const requests: readonly (readonly [string, RequestInit, number])[] = [
  ["a prototype with the fields", raw(`{"__proto__":${CREDENTIALS}}`), 400],
  ["a constructor with the fields", raw(`{"constructor":{"prototype":${CREDENTIALS}}}`), 400],
  ["a body nested deep", raw("[".repeat(2_000) + "]".repeat(2_000)), 400],
  ["a byte that is not UTF-8", raw(new Uint8Array([0x22, 0xff, 0x22])), 400],
  ["UTF-16", raw(new Uint8Array(Buffer.from(CREDENTIALS, "utf16le"))), 400],
  ["a second document", raw(CREDENTIALS + CREDENTIALS), 400],
  ["an oversized body", raw(CREDENTIALS.padEnd(5_000)), 413],
  [
    "a form of another site's",
    raw(new URLSearchParams({ login: "alice", password: PASSWORD }), {
      Origin: "https://evil.example",
      "Content-Type": "application/x-www-form-urlencoded",
    }),
    415,
  ],
  ["a form with files", raw(form({ login: "alice", password: PASSWORD }), {}), 415],
  ["a text form that looks like JSON", raw(CREDENTIALS, { "Content-Type": "text/plain" }), 415],
  [
    "a text form that mentions JSON",
    raw(CREDENTIALS, { "Content-Type": "text/plain; application/json" }),
    415,
  ],
  ["a beacon without a type", raw(new Uint8Array(Buffer.from(CREDENTIALS)), {}), 415],
  ["another kind of JSON", raw(CREDENTIALS, { "Content-Type": "application/json-seq" }), 415],
  ["another method", raw(CREDENTIALS, JSON_TYPE, "PUT"), 405],
  [
    "a method in a header",
    {
      method: "GET",
      headers: { ...JSON_TYPE, "X-HTTP-Method-Override": "POST" },
    },
    405,
  ],
];

for (const [attack, request, status] of requests) {
  Deno.test(`attack: a request with ${attack}`, async () => {
    await using world = await makeWorld();
    await world.auth.users.add("alice", PASSWORD);
    const response = await world.call("/api/login", request);
    equal(response.status, status);
    ok(!("token" in await response.json()));
    deepEqual(world.events, []);
  });
}

for (
  const host of [
    "a b",
    "alice@evil.example",
    "evil.example/",
    "a/../b",
    "a?transport=tcp",
    'a"b',
    "a,b",
    "[::1",
    "[fe80::1%25eth0]",
    "a:b",
    "a:999999",
    "a\\b",
    "%61",
    "x".repeat(300),
    "",
  ]
) {
  Deno.test(`attack: the Host header ${JSON.stringify(host.slice(0, 40))}`, async () => {
    await using world = await makeWorld();
    for (const path of ["/api/ice", "/api/me"]) {
      const response = await world.call(path, { headers: { Host: host } });
      equal(response.status, 400);
      equal((await response.json()).error.code, "bad-host");
    }
  });
}

const headers: readonly (readonly [string, (token: string) => HeadersInit])[] = [
  ["two Authorization headers", (token) => [
    ["Authorization", `Bearer ${token}`],
    ["Authorization", `Bearer ${token}`],
  ]],
  ["a token under Basic", (token) => ({ Authorization: `Basic ${token}` })],
  ["a token without a scheme", (token) => ({ Authorization: token })],
  ["a token and a comment", (token) => ({ Authorization: `Bearer ${token} x` })],
  ["a token in a cookie", (token) => ({ Cookie: `token=${token}` })],
  ["a forwarded user", () => ({ "X-Forwarded-User": "alice", "X-Remote-User": "alice" })],
];

for (const [attack, make] of headers) {
  Deno.test(`attack: ${attack}`, async () => {
    await using world = await makeWorld();
    await world.auth.users.add("alice", PASSWORD);
    const token = await world.token("alice");
    equal((await world.call("/api/me", { headers: make(token) })).status, 401);
  });
}

Deno.test("attack: a token in the URL", async () => {
  await using world = await makeWorld();
  await world.auth.users.add("alice", PASSWORD);
  const token = await world.token("alice");
  equal((await world.call(`/api/me?token=${token}&access_token=${token}`)).status, 401);
});

Deno.test("attack: an address of one's own choice does not escape the limits", async () => {
  await using world = await makeWorld();
  await world.auth.users.add("alice", PASSWORD);
  const statuses = [];
  for (let i = 0; i < 6; i++) {
    const address = `203.0.113.${i}`;
    const forged = {
      "X-Forwarded-For": address,
      Forwarded: `for=${address}`,
      "X-Real-IP": address,
    };
    const request = post({ login: "alice", password: "battery staple" });
    const response = await world.call("/api/login", {
      ...request,
      headers: { ...JSON_TYPE, ...forged },
    });
    statuses.push(response.status);
  }
  deepEqual(statuses, [401, 401, 401, 401, 401, 429]);
});

Deno.test("attack: a hundred guesses at once do not all see an empty count", async () => {
  await using world = await makeWorld();
  await world.auth.users.add("alice", PASSWORD);
  const guesses = Array.from({ length: 100 }, (_, i) => world.login("alice", `guess number ${i}`));
  const statuses = (await Promise.all(guesses)).map((response) => response.status);
  equal(statuses.filter((status) => status === 401).length, 5);
  equal(statuses.filter((status) => status === 429).length, 95);
});

for (
  const path of ["/api//login", "/api/login/", "/API/login", "/api/./../api/x", "/api/login%00"]
) {
  Deno.test(`attack: the path ${path} leads nowhere`, async () => {
    await using world = await makeWorld();
    await world.auth.users.add("alice", PASSWORD);
    equal((await world.call(path, post({ login: "alice", password: PASSWORD }))).status, 404);
  });
}

Deno.test("no event, answer or message ever holds a password, a hash, a token or a key", async () => {
  const forge = await makeForge();
  await using world = forge.world;
  const answers = await Promise.all([
    world.login("alice", "battery staple"),
    world.login(PASSWORD, "alice"),
    world.call("/api/login", raw(`{"login":"alice","password":"${PASSWORD}",}`)),
    world.call("/api/me", bearer(forge.token)),
    world.call("/.well-known/jwks.json"),
  ]);
  await world.call("/api/logout", bearer(forge.token, "POST"));
  const said = JSON.stringify([world.events, await Promise.all(answers.map((a) => a.text()))]);
  for (const secret of [PASSWORD, "battery staple", "$scrypt", forge.token, forge.key.d ?? "?"]) {
    ok(!said.includes(secret), secret);
  }
});
