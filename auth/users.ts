import {
  type Account,
  type Change,
  newEpoch,
  type Refusal,
  refused,
  type Role,
  type SavedUser,
  subjectOf,
  taken,
  toAccount,
  type User,
  withoutSecrets,
} from "./account.ts";
import { untilText } from "./bans.ts";
import { parseUserName, type Password, type ScryptCost } from "./core/mod.ts";
import { openDatabase, refusedWrite } from "./database.ts";
import type { AuthEvent } from "./events.ts";
import { hashNewPassword, prepareAccount } from "./new_account.ts";
import type { Opened } from "./opened.ts";
import { OWASP_COST, PasswordHasher } from "./passwords.ts";
import type { Ending } from "./presence.ts";
import { type Actor, type Entry, type Recorder, Store } from "./store.ts";
import { UserTable } from "./user_table.ts";

export interface UsersOptions {
  readonly cost?: ScryptCost;
  /** Unix milliseconds. */
  readonly clock?: () => number;
  readonly note?: (event: AuthEvent) => void;
}

/** Opens the accounts in a data folder: for the command line, also while the server runs. */
export async function openUsers(
  dataDir: string,
  { cost = OWASP_COST, clock = Date.now, note = () => {} }: UsersOptions = {},
): Promise<Opened<Users>> {
  const database = await openDatabase(dataDir, note);
  if (database.kind === "failed") return database;
  const store = new Store(database.value, clock, note);
  return { kind: "open", value: new Users(store, new PasswordHasher(cost)) };
}

/**
 * The accounts. Names and passwords come as they were typed; each method judges them itself. `by`
 * is who makes the change, for the audit.
 */
export class Users {
  readonly #store: Store;
  readonly #table: UserTable;
  readonly #hasher: PasswordHasher;

  constructor(store: Store, hasher: PasswordHasher) {
    this.#store = store;
    this.#table = new UserTable(store);
    this.#hasher = hasher;
  }

