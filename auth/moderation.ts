import { type Copied, copyDatabase } from "./database.ts";
import type { Actor, AuditLine, Store, Written } from "./store.ts";

/** What a host does that is no account's, ban's or invitation's own matter. */
export class Moderation {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /**
   * Ends what a subject, guests too, has here: connections, allocations, TURN credentials. It may
   * come back.
   */
  kick(subject: string, by: Actor): Written<string> {
    return this.#store.change(({ audit, end }) => {
      audit({ by, action: "kicked", target: subject });
      end(subject, "kicked");
      return subject;
    });
  }

  /** Notes who locks or unlocks a room. */
  setLocked(room: string, isLocked: boolean, by: Actor): Written<true> {
    return this.#store.change(({ audit }) => {
      audit({ by, action: isLocked ? "locked" : "unlocked", target: room });
      return true;
    });
  }

  /** Notes who ends the program. */
  drain(by: Actor): Written<true> {
    return this.#store.change(({ audit }) => {
      audit({ by, action: "drained", target: "server" });
      return true;
    });
  }

  /** Who did what: the latest first, at most `limit`, older than the line of id `before`. */
  audit(limit: number, before?: number): AuditLine[] {
    return this.#store.audit(limit, before);
  }

  /**
   * Copies the accounts to a file that is not there yet, also while others use them; `onProgress` is
   * told which share is done.
   */
  backUp(path: string, onProgress?: (share: number) => void): Promise<Copied> {
    return copyDatabase(this.#store.database, path, onProgress);
  }
}
