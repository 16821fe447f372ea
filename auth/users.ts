import { randomBytes } from "node:crypto";
import { untilText } from "./bans.ts";
import { idOf, parseUserName, type Password, type ScryptCost, type UserName } from "./core/mod.ts";
import { openDatabase, refusedWrite } from "./database.ts";
import type { AuthEvent } from "./events.ts";
import { Invites } from "./invites.ts";
import { parseNewPassword } from "./new_password.ts";
import type { Opened } from "./opened.ts";
import { OWASP_COST, PasswordHasher } from "./passwords.ts";
import type { Ending } from "./presence.ts";
import { type Actor, type Entry, type Recorder, type Row, Store } from "./store.ts";

/** `host`: may use `/api/admin`. */
export type Role = "host" | "player";

export interface User {
  /** The name in lower case: unique, and what others call the player by. */
  readonly id: string;
  /** The name as its owner writes it. */
  readonly name: string;
  readonly role: Role;
  /** Whether it may not log in now: for good, or until its ban ends. */
  readonly disabled: boolean;
  /** Unix milliseconds; only where it is banned. */
  readonly bannedUntil?: number;
  /** Unix milliseconds. */
  readonly createdAt: number;
}

/** A user with what only this folder may see. */
export interface Account extends User {
  /** PHC string. */
  readonly password: string;
  /** Carried by every token; a token with another one is over. */
  readonly epoch: string;
}

/** What came of a change. Once it is `done` it survives a loss of power. */
export type Change = { readonly kind: "done"; readonly user: User } | Refusal;

export interface Refusal {
  readonly kind: "refused";
  readonly code:
    | "bad-name"
    | "bad-password"
    | "name-taken"
    | "no-such-user"
    | "bad-invite"
    | "too-many-accounts"
    /** Too many passwords are being hashed; try again in a moment. */
    | "busy"
    | "disk-full"
    /** The database is locked, or the like. */
    | "storage-failed";
  readonly message: string;
}

const SUBJECT_PREFIX = "user.";

/** Accounts there may be where people make them by themselves. */
const MAX_REGISTERED = 100_000;

/** What every token, relay credential and event calls a user by. */
export function subjectOf(user: Pick<User, "id">): `user.${string}` {
  return `${SUBJECT_PREFIX}${user.id}`;
}

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

/** An account as it is carried from one database to another. */
export type SavedUser = Pick<Account, "name" | "password" | "role" | "createdAt"> & {
  /** For good: a ban is told by its end. */
  readonly disabled: boolean;
  readonly bannedUntil?: number;
};

/**
 * The accounts. Names and passwords come as they were typed; each method judges them itself. `by`
 * is who makes the change, for the audit.
 */
export class Users {
  readonly #store: Store;
  readonly #hasher: PasswordHasher;
  readonly #invites: Invites;

