import { deepEqual, equal, match } from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { openDatabase } from "../../auth/database.ts";
import { type AuthEvent, openUsers, type Users } from "../../auth/mod.ts";
import { MIGRATIONS } from "../../auth/schema.ts";
import { CHEAP, makeWorld, NOBODY, opened, PASSWORD, type World } from "./world.ts";

interface House extends AsyncDisposable {
  readonly world: World;
  /** Another process would open the same file: so does another connection. */
  readonly elsewhere: Users;
  /** The next subject that is sent off, and why. */
  sentOff(): Promise<string>;
  readonly revoked: readonly (readonly [subject: string, at: number])[];
}

async function makeHouse(dataDir?: string): Promise<House> {
  const arrived: string[] = [];
  const revoked: [string, number][] = [];
  let wake = () => {};
  const world = await makeWorld({
    ...dataDir !== undefined && { dataDir },
    server: {
      presence: () => ({
        ...NOBODY,
        disconnect(subject, code) {
          arrived.push(`${subject} ${code}`);
          wake();
        },
        disconnectSession(_session, code) {
          arrived.push(`one session ${code}`);
          wake();
        },
      }),
      revokeRelay: (subject, at) => void revoked.push([subject, at]),
      banRelay: () => {},
    },
  });
  const clock = () => world.clock.ms;
  const elsewhere = opened(await openUsers(world.dataDir, { cost: CHEAP, clock }));
  return {
    world,
    elsewhere,
    revoked,
    async sentOff() {
      while (arrived.length === 0) await new Promise<void>((resolve) => wake = resolve);
      return arrived.shift() ?? "";
    },
    async [Symbol.asyncDispose]() {
      elsewhere.close();
      await world[Symbol.asyncDispose]();
    },
  };
}

Deno.test("what another process ends is ended here: disable, passwd, ban, logout, remove", async () => {
  await using house = await makeHouse();
  const { elsewhere } = house;
  await elsewhere.add("Alice", PASSWORD);
  elsewhere.disable("alice");
  equal(await house.sentOff(), "user.alice disconnected");
  elsewhere.enable("alice");
  await elsewhere.setPassword("alice", PASSWORD);
  equal(await house.sentOff(), "user.alice disconnected");
  elsewhere.ban("alice", 60);
  equal(await house.sentOff(), "user.alice banned");
  elsewhere.endSessions("alice", "command-line");
  equal(await house.sentOff(), "user.alice disconnected");
  elsewhere.remove("alice");
  equal(await house.sentOff(), "user.alice disconnected");
  deepEqual(house.revoked.map(([subject]) => subject), new Array(5).fill("user.alice"));
});

Deno.test("what this process ends is ended once, also when another one writes after it", async () => {
  await using house = await makeHouse();
  const { world, elsewhere } = house;
  for (const name of ["alice", "bob"]) await world.auth.users.add(name, PASSWORD);
  world.auth.users.disable("alice");
  elsewhere.disable("bob");
  equal(await house.sentOff(), "user.alice disconnected");
  equal(await house.sentOff(), "user.bob disconnected");
  world.auth.moderation.kick("guest.ABCD.eve", "command-line");
  equal(await house.sentOff(), "guest.ABCD.eve kicked");
  deepEqual(house.revoked.map(([subject]) => subject), [
    "user.alice",
    "user.bob",
    "guest.ABCD.eve",
  ]);
});

Deno.test("the relay is told of every ban: at the start, when one is made, and when one is lifted", async () => {
  const told: string[][] = [];
  const server = {
    presence: () => NOBODY,
    revokeRelay: () => {},
    banRelay: (bans: readonly { network: string; until: number }[]) =>
      void told.push(bans.map(({ network, until }) => `${network} ${until}`)),
  };
  await using world = await makeWorld({ server });
  const { bans } = world.auth;
  const until = world.clock.ms + 60_000;
  bans.add("203.0.113.0/24", 60, "command-line");
  bans.add("2001:db8::/64", 60, "command-line");
  await world.auth.users.add("alice", PASSWORD);
  bans.remove("203.0.113.0/24", "command-line");
  const [v4, v6] = [`203.0.113.0/24 ${until}`, `2001:db8::/64 ${until}`];
  deepEqual(told.splice(0), [[], [v4], [v6, v4].toSorted(), [v6]]);
  const { dataDir } = world;
  const again = await makeWorld({ dataDir, clock: () => world.clock.ms, server });
  deepEqual(told, [[v6]]);
  again.auth.close();
});

