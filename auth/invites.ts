import { createHash, randomBytes } from "node:crypto";
import type { Actor, Row, Store, Written } from "./store.ts";

/** Lets one person in, once. */
export interface Invite {
  readonly id: number;
  readonly madeBy: string;
  /** Unix milliseconds. */
  readonly madeAt: number;
  readonly expiresAt: number;
  /** The subject whom it let in. */
  readonly usedBy?: string;
}

/** An invitation with the token that opens the door: the database keeps its digest only. */
export interface NewInvite extends Invite {
  readonly token: string;
}

export type InviteChange<T extends Invite> = Exclude<Written<T>, { kind: "nothing" }> | {
  readonly kind: "refused";
  readonly code: "too-many-invites" | "no-such-invite";
  readonly message: string;
};

const TOKEN_BYTES = 16;
/** 16 bytes in base64url. */
const TOKEN = /^[\w-]{22}$/;
/** Invitations that are open at a time. */
const MAX_OPEN = 1_000;
/** Those used or expired longer ago are let go; the audit still has them. */
const KEPT_MS = 30 * 86_400_000;

/** Single-use invitations. */
export class Invites {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Makes one that holds for so many seconds. */
  make(seconds: number, by: Actor): InviteChange<NewInvite> {
    const token = randomBytes(TOKEN_BYTES).toString("base64url");
    const now = this.#store.clock();
    const written = this.#store.change(({ audit }) => {
      this.#store.all("DELETE FROM invites WHERE expires_at < ?", now - KEPT_MS);
      const [count] = this.#store.all(
        "SELECT count(*) AS open FROM invites WHERE used_by IS NULL AND expires_at > ?",
        now,
      );
      if (Number(count?.["open"]) >= MAX_OPEN) return undefined;
      const [row] = this.#store.all(
        `INSERT INTO invites (digest, made_by, made_at, expires_at) VALUES (?, ?, ?, ?)
         RETURNING *`,
        digestOf(token),
        by,
        now,
        now + seconds * 1000,
      );
      if (!row) return undefined;
      const invite = toInvite(row);
      audit({ by, action: "invited", target: String(invite.id) });
      return { ...invite, token };
    });
    if (written.kind !== "nothing") return written;
    const message = `There are ${MAX_OPEN} open invitations already: withdraw some.`;
    return { kind: "refused", code: "too-many-invites", message };
  }

  /** The latest first. */
  list(): Invite[] {
    return this.#store.all("SELECT * FROM invites ORDER BY id DESC").map(toInvite);
  }

  /** Takes an invitation back, unless it was used. */
  withdraw(id: number, by: Actor): InviteChange<Invite> {
    const written = this.#store.change(({ audit }) => {
      const [row] = this.#store.all(
        "DELETE FROM invites WHERE id = ? AND used_by IS NULL RETURNING *",
        id,
      );
      if (!row) return undefined;
      audit({ by, action: "invite-withdrawn", target: String(id) });
      return toInvite(row);
    });
    if (written.kind !== "nothing") return written;
    const message = `There is no open invitation ${id}.`;
    return { kind: "refused", code: "no-such-invite", message };
  }

  /** The invitation that this token opens now, if it opens one. */
  find(token: string): Invite | undefined {
    if (!TOKEN.test(token)) return undefined;
    const [row] = this.#store.all(
      "SELECT * FROM invites WHERE digest = ? AND used_by IS NULL AND expires_at > ?",
      digestOf(token),
      this.#store.clock(),
    );
    return row && toInvite(row);
  }

  /** Marks it used; only within a change of the store, so that it goes with the account or not at all. */
  use({ id }: Invite, subject: string): void {
    this.#store.all("UPDATE invites SET used_by = ? WHERE id = ?", subject, id);
  }
}

/** Found by its digest: the time that a look-up takes tells nothing of the token. */
function digestOf(token: string): Uint8Array {
  return createHash("sha256").update(token).digest();
}

function toInvite(row: Row): Invite {
  return {
    id: Number(row["id"]),
    madeBy: String(row["made_by"]),
    madeAt: Number(row["made_at"]),
    expiresAt: Number(row["expires_at"]),
    ...row["used_by"] !== null && { usedBy: String(row["used_by"]) },
  };
}
