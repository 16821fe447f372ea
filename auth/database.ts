import { backup, DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import type { AuthEvent } from "./events.ts";
import { failed, type Opened, type OpenFailure, reason } from "./opened.ts";
import { closeToOthers, makeDataDir, touch } from "./private_file.ts";
import { MIGRATIONS } from "./schema.ts";

/** How long a statement waits for another process: the command line beside the running server. */
const BUSY_MS = 2_000;

/** SQLite's primary result codes (sqlite.org/rescode.html). */
const BUSY = 5, READONLY = 8, CORRUPT = 11, FULL = 13, NOTADB = 26;

/**
 * Opens `hearth.db`, made where it is not there yet, and brings it to the present schema. It writes
 * once, so that a fault shows at the start, and so that SQLite has all its files open: the process
 * may give up its permission to write afterwards.
 */
export async function openDatabase(
  dataDir: string,
  note: (event: AuthEvent) => void,
  busyMs = BUSY_MS,
): Promise<Opened<DatabaseSync>> {
  const noFolder = await makeDataDir(dataDir);
  if (noFolder) return noFolder;
  const path = join(dataDir, "hearth.db");
  let database: DatabaseSync | undefined;
  try {
    // Made by us, since SQLite would let others read it; its -wal and -shm take the same mode.
    await touch(path);
    const exposed = await closeToOthers(path, note);
    if (exposed) return exposed;
    database = new DatabaseSync(path, { timeout: busyMs });
    const problem = check(database, path) ?? await keepOld(database, path, note);
    if (!problem) {
      migrate(database);
      return { kind: "open", value: database };
    }
    database.close();
    return problem;
  } catch (error) {
    database?.close();
    return explain(error, path);
  }
}

/** What forbids the use of this database, if anything does. */
function check(database: DatabaseSync, path: string): OpenFailure | undefined {
  run(database, "PRAGMA journal_mode = WAL");
  run(database, "PRAGMA synchronous = FULL");
  const check = database.prepare("PRAGMA quick_check(1)").get()?.["quick_check"];
  if (check !== "ok") return corrupt(path, String(check).replaceAll(/\s+/g, " "));
  const version = schemaOf(database);
  if (version <= MIGRATIONS.length) return undefined;
  return failed(
    "newer",
    `${path} was written by a later version of hearth (schema ${version}, this one knows ` +
      `${MIGRATIONS.length}). Start that version, or name another folder with HEARTH_DATA_DIR.`,
  );
}

/** Before a database is brought to a new schema, a copy of it is laid beside it. */
async function keepOld(
  database: DatabaseSync,
  path: string,
  note: (event: AuthEvent) => void,
): Promise<OpenFailure | undefined> {
  const version = schemaOf(database);
  if (version === 0 || version === MIGRATIONS.length) return undefined;
  const copy = `${path}.schema-${version}`;
  const saved = await copyDatabase(database, copy);
  // One that is there was made by a start that did not come to its end, or by another process.
  if (saved.kind === "failed" && saved.code !== "exists") {
    return failed(
      "unreadable",
      `${path} needs a new schema, and cannot be copied first: ${saved.message}`,
    );
  }
  note({ kind: "migrating", from: version, to: MIGRATIONS.length, copy });
  return undefined;
}

/** Another process may have done it meanwhile: what counts is the version under the lock. */
function migrate(database: DatabaseSync): void {
  run(database, "BEGIN IMMEDIATE");
  for (const migration of MIGRATIONS.slice(schemaOf(database))) run(database, migration);
  run(database, `PRAGMA user_version = ${MIGRATIONS.length}`);
  run(database, "COMMIT");
}

function schemaOf(database: DatabaseSync): number {
  return Number(database.prepare("PRAGMA user_version").get()?.["user_version"]);
}

export type Copied = { readonly kind: "copied"; readonly path: string } | {
  readonly kind: "failed";
  readonly code: "exists" | "unwritable";
  readonly message: string;
};

/** Copies the database as it is at one moment, also while others use it. For its owner only. */
export async function copyDatabase(
  database: DatabaseSync,
  path: string,
  onProgress: (share: number) => void = () => {},
): Promise<Copied> {
  const draft = `${path}.new`;
  try {
    await Deno.remove(draft).catch(() => {});
    await touch(draft);
    onProgress(0);
    await backup(database, draft, {
      progress: ({ totalPages, remainingPages }) => onProgress(1 - remainingPages / totalPages),
    });
    using file = await Deno.open(draft, { read: true, write: true });
    await file.sync();
    await Deno.link(draft, path);
    return { kind: "copied", path };
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) {
      return { kind: "failed", code: "exists", message: `There is a file ${path} already.` };
    }
    return {
      kind: "failed",
      code: "unwritable",
      message: `Cannot write ${path}: ${reason(error)}.`,
    };
  } finally {
    await Deno.remove(draft).catch(() => {});
  }
}

/** Not `exec`: the errors it throws have no result code (Deno 2.9.6). */
export function run(database: DatabaseSync, statement: string): void {
  database.prepare(statement).all();
}

/** What a fault at opening means to the person who starts the program. */
export function explain(error: unknown, path: string): OpenFailure {
  switch (resultCode(error)) {
    case BUSY:
      return failed(
        "locked",
        `Another program holds ${path} locked. End it, or wait until it is done, and start again.`,
      );
    case READONLY:
      return failed(
        "read-only",
        `Cannot write ${path}: it is read-only. Give this user the right to write it and its folder.`,
      );
    case CORRUPT:
    case NOTADB:
      return corrupt(path, reason(error));
    default:
      return failed("unreadable", `Cannot open ${path}: ${reason(error)}.`);
  }
}

function corrupt(path: string, what: string): OpenFailure {
  return failed(
    "corrupt",
    `${path} is damaged: ${what}. Put a backup in its place, or move it away to start without accounts.`,
  );
}

export interface RefusedWrite {
  readonly code: "disk-full" | "storage-failed";
  readonly message: string;
}

/** Why the database refused a write. Anything else is a fault of ours, and is thrown on. */
export function refusedWrite(error: unknown): RefusedWrite {
  switch (resultCode(error)) {
    case undefined:
      throw error;
    case FULL:
      return { code: "disk-full", message: "The disk is full: nothing was changed." };
    case BUSY:
      return {
        code: "storage-failed",
        message: "Another program holds the database locked: nothing was changed. Try again.",
      };
    default:
      return {
        code: "storage-failed",
        message: `The database refused: ${reason(error)}. Nothing was changed.`,
      };
  }
}

/** The low byte of SQLite's result code; the rest refines it. */
function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error)) return undefined;
  return typeof error.errcode === "number" ? error.errcode & 0xff : undefined;
}
