import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { parsePassword, type Password } from "../../auth/core/mod.ts";
import { explain, openDatabase } from "../../auth/database.ts";
import { type AuthEvent, openUsers } from "../../auth/mod.ts";
import { PasswordHasher } from "../../auth/passwords.ts";
import { Store } from "../../auth/store.ts";
import { Users } from "../../auth/users.ts";
import { CHEAP, opened, PASSWORD } from "./world.ts";

interface Folder extends AsyncDisposable {
  readonly dataDir: string;
  readonly database: string;
}

async function makeFolder(): Promise<Folder> {
  const dataDir = await Deno.makeTempDir({ prefix: "hearth-users-" });
  return {
    dataDir,
    database: `${dataDir}/hearth.db`,
    [Symbol.asyncDispose]: () => Deno.remove(dataDir, { recursive: true }),
  };
}

async function open(folder: Folder, events: AuthEvent[] = []): Promise<Users> {
  const note = (event: AuthEvent) => void events.push(event);
  return opened(await openUsers(folder.dataDir, { cost: CHEAP, clock: () => 1_000, note }));
}

async function verify(users: Users, id: string, text: string): Promise<string> {
  const password = parsePassword(text);
  if (password.kind === "bad") throw new Error(password.message);
  return (await users.verify(id, password.value)).kind;
}

const alice = { id: "alice", name: "Alice", role: "host", disabled: false, createdAt: 1_000 };

Deno.test("users: add, list, set password, disable, enable, remove", async () => {
  await using folder = await makeFolder();
  const users = await open(folder);
  deepEqual(await users.add("Alice", PASSWORD), { kind: "done", user: alice });
  deepEqual(users.list(), [alice]);
  equal(await verify(users, "alice", PASSWORD), "right");

  equal((await users.setPassword("ALICE", "another one")).kind, "done");
  equal(await verify(users, "alice", PASSWORD), "wrong");
  equal(await verify(users, "alice", "another one"), "right");

  deepEqual(users.disable("alice"), { kind: "done", user: { ...alice, disabled: true } });
  equal(await verify(users, "alice", "another one"), "wrong");
  deepEqual(users.enable("alice"), { kind: "done", user: alice });
  equal(await verify(users, "alice", "another one"), "right");

  deepEqual(users.remove("alice"), { kind: "done", user: alice });
  deepEqual(users.list(), []);
  equal(await verify(users, "alice", "another one"), "wrong");
  users.close();
});

Deno.test("users: each refusal has its code, and changes nothing", async () => {
  await using folder = await makeFolder();
  const users = await open(folder);
  await users.add("Alice", PASSWORD);
  const codes = [
    await users.add("aLICE", PASSWORD),
    await users.add("a b", PASSWORD),
    await users.add("bob", "short"),
    await users.setPassword("alice", "short"),
    await users.setPassword("bob", PASSWORD),
    users.disable("bob"),
    users.enable("__proto__"),
    users.remove("' OR 1=1 --"),
  ].map((change) => change.kind === "refused" && change.code);
  deepEqual(codes, [
    "name-taken",
    "bad-name",
    "bad-password",
    "bad-password",
    "no-such-user",
    "no-such-user",
    "no-such-user",
    "no-such-user",
  ]);
  deepEqual(users.list(), [alice]);
  equal(await verify(users, "alice", PASSWORD), "right");
  users.close();
});

Deno.test("users: of two that take a name at once, one gets it", async () => {
  await using folder = await makeFolder();
  const users = await open(folder);
  const changes = await Promise.all([users.add("Alice", PASSWORD), users.add("alice", PASSWORD)]);
  deepEqual(changes.map((change) => change.kind).sort(), ["done", "refused"]);
  users.close();
});

Deno.test("users: what ends sessions says so, and gives a new epoch", async () => {
  await using folder = await makeFolder();
  const events: AuthEvent[] = [];
  const users = await open(folder, events);
  await users.add("Alice", PASSWORD);
  const epochs = new Set([users.find("alice")?.epoch]);
  for (
    const end of [
      () => users.endSessions("alice"),
      () => users.setPassword("alice", PASSWORD),
      () => users.disable("alice"),
    ]
  ) {
    equal((await end()).kind, "done");
    epochs.add(users.find("alice")?.epoch);
  }
  users.remove("alice");
  await users.add("Alice", PASSWORD);
  epochs.add(users.find("alice")?.epoch);
  equal(epochs.size, 5);
  deepEqual(events, new Array(4).fill({ kind: "sessions-ended", subject: "user.alice" }));
  users.close();
});