  constructor(store: Store, hasher: PasswordHasher) {
    this.#store = store;
    this.#hasher = hasher;
    this.#invites = new Invites(store);
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
    const prepared = await this.#prepare(name, password);
    if (prepared.kind === "refused") return prepared;
    return this.#change(
      ({ audit }) => {
        const account = this.#insert({
          ...prepared,
          role: role ?? (this.#count() === 0 ? "host" : "player"),
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

  /** An account that a stranger makes: a player's. With `invite`, the token of an invitation. */
  async register(name: string, password: string, invite?: string): Promise<Change> {
    const uninvited = () => invite !== undefined && !this.#invites.find(invite);
    // Asked before anything is hashed, which is dear, and again when it counts.
    if (uninvited()) return badInvite();
    const prepared = await this.#prepare(name, password);
    if (prepared.kind === "refused") return prepared;
    let why = () => taken(prepared.name);
    return this.#change(
      ({ audit }) => {
        const invitation = invite === undefined ? undefined : this.#invites.find(invite);
        if (invite !== undefined && !invitation) {
          why = badInvite;
          return undefined;
        }
        if (this.#count() >= MAX_REGISTERED) {
          why = tooMany;
          return undefined;
        }
        const createdAt = this.#store.clock();
        const account = this.#insert({ ...prepared, role: "player", disabled: false, createdAt });
        if (!account) return undefined;
        const subject = subjectOf(account);
        if (invitation) this.#invites.use(invitation, subject);
        const detail = invitation && `invitation ${invitation.id}`;
        audit({ by: subject, action: "registered", target: subject, ...detail && { detail } });
        return account;
      },
      () => why(),
    );
  }

  /** Every account, by id. */
  list(): User[] {
    return this.#all().map(withoutSecrets);
  }

  /** Ends the user's sessions too: whoever knew the old password may have made them. */
  async setPassword(name: string, password: string, by: Actor = "command-line"): Promise<Change> {
    if (!this.#named(name)) return unknown(name);
    const hashed = await this.#hash(password, name.toLowerCase());
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
    return this.#store.all("SELECT * FROM users ORDER BY id").map((row) => {
      const { name, password, role, createdAt, bannedUntil } = toAccount(row, this.#store.clock());
      const disabled = row["disabled"] === 1;
      const ban = bannedUntil !== undefined && { bannedUntil };
      return { name, password, role, disabled, createdAt, ...ban };
    });
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
        const account = this.#insert(user);
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
    const [row] = this.#store.all("SELECT * FROM users WHERE id = ?", id);
    return row && toAccount(row, this.#store.clock());
  }

  /** The account that `subjectOf` named. */
  findSubject(subject: string): Account | undefined {
    if (!subject.startsWith(SUBJECT_PREFIX)) return undefined;
    return this.find(subject.slice(SUBJECT_PREFIX.length));
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

  async #hash(password: string, id: string): Promise<{ kind: "hashed"; phc: string } | Refusal> {
    const parsed = await parseNewPassword(password, id);
    if (parsed.kind === "bad") return refused("bad-password", parsed.message);
    const hashed = await this.#hasher.hash(parsed.value);
    return hashed.kind === "busy"
      ? refused("busy", "Too many passwords are being hashed: try again in a moment.")
      : hashed;
  }

  #named(name: string): Account | undefined {
    return this.find(name.toLowerCase());
  }

  #count(): number {
    return Number(this.#store.all("SELECT count(*) AS held FROM users")[0]?.["held"]);
  }

  #all(): Account[] {
    const now = this.#store.clock();
    return this.#store.all("SELECT * FROM users ORDER BY id").map((row) => toAccount(row, now));
  }

  /** A name and a password that may make an account. */
  async #prepare(
    name: string,
    password: string,
  ): Promise<{ kind: "prepared"; name: UserName; password: string } | Refusal> {
    const parsed = parseUserName(name);
    if (parsed.kind === "bad") return refused("bad-name", parsed.message);
    if (this.find(idOf(parsed.value))) return taken(parsed.value);
    const hashed = await this.#hash(password, idOf(parsed.value));
    if (hashed.kind === "refused") return hashed;
    return { kind: "prepared", name: parsed.value, password: hashed.phc };
  }

  /** Undefined where the name is taken. */
  #insert({ name, password, role, disabled, bannedUntil, createdAt }: SavedUser) {
    const [row] = this.#store.all(
      `INSERT INTO users (id, name, password, epoch, role, disabled, banned_until, created_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING *`,
      name.toLowerCase(),
      name,
      password,
      newEpoch(),
      role,
      disabled ? 1 : 0,
      bannedUntil ?? null,
      createdAt,
    );
    return row && toAccount(row, this.#store.clock());
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

function refused(code: Refusal["code"], message: string): Refusal {
  return { kind: "refused", code, message };
}

function taken(name: string): Refusal {
  return refused("name-taken", `There is a user ${name} already (names differ in more than case).`);
}

function unknown(name: string): Refusal {
  return refused("no-such-user", `There is no user ${JSON.stringify(name)}.`);
}

function badInvite(): Refusal {
  return refused(
    "bad-invite",
    "This invitation was used, has expired, or never was: ask for another.",
  );
}

function tooMany(): Refusal {
  return refused("too-many-accounts", `This server has its ${MAX_REGISTERED} accounts already.`);
}

function newEpoch(): string {
  return randomBytes(9).toString("base64url");
}

function withoutSecrets({ password: _password, epoch: _epoch, ...user }: Account): User {
  return user;
}

function toAccount(row: Row, now: number): Account {
  const bannedUntil = Number(row["banned_until"] ?? 0);
  const banned = bannedUntil > now;
  return {
    id: String(row["id"]),
    name: String(row["name"]),
    password: String(row["password"]),
    epoch: String(row["epoch"]),
    role: row["role"] === "host" ? "host" : "player",
    disabled: row["disabled"] === 1 || banned,
    ...banned && { bannedUntil },
    createdAt: Number(row["created_at"]),
  };
}