  /**
   * Adds an account. Where no role is named it is a player's, save for the first account of all:
   * that is the host's.
   */
  async add(
    name: string,
    password: string,
    { role, by = "command-line" }: { readonly role?: Role; readonly by?: Actor } = {},
  ): Promise<Change> {
    const parts = { table: this.#table, hasher: this.#hasher };
    const prepared = await prepareAccount(name, password, parts);
    if (prepared.kind === "refused") return prepared;
    return this.#change(
      ({ audit }) => {
        const account = this.#table.insert({
          ...prepared,
          role: role ?? (this.#table.count() === 0 ? "host" : "player"),
          disabled: false,
          createdAt: this.#store.clock(),
        });
        if (account) {
          audit({ by, action: "added", target: subjectOf(account), detail: account.role });
        }
        return account;
      },
      () => taken(prepared.name),
    );
  }

  /** Every account, by id. */
  list(): User[] {
    return this.#table.all().map(withoutSecrets);
  }

  /** Ends the user's sessions too: whoever knew the old password may have made them. */
  async setPassword(name: string, password: string, by: Actor = "command-line"): Promise<Change> {
    const account = this.find(name.toLowerCase());
    if (!account) return unknown(name);
    const hashed = await hashNewPassword(password, account.id, this.#hasher);
    if (hashed.kind === "refused") return hashed;
    return this.#end(name, { by, action: "password-set" }, "disconnected", {
      sql: "UPDATE users SET password = ?, epoch = ? WHERE id = ? RETURNING *",
      parameters: [hashed.phc, newEpoch()],
    });
  }

  /** Refuses login and every session from now on; the account stays. */
  disable(name: string, by: Actor = "command-line"): Change {
    return this.#end(name, { by, action: "disabled" }, "disconnected", {
      sql: "UPDATE users SET disabled = 1, epoch = ? WHERE id = ? RETURNING *",
      parameters: [newEpoch()],
    });
  }

  /** Lifts a ban too. */
  enable(name: string, by: Actor = "command-line"): Change {
    return this.#set(name, { by, action: "enabled" }, {
      sql: "UPDATE users SET disabled = 0, banned_until = NULL WHERE id = ? RETURNING *",
      parameters: [],
    });
  }

  /** As `disable`, for so many seconds. */
  ban(name: string, seconds: number, by: Actor = "command-line"): Change {
    const until = this.#store.clock() + seconds * 1000;
    return this.#end(name, { by, action: "banned", detail: untilText(until) }, "banned", {
      sql: "UPDATE users SET banned_until = ?, epoch = ? WHERE id = ? RETURNING *",
      parameters: [until, newEpoch()],
    });
  }

  unban(name: string, by: Actor = "command-line"): Change {
    return this.#set(name, { by, action: "unbanned" }, {
      sql: "UPDATE users SET banned_until = NULL WHERE id = ? RETURNING *",
      parameters: [],
    });
  }

  remove(name: string, by: Actor = "command-line"): Change {
    return this.#end(name, { by, action: "removed" }, "disconnected", {
      sql: "DELETE FROM users WHERE id = ? RETURNING *",
      parameters: [],
    });
  }

  setRole(name: string, role: Role, by: Actor = "command-line"): Change {
    return this.#set(name, { by, action: "role-set", detail: role }, {
      sql: "UPDATE users SET role = ? WHERE id = ? RETURNING *",
      parameters: [role],
    });
  }

  /** Ends all tokens of a user. Without `by` it is the user's own doing, and the audit is silent. */
  endSessions(name: string, by?: Actor): Change {
    const entry = by && { by, action: "sessions-ended" as const };
    return this.#end(name, entry, "disconnected", {
      sql: "UPDATE users SET epoch = ? WHERE id = ? RETURNING *",
      parameters: [newEpoch()],
    });
  }

  /** Every account with its password's hash. */
  export(): SavedUser[] {
    return this.#table.saved();
  }

  /** Adds all of these accounts, or none: where a name is taken, it is said which. */
  import(saved: readonly SavedUser[], by: Actor = "command-line"): Refusal | { kind: "done" } {
    for (const { name } of saved) {
      const parsed = parseUserName(name);
      if (parsed.kind === "bad") return refused("bad-name", parsed.message);
    }
    let there = "";
    const written = this.#store.change(({ audit }) => {
      for (const user of saved) {
        const account = this.#table.insert(user);
        if (!account) {
          there = user.name;
          return undefined;
        }
        audit({ by, action: "imported", target: subjectOf(account), detail: account.role });
      }
      return saved;
    });
    if (written.kind === "refused") return written;
    return written.kind === "done" ? { kind: "done" } : taken(there);
  }

  /**
   * The account whose password this is. An unknown name, a wrong password and a disabled account
   * take the same time and look the same; `known` is for the operator's log alone.
   */
  async verify(
    id: string,
    password: Password,
  ): Promise<
    | { readonly kind: "right"; readonly account: Account }
    | { readonly kind: "wrong"; readonly known?: User }
    | { readonly kind: "busy" }
  > {
    const before = this.find(id);
    const verdict = await this.#hasher.verify(password, before?.password);
    if (verdict.kind === "busy") return verdict;
    // Its sessions may have been ended meanwhile, by a new password or by removal: this one too.
    const account = this.find(id);
    if (
      verdict.kind === "wrong" || account?.epoch !== before?.epoch || !account || account.disabled
    ) {
      return before ? { kind: "wrong", known: before } : { kind: "wrong" };
    }
    if (verdict.rehash) await this.#rehash(account, password);
    return { kind: "right", account };
  }

  find(id: string): Account | undefined {
    return this.#table.find(id);
  }

  close(): void {
    this.#store.close();
  }

  /** Brings a stored hash to the present cost. Where that fails, the next login does it. */
  async #rehash(account: Account, password: Password): Promise<void> {
    const hashed = await this.#hasher.hash(password);
    if (hashed.kind === "busy") return;
    try {
      this.#store.all(
        "UPDATE users SET password = ? WHERE id = ? AND password = ?",
        hashed.phc,
        account.id,
        account.password,
      );
      this.#store.note({ kind: "rehashed", subject: subjectOf(account) });
    } catch (error) {
      this.#store.note({ kind: "storage-failed", message: refusedWrite(error).message });
    }
  }

  /** A change after which the user's sessions are over. */
  #end(name: string, entry: Doing | undefined, why: Ending, update: Update): Change {
    const change = this.#set(name, entry, update, why);
    if (change.kind === "done") {
      this.#store.note({ kind: "sessions-ended", subject: subjectOf(change.user) });
    }
    return change;
  }

  #set(name: string, entry: Doing | undefined, { sql, parameters }: Update, why?: Ending): Change {
    return this.#change(
      (record) => {
        const [row] = this.#store.all(sql, ...parameters, name.toLowerCase());
        if (!row) return undefined;
        const account = toAccount(row, this.#store.clock());
        const target = subjectOf(account);
        if (entry) record.audit({ ...entry, target });
        if (why) record.end(target, why);
        return account;
      },
      () => unknown(name),
    );
  }

  #change(write: (record: Recorder) => Account | undefined, otherwise: () => Refusal): Change {
    const written = this.#store.change(write);
    switch (written.kind) {
      case "done":
        return { kind: "done", user: withoutSecrets(written.value) };
      case "nothing":
        return otherwise();
      case "refused":
        return written;
    }
  }
}

type Doing = Omit<Entry, "target">;

/** A statement that takes the id as its last parameter, and what comes before it. */
interface Update {
  readonly sql: string;
  readonly parameters: readonly (string | number)[];
}

function unknown(name: string): Refusal {
  return refused("no-such-user", `There is no user ${JSON.stringify(name)}.`);
}