Deno.test("users: a password set while the old one is being verified wins", async () => {
  await using folder = await makeFolder();
  const users = await open(folder);
  await users.add("Alice", PASSWORD);
  const before = verify(users, "alice", PASSWORD);
  users.endSessions("alice");
  equal(await before, "wrong");
  users.close();
});

Deno.test("users: a hash of a lower cost is renewed at login, once, and sessions hold", async () => {
  await using folder = await makeFolder();
  const cheap = await open(folder);
  await cheap.add("Alice", PASSWORD);
  const { epoch } = cheap.find("alice") ?? {};
  cheap.close();

  const events: AuthEvent[] = [];
  const dear = opened(
    await openUsers(folder.dataDir, {
      cost: { N: 4, r: 1, p: 1 },
      note: (event) => events.push(event),
    }),
  );
  equal(await verify(dear, "alice", "wrong password"), "wrong");
  match(dear.find("alice")?.password ?? "", /ln=1,/);
  deepEqual(
    await Promise.all([verify(dear, "alice", PASSWORD), verify(dear, "alice", PASSWORD)]),
    ["right", "right"],
  );
  match(dear.find("alice")?.password ?? "", /ln=2,/);
  equal(dear.find("alice")?.epoch, epoch);
  equal(await verify(dear, "alice", PASSWORD), "right");
  ok(events.every((event) => event.kind === "rehashed"));
  dear.close();
});

Deno.test("users: a password set while the old one is hashed anew stays", async () => {
  await using folder = await makeFolder();
  const commandLine = await open(folder);
  await commandLine.add("Alice", PASSWORD);
  class Interrupted extends PasswordHasher {
    override async hash(password: Password) {
      await commandLine.setPassword("alice", "another one");
      return super.hash(password);
    }
  }
  const database = opened(await openDatabase(folder.dataDir, () => {}));
  const server = new Users(
    new Store(database, () => 0, () => {}),
    new Interrupted({ N: 4, r: 1, p: 1 }),
  );
  equal(await verify(server, "alice", PASSWORD), "right", "it was, when it was asked");
  equal(await verify(commandLine, "alice", PASSWORD), "wrong");
  equal(await verify(commandLine, "alice", "another one"), "right");
  server.close();
  commandLine.close();
});

Deno.test("users: the command line changes accounts while the server has them open", async () => {
  await using folder = await makeFolder();
  const server = await open(folder);
  const commandLine = await open(folder);
  await commandLine.add("Alice", PASSWORD);
  equal(await verify(server, "alice", PASSWORD), "right");
  commandLine.disable("alice");
  equal(server.find("alice")?.disabled, true);
  commandLine.close();
  server.close();
});

Deno.test("users: a full disk refuses a change and loses nothing", async () => {
  await using folder = await makeFolder();
  const events: AuthEvent[] = [];
  const database = opened(await openDatabase(folder.dataDir, () => {}));
  const hasher = new PasswordHasher(CHEAP);
  const users = new Users(new Store(database, () => 1_000, (event) => events.push(event)), hasher);
  const { page_count: pages } = database.prepare("PRAGMA page_count").get() ?? {};
  database.exec(`PRAGMA max_page_count = ${pages}`);
  const done: string[] = [];
  for (let i = 0;; i++) {
    const change = await users.add(`user${i}`, PASSWORD);
    if (change.kind === "done") {
      done.push(change.user.id);
      continue;
    }
    equal(change.code, "disk-full");
    break;
  }
  deepEqual(users.list().map((user) => user.id), done.toSorted());
  deepEqual(events.map((event) => event.kind), ["storage-failed"]);
  users.close();
});

Deno.test("database: one file that only its owner may read", async () => {
  await using folder = await makeFolder();
  const users = await open(folder);
  await users.add("Alice", PASSWORD);
  for (const { name } of Deno.readDirSync(folder.dataDir)) {
    equal((Deno.statSync(`${folder.dataDir}/${name}`).mode ?? 0) & 0o777, 0o600, name);
  }
  users.close();
  deepEqual([...Deno.readDirSync(folder.dataDir)].map((entry) => entry.name), ["hearth.db"]);
});

