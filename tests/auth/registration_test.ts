import { deepEqual, equal, match, ok } from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { type Registration } from "../../auth/mod.ts";
import { makeWorld, PASSWORD, post, type World } from "./world.ts";

async function register(world: World, body: unknown, from?: string): Promise<[number, string]> {
  const response = await world.call("/api/register", post(body), from);
  const { error, user } = await response.json();
  return [response.status, error?.code ?? user.id];
}

const carol = { login: "Carol", password: PASSWORD };

function invited(world: World, seconds = 60): string {
  const made = world.auth.invites.make(seconds, "command-line");
  if (made.kind === "refused") throw new Error(made.message);
  return made.value.token;
}

Deno.test("register: closed unless the host says otherwise, with an invitation too", async () => {
  await using world = await makeWorld();
  deepEqual(await register(world, carol), [403, "registration-closed"]);
  const invite = invited(world);
  deepEqual(await register(world, { ...carol, invite }), [403, "registration-closed"]);
  deepEqual(world.auth.users.list(), []);
});

Deno.test("register: open to all, who then log in; nobody becomes host by it", async () => {
  await using world = await makeWorld({ registration: "open" });
  deepEqual(await register(world, carol), [201, "carol"]);
  equal((await world.login("carol", PASSWORD)).status, 200);
  equal(world.auth.users.find("carol")?.role, "player");
  const [line] = world.auth.moderation.audit(1);
  deepEqual([line?.by, line?.action, line?.target], ["user.carol", "registered", "user.carol"]);
  ok(world.events.some(({ kind }) => kind === "registered"));
  deepEqual(await register(world, { ...carol, login: "cAROL" }), [409, "name-taken"]);
});

Deno.test("register: an invitation lets one person in, once, and its token is not kept", async () => {
  await using world = await makeWorld({ registration: "invite" });
  deepEqual(await register(world, carol), [403, "bad-invite"]);
  const invite = invited(world);
  match(invite, /^[\w-]{22}$/);
  deepEqual(await register(world, { ...carol, invite: "A".repeat(22) }), [403, "bad-invite"]);
  deepEqual(await register(world, { ...carol, invite: "" }), [403, "bad-invite"]);
  deepEqual(await register(world, { ...carol, invite }), [201, "carol"]);
  deepEqual(await register(world, { ...carol, login: "dave", invite }), [403, "bad-invite"]);
  deepEqual(world.auth.invites.list().map(({ usedBy }) => usedBy), ["user.carol"]);
  const files = ["hearth.db", "hearth.db-wal"].map((file) =>
    new TextDecoder("latin1").decode(Deno.readFileSync(`${world.dataDir}/${file}`))
  );
  ok(!files.join().includes(invite));
});

Deno.test("register: of two that use an invitation at once, one gets in", async () => {
  await using world = await makeWorld({ registration: "invite" });
  const invite = invited(world);
  const outcomes = await Promise.all(
    ["carol", "dave"].map((login) => register(world, { ...carol, login, invite })),
  );
  deepEqual(outcomes.map(([status]) => status).sort(), [201, 403]);
  equal(world.auth.users.list().length, 1);
});

Deno.test("register: a name that is taken, or a bad password, does not use the invitation up", async () => {
  await using world = await makeWorld({ registration: "invite" });
  await world.auth.users.add("alice", PASSWORD);
  const invite = invited(world);
  deepEqual(await register(world, { ...carol, login: "alice", invite }), [409, "name-taken"]);
  deepEqual(await register(world, { ...carol, password: "short", invite }), [400, "bad-password"]);
  deepEqual(await register(world, { ...carol, login: "@alice", invite }), [400, "bad-name"]);
  deepEqual(await register(world, { ...carol, invite }), [201, "carol"]);
});

Deno.test("register: an invitation ends with its life, to the millisecond", async () => {
  await using world = await makeWorld({ registration: "invite" });
  const [one, other] = [invited(world), invited(world)];
  world.clock.ms += 59_999;
  deepEqual(await register(world, { ...carol, invite: one }), [201, "carol"]);
  world.clock.ms += 1;
  deepEqual(await register(world, { ...carol, login: "dave", invite: other }), [403, "bad-invite"]);
});

Deno.test("register: the tenth from one network fits, the next is told how long to wait", async () => {
  await using world = await makeWorld({ registration: "open" });
  for (let i = 0; i < 10; i++) {
    deepEqual(await register(world, { ...carol, login: `p${i}` }, `2001:db8::${i}`), [
      201,
      `p${i}`,
    ]);
  }
  const response = await world.call("/api/register", post(carol), "2001:db8::ff");
  equal(response.headers.get("retry-after"), "300");
  equal((await response.json()).error.code, "rate-limited");
  deepEqual(await register(world, carol, "2001:db8:0:1::1"), [201, "carol"], "from elsewhere");
});

Deno.test("register: the hundred-thousandth account fits, the next does not", async () => {
  await using world = await makeWorld({ registration: "open" });
  const database = new DatabaseSync(`${world.dataDir}/hearth.db`);
  database.exec(`INSERT INTO users (id, name, password, epoch, created_at)
    WITH n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 99999)
    SELECT 'x' || i, 'x' || i, '', '', 0 FROM n`);
  database.close();
  deepEqual(await register(world, carol), [201, "carol"]);
  deepEqual(await register(world, { ...carol, login: "dave" }), [503, "too-many-accounts"]);
  equal((await world.auth.users.add("dave", PASSWORD)).kind, "done", "the host still may");
});

const BAD: readonly (readonly [body: unknown, code: string])[] = [
  [{ login: "carol" }, "bad-message"],
  [{ ...carol, invite: 7 }, "bad-message"],
  [null, "bad-message"],
  [{ ...carol, login: "guest.x" }, "bad-name"],
  [{ ...carol, login: "Ａlice" }, "bad-name"],
  [{ ...carol, login: "' OR 1=1 --" }, "bad-name"],
];

for (const [body, code] of BAD) {
  Deno.test(`register: ${JSON.stringify(body)} is ${code}`, async () => {
    await using world = await makeWorld({ registration: "open" });
    deepEqual(await register(world, body), [400, code]);
  });
}

for (const registration of ["closed", "invite", "open"] satisfies Registration[]) {
  Deno.test(`register: another site's form is refused while it is ${registration}`, async () => {
    await using world = await makeWorld({ registration });
    const request = { method: "POST", body: JSON.stringify(carol) };
    const response = await world.call("/api/register", request);
    deepEqual([response.status, (await response.json()).error.code], [415, "wrong-type"]);
    const get = await world.call("/api/register");
    deepEqual([get.status, get.headers.get("allow")], [405, "POST"]);
    await get.body?.cancel();
  });
}