Deno.test("a start refuses the relay credentials that were revoked before it, for as long as they live", async () => {
  const dataDir = await Deno.makeTempDir({ prefix: "hearth-watch-" });
  await using first = await makeHouse(dataDir);
  for (const name of ["alice", "bob"]) {
    await first.world.auth.users.add(name, PASSWORD);
    first.world.auth.users.disable(name);
    first.world.clock.ms += 3_600_000;
  }
  const [, bobAt = 0] = first.revoked.at(-1) ?? [];
  first.world.auth.close();
  const revoked: [string, number][] = [];
  // Credentials live two hours: alice's were issued, at the latest, as long ago.
  const again = await makeWorld({
    dataDir,
    clock: () => first.world.clock.ms,
    server: {
      presence: () => {
        throw new Error("nobody is here yet");
      },
      revokeRelay: (subject, at) => void revoked.push([subject, at]),
      banRelay: () => {},
    },
  });
  deepEqual(revoked, [["user.bob", bobAt]]);
  again.auth.close();
  first.world.auth.close = () => {};
});

Deno.test("a database of the first schema is copied, then brought up to date", async () => {
  const dataDir = await Deno.makeTempDir({ prefix: "hearth-old-" });
  const path = `${dataDir}/hearth.db`;
  const old = new DatabaseSync(path);
  old.exec(`${MIGRATIONS[0]};
    INSERT INTO users VALUES ('alice', 'Alice', '$scrypt$', 'epoch', 0, 7);
    PRAGMA user_version = 1`);
  old.close();
  await Deno.chmod(path, 0o600);

  const events: AuthEvent[] = [];
  const users = opened(await openUsers(dataDir, { note: (event) => events.push(event) }));
  deepEqual(users.list(), [
    { id: "alice", name: "Alice", role: "player", disabled: false, createdAt: 7 },
  ]);
  users.close();
  const copy = `${path}.schema-1`;
  deepEqual(events, [{ kind: "migrating", from: 1, to: MIGRATIONS.length, copy }]);
  equal((Deno.statSync(copy).mode ?? 0) & 0o777, 0o600);
  const kept = new DatabaseSync(copy, { readOnly: true });
  equal(kept.prepare("PRAGMA user_version").get()?.["user_version"], 1);
  equal(kept.prepare("SELECT count(*) AS n FROM users").get()?.["n"], 1);
  kept.close();

  events.length = 0;
  opened(await openUsers(dataDir, { note: (event) => events.push(event) })).close();
  deepEqual(events, [], "once");
  await Deno.remove(dataDir, { recursive: true });
});

Deno.test("a database that cannot be copied first is left as it is, and that is said", async () => {
  const dataDir = await Deno.makeTempDir({ prefix: "hearth-old-" });
  const path = `${dataDir}/hearth.db`;
  const old = new DatabaseSync(path);
  old.exec(`${MIGRATIONS[0]}; PRAGMA user_version = 1`);
  await Deno.mkdir(`${path}.schema-1.new/full`, { recursive: true });
  const result = await openDatabase(dataDir, () => {});
  match(result.kind === "failed" ? result.message : "", /needs a new schema, and cannot be copied/);
  equal(old.prepare("PRAGMA user_version").get()?.["user_version"], 1);
  old.close();
  await Deno.remove(dataDir, { recursive: true });
});

Deno.test("how long an ending written elsewhere takes to arrive: printed, as a figure", async () => {
  await using house = await makeHouse();
  const { elsewhere } = house;
  await elsewhere.add("alice", PASSWORD);
  const took: number[] = [];
  for (let i = 0; i < 40; i++) {
    elsewhere.endSessions("alice", "command-line");
    const acknowledged = performance.now();
    equal(await house.sentOff(), "user.alice disconnected");
    took.push(performance.now() - acknowledged);
  }
  took.sort((one, other) => one - other);
  const [middle, last] = [took[20] ?? NaN, took[39] ?? NaN];
  console.log(
    `acknowledged to sent off: median ${middle.toFixed(1)} ms, worst ${last.toFixed(1)} ms`,
  );
});