Deno.test("database: it writes ahead and waits for the disk", async () => {
  await using folder = await makeFolder();
  const database = opened(await openDatabase(folder.dataDir, () => {}));
  deepEqual({ ...database.prepare("PRAGMA journal_mode").get() }, { journal_mode: "wal" });
  deepEqual({ ...database.prepare("PRAGMA synchronous").get() }, { synchronous: 2 });
  database.close();
});

Deno.test("database: one that others could read is closed to them, and that is said", async () => {
  await using folder = await makeFolder();
  (await open(folder)).close();
  Deno.chmodSync(folder.database, 0o644);
  const events: AuthEvent[] = [];
  (await open(folder, events)).close();
  deepEqual(events, [{ kind: "closed-to-others", path: folder.database, mode: "644" }]);
  equal((Deno.statSync(folder.database).mode ?? 0) & 0o777, 0o600);
});

Deno.test("database: a later version's is refused and left as it is", async () => {
  await using folder = await makeFolder();
  (await open(folder)).close();
  const later = new DatabaseSync(folder.database);
  later.exec("PRAGMA user_version = 99");
  const result = await openUsers(folder.dataDir);
  equal(result.kind === "failed" && result.code, "newer");
  match(result.kind === "failed" ? result.message : "", /schema 99.*HEARTH_DATA_DIR/);
  equal(later.prepare("PRAGMA user_version").get()?.["user_version"], 99);
  later.close();
});

Deno.test("database: a locked one is said after a bounded wait", async () => {
  await using folder = await makeFolder();
  (await open(folder)).close();
  const other = new DatabaseSync(folder.database);
  other.exec("BEGIN IMMEDIATE");
  const result = await openDatabase(folder.dataDir, () => {}, 10);
  equal(result.kind === "failed" && result.code, "locked");
  other.close();
});

Deno.test("database: a file that is none is corrupt, and so is one with a torn page", async () => {
  await using folder = await makeFolder();
  await Deno.writeTextFile(folder.database, "no database ".repeat(1_000));
  const notOne = await openUsers(folder.dataDir);
  equal(notOne.kind === "failed" && notOne.code, "corrupt");

  await Deno.remove(folder.database);
  const users = await open(folder);
  for (let i = 0; i < 60; i++) await users.add(`user${i}`, PASSWORD);
  users.close();
  const file = await Deno.open(folder.database, { write: true });
  await file.seek(4096, Deno.SeekMode.Start);
  await file.write(new Uint8Array(4096).fill(0xa5));
  file.close();
  const torn = await openUsers(folder.dataDir);
  equal(torn.kind === "failed" && torn.code, "corrupt");
  match(torn.kind === "failed" ? torn.message : "", /hearth\.db is damaged.*backup/);
});

Deno.test("database: a read-only one is said in words", async () => {
  await using folder = await makeFolder();
  (await open(folder)).close();
  const readOnly = new DatabaseSync(folder.database, { readOnly: true });
  try {
    readOnly.prepare("DELETE FROM users").run();
    throw new Error("expected a refusal");
  } catch (error) {
    const failure = explain(error, folder.database);
    equal(failure.code, "read-only", failure.message);
  }
  readOnly.close();
});

Deno.test("database: a folder that cannot be made is said, and what to do", async () => {
  await using folder = await makeFolder();
  await Deno.writeTextFile(`${folder.dataDir}/file`, "");
  const result = await openUsers(`${folder.dataDir}/file/data`);
  equal(result.kind === "failed" && result.code, "unreadable");
  match(result.kind === "failed" ? result.message : "", /file\/data.*HEARTH_DATA_DIR/);
});

Deno.test("users: the same password has another hash for each", async () => {
  await using folder = await makeFolder();
  const users = await open(folder);
  await users.add("alice", PASSWORD);
  await users.add("bob", PASSWORD);
  notEqual(users.find("alice")?.password, users.find("bob")?.password);
  ok(!JSON.stringify(users.list()).includes("scrypt"));
  users.close();
});
