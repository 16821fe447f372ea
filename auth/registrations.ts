import { type Change, type Refusal, refused, subjectOf, taken, withoutSecrets } from "./account.ts";
import type { Invites } from "./invites.ts";
import { prepareAccount } from "./new_account.ts";
import type { PasswordHasher } from "./passwords.ts";
import type { Store } from "./store.ts";
import { UserTable } from "./user_table.ts";

/** Accounts there may be where people make them by themselves. */
const MAX_REGISTERED = 100_000;

/** Accounts that strangers make. */
export class Registrations {
  readonly #store: Store;
  readonly #table: UserTable;
  readonly #hasher: PasswordHasher;
  readonly #invites: Invites;

  constructor(store: Store, hasher: PasswordHasher, invites: Invites) {
    this.#store = store;
    this.#table = new UserTable(store);
    this.#hasher = hasher;
    this.#invites = invites;
  }

  /** A player's account. With `invite`, the token of an invitation, which is then used. */
  async register(name: string, password: string, invite?: string): Promise<Change> {
    // Asked before anything is hashed, which is dear, and again when it counts.
    if (invite !== undefined && !this.#invites.find(invite)) return BAD_INVITE;
    const parts = { table: this.#table, hasher: this.#hasher };
    const prepared = await prepareAccount(name, password, parts);
    if (prepared.kind === "refused") return prepared;
    let why: Refusal = taken(prepared.name);
    const written = this.#store.change(({ audit }) => {
      const invitation = invite === undefined ? undefined : this.#invites.find(invite);
      if (invite !== undefined && !invitation) {
        why = BAD_INVITE;
        return undefined;
      }
      if (this.#table.count() >= MAX_REGISTERED) {
        why = TOO_MANY;
        return undefined;
      }
      const createdAt = this.#store.clock();
      const account = this.#table.insert({
        ...prepared,
        role: "player",
        disabled: false,
        createdAt,
      });
      if (!account) return undefined;
      const subject = subjectOf(account);
      if (invitation) this.#invites.use(invitation, subject);
      const detail = invitation && `invitation ${invitation.id}`;
      audit({ by: subject, action: "registered", target: subject, ...detail && { detail } });
      return account;
    });
    switch (written.kind) {
      case "done":
        return { kind: "done", user: withoutSecrets(written.value) };
      case "nothing":
        return why;
      case "refused":
        return written;
    }
  }
}

const BAD_INVITE = refused(
  "bad-invite",
  "This invitation was used, has expired, or never was: ask for another.",
);

const TOO_MANY = refused(
  "too-many-accounts",
  `This server has its ${MAX_REGISTERED} accounts already.`,
);
