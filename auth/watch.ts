import { subjectOf } from "./account.ts";
import { FileWatch } from "./file_watch.ts";
import { reason } from "./opened.ts";
import type { Ban, Bans } from "./bans.ts";
import { type Presence, REASONS } from "./presence.ts";
import { type LiveSession, sessionsEnded } from "./session_table.ts";
import type { Store } from "./store.ts";

export interface WatchOptions {
  readonly presence: () => Presence;
  /** Ends what TURN credentials of this subject hold, and those issued before `at` (Unix ms). */
  readonly revokeRelay: (subject: string, at: number) => void;
  /** Ends what clients in these ranges relay and refuses them more; earlier bans are over. */
  readonly banRelay: (bans: readonly Ban[]) => void;
  readonly credentialLifeSeconds: number;
}

/**
 * Ends at once whatever somebody has here when the right to it ends, whichever process says so:
 * this one, or the command line.
 */
export class Watch {
  readonly #store: Store;
  readonly #bans: Bans;
  readonly #options: WatchOptions;
  readonly #file: FileWatch;
  #version: number;
  #seen = 0;

  /**
   * Credentials that were refused before this start are refused still. `log` is the file that every
   * change is written to first: SQLite's write-ahead log, which is there while the store is open.
   */
  constructor(store: Store, bans: Bans, log: string, options: WatchOptions) {
    this.#store = store;
    this.#bans = bans;
    this.#options = options;
    this.#version = store.version();
    const since = store.clock() - options.credentialLifeSeconds * 1000;
    for (const { id, subject, at } of store.endings(0)) {
      this.#seen = id;
      if (at > since) options.revokeRelay(subject, at);
    }
    for (const { user, at } of sessionsEnded(store, since)) {
      options.revokeRelay(subjectOf({ id: user }), at);
    }
    options.banRelay(bans.list());
    store.onChange = () => this.#catchUp();
    this.#file = new FileWatch(log, () => this.#look());
  }

  /**
   * Ends what one login has. TURN credentials are the account's, so all that were issued so far go;
   * other devices are given new ones.
   */
  sessionEnded({ id, user }: LiveSession): void {
    const { presence, revokeRelay } = this.#options;
    const subject = subjectOf({ id: user });
    presence().disconnectSession(id, "disconnected", REASONS.disconnected);
    revokeRelay(subject, this.#store.clock());
    presence().renewIce(subject);
    this.#store.note({ kind: "sent-off", subject, why: "disconnected" });
  }

  close(): void {
    this.#file.close();
  }

  #catchUp(): void {
    const { presence, revokeRelay, banRelay } = this.#options;
    for (const { id, subject, why, at } of this.#store.endings(this.#seen)) {
      this.#seen = id;
      presence().disconnect(subject, why, REASONS[why]);
      revokeRelay(subject, at);
      this.#store.note({ kind: "sent-off", subject, why });
    }
    const bans = this.#bans.reload();
    if (bans === "same") return;
    banRelay(this.#bans.list());
    if (bans === "fewer") return;
    const theirs = presence().disconnectFrom(
      (address) => this.#bans.has(address),
      "banned",
      REASONS.banned,
    );
    for (const subject of theirs) {
      revokeRelay(subject, this.#store.clock());
      this.#store.note({ kind: "sent-off", subject, why: "banned" });
    }
  }

  #look(): void {
    try {
      const version = this.#store.version();
      if (version === this.#version) return;
      this.#catchUp();
      this.#version = version;
    } catch (error) {
      // It is asked again: a database that cannot be read now may be readable soon.
      this.#store.note({
        kind: "storage-failed",
        message: `Cannot follow changes: ${reason(error)}`,
      });
    }
  }
}
