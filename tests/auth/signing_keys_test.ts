import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { decodeProtectedHeader, exportJWK, generateKeyPair } from "jose";
import { openAuth } from "../../auth/mod.ts";
import { bearer, makeWorld, PASSWORD, type World } from "./world.ts";

const MINUTES = 60_000;

async function makeAlice(): Promise<World> {
  const world = await makeWorld();
  await world.auth.users.add("alice", PASSWORD);
  return world;
}

async function published(world: World): Promise<string[]> {
  const { keys } = await (await world.call("/.well-known/jwks.json")).json();
  return keys.map(({ kid }: { kid: string }) => kid);
}

async function rotate(world: World, how: "gently" | "at-once"): Promise<string> {
  const rotated = await world.auth.keys.rotate(how, "command-line");
  if (rotated.kind !== "done") throw new Error(rotated.kind);
  return rotated.value;
}

function kidOf(token: string): string | undefined {
  return decodeProtectedHeader(token).kid;
}

Deno.test("keys: they outlive a restart, and each data folder has its own", async () => {
  await using world = await makeAlice();
  const token = await world.token("alice");
  const again = await makeWorld({ dataDir: world.dataDir, clock: () => world.clock.ms });
  equal((await again.auth.authenticate(token)).kind, "player");
  again.auth.close();
  await using other = await makeWorld();
  notEqual((await published(world))[0], (await published(other))[0]);
});

Deno.test("keys: a new one is published five minutes before it signs, and nobody is logged out", async () => {
  await using world = await makeAlice();
  const before = await world.token("alice");
  const kid = await rotate(world, "gently");
  deepEqual(await published(world), [kidOf(before), kid]);
  world.clock.ms += 5 * MINUTES - 1;
  equal(kidOf(await world.token("alice")), kidOf(before));
  world.clock.ms += 1;
  const after = await world.token("alice");
  equal(kidOf(after), kid);
  for (const token of [before, after]) {
    equal((await world.call("/api/me", bearer(token))).status, 200);
  }
});

Deno.test("keys: one made by another process is in use at once", async () => {
  await using world = await makeAlice();
  const elsewhere = await makeWorld({ dataDir: world.dataDir, clock: () => world.clock.ms });
  const kid = await rotate(elsewhere, "gently");
  elsewhere.auth.close();
  world.clock.ms += 5 * MINUTES;
  equal(kidOf(await world.token("alice")), kid);
});

Deno.test("keys: where the old one leaked, what it signed is refused at once, and sessions go on", async () => {
  await using world = await makeAlice();
  const { token, refreshToken } = await (await world.login("alice", PASSWORD)).json();
  const kid = await rotate(world, "at-once");
  deepEqual(await published(world), [kid]);
  equal((await world.call("/api/me", bearer(token))).status, 401);
  const renewed = await world.call("/api/refresh", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ refreshToken }),
  });
  equal(kidOf((await renewed.json()).token), kid);
});

Deno.test("keys: five are kept, and a change of them is in the audit", async () => {
  await using world = await makeAlice();
  const made: string[] = [];
  for (let i = 0; i < 5; i++) {
    made.push(await rotate(world, "gently"));
    world.clock.ms += 5 * MINUTES;
  }
  deepEqual(await published(world), made);
  const [line] = world.auth.moderation.audit(1);
  deepEqual([line?.by, line?.action, line?.target, line?.detail], [
    "command-line",
    "keys-rotated",
    made.at(-1),
    "gently",
  ]);
});

Deno.test("keys: a damaged one stops the start, in words that do not quote it", async () => {
  const { privateKey } = await generateKeyPair("EdDSA", { extractable: true });
  const other = await exportJWK(privateKey);
  const damages = [
    () => "",
    (text: string) => text.slice(0, -10),
    () => "null",
    (text: string) => JSON.stringify({ ...JSON.parse(text), d: other.d }),
    (text: string) => JSON.stringify({ ...JSON.parse(text), d: "AAAA" }),
    (text: string) => JSON.stringify({ ...JSON.parse(text), crv: "Ed448" }),
    () => JSON.stringify({ kty: "oct", k: other.d }),
    () => JSON.stringify(other),
  ];
  for (const damage of damages) {
    await using world = await makeWorld();
    const database = new DatabaseSync(`${world.dataDir}/hearth.db`);
    const { jwk } = database.prepare("SELECT jwk FROM signing_keys").get() ?? {};
    database.prepare("UPDATE signing_keys SET jwk = ?").run(damage(String(jwk)));
    database.close();
    const result = await openAuth({
      dataDir: world.dataDir,
      realm: "game",
      auth: "open",
      registration: "closed",
      tokenLifeSeconds: 1,
      sessionLifeSeconds: 1,
      credentialLifeSeconds: 1,
      turn: { port: 1, secrets: ["secret"], udp: true, tcp: true },
      origins: [],
      limits: "on",
      clock: () => world.clock.ms,
      monotonic: () => 0,
      note: () => {},
    });
    equal(result.kind === "failed" && result.code, "corrupt");
    const message = result.kind === "failed" ? result.message : "";
    match(message, /hearth\.db holds a signing key that is none\. Put a backup in its place\.$/);
    ok(!message.includes(other.d ?? "?"));
  }
});

Deno.test("keys: two that open a new folder at once have the same", async () => {
  const dataDir = await Deno.makeTempDir({ prefix: "hearth-keys-" });
  const worlds = await Promise.all([makeWorld({ dataDir }), makeWorld({ dataDir })]);
  const [one, two] = await Promise.all(worlds.map(published));
  deepEqual(one, two);
  for (const { auth } of worlds) auth.close();
  await Deno.remove(dataDir, { recursive: true });
});
