/**
 * Kills a process that changes accounts, at random points, tears the end of what it was writing,
 * and looks whether every change that was acknowledged is there, and nothing else.
 *
 *     deno task kill [ROUNDS]        SEED=… repeats a run
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { parsePassword } from "../../auth/core/mod.ts";
import { PasswordHasher } from "../../auth/passwords.ts";
import { openUsers } from "../../auth/users.ts";
import { type Progress, progressLine } from "../../progress/mod.ts";
import { CHEAP, type Doing, follow, perform, type Seen } from "./changes.ts";
import { chance } from "../support/chance.ts";

export interface Tally {
  readonly rounds: number;
  /** Changes that were said to be done. */
  acknowledged: number;
  /** Rounds in which the kill came between a change's beginning and its end. */
  interrupted: number;
  /** Of those, changes that were on the disk although nobody had been told. */
  unsaid: number;
  /** Rounds in which the write-ahead log was given a torn end. */
  torn: number;
}

type Accounts = ReadonlyMap<string, Seen>;

/** Throws where anything was lost, or anything came by itself. */
export async function killRounds(
  rounds: number,
  seed: number,
  progress: Progress = () => {},
): Promise<Tally> {
  const random = chance(seed);
  const dataDir = await Deno.makeTempDir({ prefix: "hearth-killed-" });
  const tally: Tally = { rounds, acknowledged: 0, interrupted: 0, unsaid: 0, torn: 0 };
  try {
    let accounts: Accounts = new Map();
    let audited = 0;
    for (let round = 0; round < rounds; round++) {
      progress(`kill ${round + 1} of ${rounds}, ${tally.acknowledged} changes so far`);
      const told = await changeUntilKilled(dataDir, Math.floor(random() * 2 ** 32), {
        changes: Math.floor(random() * 40),
        thenMs: Math.floor(random() * 4),
      });
      for (const doing of told.done) accounts = follow(accounts, doing);
      audited += told.done.length;
      tally.acknowledged += told.done.length;
      if (random() < 0.7 && await tear(dataDir, random)) tally.torn++;

      const { begun } = told;
      if (begun) tally.interrupted++;
      const found = await lookAt(dataDir, accounts, begun);
      const unsaid = begun && found.audited === audited + 1 ? begun : undefined;
      if (unsaid) {
        tally.unsaid++;
        audited++;
        accounts = follow(accounts, unsaid);
      }
      equal(found.audited, audited, `round ${round}: lines of the audit`);
      deepEqual(sorted(found.accounts), sorted(accounts), `round ${round}`);
    }
  } finally {
    progress("");
    await Deno.remove(dataDir, { recursive: true });
  }
  return tally;
}

interface Told {
  /** Acknowledged, in order. */
  readonly done: readonly Doing[];
  /** Begun, and not heard of again. */
  readonly begun: Doing | undefined;
}

async function changeUntilKilled(
  dataDir: string,
  seed: number,
  when: { readonly changes: number; readonly thenMs: number },
): Promise<Told> {
  const child = new URL("./children/changes_accounts.ts", import.meta.url).pathname;
  const permissions = ["--allow-read", `--allow-write=${dataDir}`];
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--frozen", ...permissions, child, dataDir, `${seed}`],
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let text = "";
  let killed = false;
  for await (const piece of process.stdout.pipeThrough(new TextDecoderStream())) {
    text += piece;
    if (killed || text.split('"done"').length <= when.changes) continue;
    killed = true;
    setTimeout(() => process.kill("SIGKILL"), when.thenMs);
  }
  equal((await process.status).signal, "SIGKILL");
  const done: Doing[] = [];
  let begun: Doing | undefined;
  for (const line of text.split("\n").slice(0, -1)) {
    const said: { begun: Doing } | { done: boolean } = JSON.parse(line);
    if ("begun" in said) begun = said.begun;
    else {
      // One that was refused changed nothing, and says so by its absence.
      if (begun && said.done) done.push(begun);
      begun = undefined;
    }
  }
  return { done, begun };
}

