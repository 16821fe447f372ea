import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from "node:sqlite";
import { refusedWrite, run } from "./database.ts";
import type { AuthEvent } from "./events.ts";
import type { Ending } from "./presence.ts";

/** Who makes a change: an account, or whoever may use the data folder. */
export type Actor = "command-line" | `user.${string}`;

export type Action =
  | "added"
  | "registered"
  | "imported"
  | "password-set"
  | "disabled"
  | "enabled"
  | "removed"
  | "role-set"
  | "sessions-ended"
  | "kicked"
  | "locked"
  | "unlocked"
  | "drained"
  | "banned"
  | "unbanned"
  | "invited"
  | "invite-withdrawn"
  | "keys-rotated";

/** One line of the audit: who did what to whom. */
export interface Entry {
  readonly by: Actor;
  readonly action: Action;
  /** A subject, a network, a room, a key's id, the number of an invitation, or `server`. */
  readonly target: string;
  readonly detail?: string;
}

export interface AuditLine extends Omit<Entry, "by" | "action"> {
  readonly id: number;
  /** Unix milliseconds. */
  readonly at: number;
  readonly by: string;
  readonly action: string;
}

/** A subject whose connections, allocations and TURN credentials end. */
export interface Ended {
  readonly id: number;
  readonly subject: string;
  readonly why: Ending;
  /** Unix milliseconds. */
  readonly at: number;
}

/** What a change leaves behind beside itself. */
export interface Recorder {
  audit(entry: Entry): void;
  /** A running server hears of it, whichever process wrote it. */
  end(subject: string, why: Ending): void;
}

/** What came of a write. Once it is `done` it survives a loss of power. */
export type Written<T> =
  | { readonly kind: "done"; readonly value: T }
  /** There was nothing to change, and nothing was. */
  | { readonly kind: "nothing" }
  | {
    readonly kind: "refused";
    readonly code: "disk-full" | "storage-failed";
    readonly message: string;
  };

export type Row = { readonly [column: string]: SQLOutputValue };

/** No TURN credential lives longer, so an older ending has no more to end. */
const ENDINGS_KEPT_MS = 365 * 86_400_000;

/** The open database, and how it is written: each change whole, with its line in the audit. */
export class Store {
  /** Unix milliseconds. */
  readonly clock: () => number;
  readonly note: (event: AuthEvent) => void;
  readonly database: DatabaseSync;
  /** Called after each change that was made here. */
  onChange: () => void = () => {};
  readonly #record: Recorder;
  /** Kept, as it is asked many times a second. */
  readonly #version: StatementSync;

  constructor(database: DatabaseSync, clock: () => number, note: (event: AuthEvent) => void) {
    this.database = database;
    this.#version = database.prepare("PRAGMA data_version");
    this.clock = clock;
    this.note = note;
    this.#record = {
      audit: ({ by, action, target, detail }) =>
        void this.all(
          "INSERT INTO audit (at, actor, action, target, detail) VALUES (?, ?, ?, ?, ?)",
          this.clock(),
          by,
          action,
          target,
          detail ?? null,
        ),
      end: (subject, why) => {
        const now = this.clock();
        this.all("DELETE FROM endings WHERE at < ?", now - ENDINGS_KEPT_MS);
        this.all(
          "INSERT OR REPLACE INTO endings (subject, why, at) VALUES (?, ?, ?)",
          subject,
          why,
          now,
        );
      },
    };
  }

  /** Not `get` nor `run`: those do not run a statement to its end, where its commit may fail. */
  all(sql: string, ...parameters: readonly SQLInputValue[]): Row[] {
    return this.database.prepare(sql).all(...parameters);
  }

  /**
   * Carries out `write`: all of it and what it records, or nothing. Where it answers undefined,
   * nothing was changed.
   */
  change<T>(write: (record: Recorder) => T | undefined): Written<T> {
    const written = this.#write(write);
    if (written.kind === "done") this.onChange();
    return written;
  }

  #write<T>(write: (record: Recorder) => T | undefined): Written<T> {
    try {
      run(this.database, "BEGIN IMMEDIATE");
      const value = write(this.#record);
      run(this.database, value === undefined ? "ROLLBACK" : "COMMIT");
      return value === undefined ? { kind: "nothing" } : { kind: "done", value };
    } catch (error) {
      // Some faults, as a full disk, have rolled it back already.
      if (this.database.isTransaction) run(this.database, "ROLLBACK");
      const refusal = refusedWrite(error);
      this.note({ kind: "storage-failed", message: refusal.message });
      return { kind: "refused", ...refusal };
    }
  }

  /** Lines of the audit, the latest first: at most `limit`, older than the one of id `before`. */
  audit(limit: number, before = Number.MAX_SAFE_INTEGER): AuditLine[] {
    return this.all("SELECT * FROM audit WHERE id < ? ORDER BY id DESC LIMIT ?", before, limit)
      .map((row) => ({
        id: Number(row["id"]),
        at: Number(row["at"]),
        by: String(row["actor"]),
        action: String(row["action"]),
        target: String(row["target"]),
        ...row["detail"] !== null && { detail: String(row["detail"]) },
      }));
  }

  /** What was ended after the ending of id `after`, in order. */
  endings(after: number): Ended[] {
    return this.all("SELECT * FROM endings WHERE id > ? ORDER BY id", after).map((row) => ({
      id: Number(row["id"]),
      subject: String(row["subject"]),
      why: String(row["why"]) as Ending,
      at: Number(row["at"]),
    }));
  }

  /** Another number whenever another connection, of this process or not, has changed something. */
  version(): number {
    return Number(this.#version.get()?.["data_version"]);
  }

  close(): void {
    this.database.close();
  }
}