/**
 * What a loss of power leaves of a change that was being written: the beginning of its frames in the
 * write-ahead log, their end missing or never right; or any bytes at all; and no use in the -shm.
 */
async function tear(dataDir: string, random: () => number): Promise<boolean> {
  const log = `${dataDir}/hearth.db-wal`;
  const there = await Deno.readFile(log).catch(() => undefined);
  if (!there) return false;
  const junk = (length: number) => Uint8Array.from({ length }, () => random() * 256);
  if (random() < 0.3) await Deno.writeFile(`${dataDir}/hearth.db-shm`, junk(32_768));
  if (random() < 0.3) {
    await Deno.writeFile(log, junk(1 + Math.floor(random() * 9_000)), { append: true });
    return true;
  }
  const whole = await logAfterOneMore(dataDir);
  const common = there.findIndex((byte, at) => byte !== whole[at]);
  const from = common < 0 ? there.length : common;
  const torn = whole.slice(0, from + Math.floor(random() * (whole.length - from)));
  // Sectors reach the disk in any order: the last ones may hold anything.
  if (random() < 0.5) torn.set(junk(Math.floor(random() * (torn.length - from))), from);
  await Deno.writeFile(log, torn);
  return true;
}

/** The write-ahead log as it would be after one more change, made on a copy. */
async function logAfterOneMore(dataDir: string): Promise<Uint8Array<ArrayBuffer>> {
  const copy = await Deno.makeTempDir({ prefix: "hearth-torn-" });
  try {
    for (const file of ["hearth.db", "hearth.db-wal"]) {
      await Deno.copyFile(`${dataDir}/${file}`, `${copy}/${file}`);
    }
    const users = await openUsers(copy, { cost: CHEAP });
    if (users.kind === "failed") throw new Error(users.message);
    await perform(users.value, { verb: "add", name: "torn", password: "never was" });
    const log = await Deno.readFile(`${copy}/hearth.db-wal`);
    users.value.close();
    return log;
  } finally {
    await Deno.remove(copy, { recursive: true });
  }
}

/** What a new process finds. A password is known by the ones that an account may have. */
async function lookAt(
  dataDir: string,
  expected: Accounts,
  begun: Doing | undefined,
): Promise<{ accounts: Accounts; audited: number }> {
  const users = await openUsers(dataDir, { cost: CHEAP });
  ok(users.kind === "open", users.kind === "failed" ? users.message : "");
  const saved = users.value.export();
  users.value.close();
  const hasher = new PasswordHasher(CHEAP);
  const accounts = new Map<string, Seen>();
  for (const { name, role, disabled, bannedUntil, password: hash } of saved) {
    let password = "another";
    for (const tried of [expected.get(name)?.password, begun?.password]) {
      const parsed = parsePassword(tried ?? "");
      if (parsed.kind === "bad") continue;
      if ((await hasher.verify(parsed.value, hash)).kind === "right") password = tried ?? "";
    }
    accounts.set(name, { role, disabled, banned: bannedUntil !== undefined, password });
  }
  const database = new DatabaseSync(`${dataDir}/hearth.db`, { readOnly: true });
  const audited = Number(database.prepare("SELECT count(*) AS n FROM audit").get()?.["n"]);
  database.close();
  return { accounts, audited };
}

function sorted(accounts: Accounts): [string, Seen][] {
  return [...accounts].toSorted(([one], [other]) => one < other ? -1 : 1);
}

export function anySeed(): number {
  return Number(Deno.env.get("SEED") ?? crypto.getRandomValues(new Uint32Array(1))[0]);
}

if (import.meta.main) {
  const seed = anySeed();
  const rounds = Number(Deno.args[0] ?? 1_000);
  console.log(`SEED=${seed}, ${rounds} rounds`);
  const { acknowledged, interrupted, unsaid, torn } = await killRounds(
    rounds,
    seed,
    progressLine(),
  );
  console.log(
    `${rounds} kills: ${acknowledged} acknowledged changes, none lost, none made up; ` +
      `${interrupted} kills met a change half way (${unsaid} of these were on the disk), ` +
      `${torn} logs were torn`,
  );
}
