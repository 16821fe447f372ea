import { randomBytes } from "node:crypto";
import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import {
  idOf,
  parsePassword,
  parseUserName,
  type Password,
  type ScryptCost,
  type UserName,
} from "./core/mod.ts";
import { openDatabase, refusedWrite } from "./database.ts";
import type { AuthEvent } from "./events.ts";
import type { Opened } from "./opened.ts";
import { OWASP_COST, PasswordHasher } from "./passwords.ts";

export interface User {
  /** The name in lower case: unique, and what others call the player by. */
  readonly id: string;
  /** The name as its owner writes it. */
  readonly name: string;
  readonly disabled: boolean;
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
    /** Too many passwords are being hashed; try again in a moment. */
    | "busy"
    | "disk-full"
    /** The database is locked, or the like. */
    | "storage-failed";
  readonly message: string;
}

const SUBJECT_PREFIX = "user.";

/** What every token, relay credential and event calls a user by. */
export function subjectOf(user: User): string {
  return SUBJECT_PREFIX + user.id;
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
  return {
    kind: "open",
    value: new Users(database.value, new PasswordHasher(cost), clock, note),
  };
}

/** The accounts. Names and passwords come as they were typed; each method judges them itself. */
export class Users {
  readonly #database: DatabaseSync;
  readonly #hasher: PasswordHasher;
  readonly #clock: () => number;
  readonly #note: (event: AuthEvent) => void;
  readonly #find: StatementSync;

  constructor(
    database: DatabaseSync,
    hasher: PasswordHasher,
    clock: () => number,
    note: (event: AuthEvent) => void,
  ) {
    this.#database = database;
    this.#hasher = hasher;
    this.#clock = clock;
    this.#note = note;
    this.#find = database.prepare("SELECT * FROM users WHERE id = ?");
  }

  async add(name: string, password: string): Promise<Change> {
    const parsed = parseUserName(name);
    if (parsed.kind === "bad") return refused("bad-name", parsed.message);
    const id = idOf(parsed.value);
    if (this.find(id)) return taken(parsed.value);
    const hashed = await this.#hash(password);
    if (hashed.kind === "refused") return hashed;
    return this.#change(
      () =>
        this.#run(
          `INSERT INTO users (id, name, password, epoch, created_at) VALUES (?, ?, ?, ?, ?)
           ON CONFLICT DO NOTHING RETURNING *`,
          [id, parsed.value, hashed.phc, newEpoch(), this.#clock()],
        ),
      () => taken(parsed.value),
    );
  }

  /** Every account, by id. */
  list(): User[] {
    return this.#database.prepare("SELECT * FROM users ORDER BY id").all().map(toAccount)
      .map(withoutSecrets);
  }

  /** Ends the user's sessions too: whoever knew the old password may have made them. */
  async setPassword(name: string, password: string): Promise<Change> {
    if (!this.#named(name)) return unknown(name);
    const hashed = await this.#hash(password);
    if (hashed.kind === "refused") return hashed;
    return this.#end(name, "UPDATE users SET password = ?, epoch = ? WHERE id = ? RETURNING *", [
      hashed.phc,
      newEpoch(),
    ]);
  }

  /** Refuses login and every session from now on; the account stays. */
  disable(name: string): Change {
    return this.#end(name, "UPDATE users SET disabled = 1, epoch = ? WHERE id = ? RETURNING *", [
      newEpoch(),
    ]);
  }

  enable(name: string): Change {
    return this.#change(
      () =>
        this.#run("UPDATE users SET disabled = 0 WHERE id = ? RETURNING *", [name.toLowerCase()]),
      () => unknown(name),
    );
  }

  remove(name: string): Change {
    return this.#end(name, "DELETE FROM users WHERE id = ? RETURNING *", []);
  }

  /** Ends all tokens of a user. */
  endSessions(name: string): Change {
    return this.#end(name, "UPDATE users SET epoch = ? WHERE id = ? RETURNING *", [newEpoch()]);
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
    const row = this.#find.get(id);
    return row && toAccount(row);
  }

  /** The account that `subjectOf` named. */
  findSubject(subject: string): Account | undefined {
    if (!subject.startsWith(SUBJECT_PREFIX)) return undefined;
    return this.find(subject.slice(SUBJECT_PREFIX.length));
  }

  close(): void {
    this.#database.close();
  }

  /** Brings a stored hash to the present cost. Where that fails, the next login does it. */
  async #rehash(account: Account, password: Password): Promise<void> {
    const hashed = await this.#hasher.hash(password);
    if (hashed.kind === "busy") return;
    try {
      this.#database.prepare("UPDATE users SET password = ? WHERE id = ? AND password = ?")
        .run(hashed.phc, account.id, account.password);
      this.#note({ kind: "rehashed", subject: subjectOf(account) });
    } catch (error) {
      this.#note({ kind: "storage-failed", message: refusedWrite(error).message });
    }
  }

  async #hash(password: string): Promise<{ kind: "hashed"; phc: string } | Refusal> {
    const parsed = parsePassword(password);
    if (parsed.kind === "bad") return refused("bad-password", parsed.message);
    const hashed = await this.#hasher.hash(parsed.value);
    return hashed.kind === "busy"
      ? refused("busy", "Too many passwords are being hashed: try again in a moment.")
      : hashed;
  }

  #named(name: string): Account | undefined {
    return this.find(name.toLowerCase());
  }

  /** A change after which the user's sessions are over; `sql` takes the id as its last parameter. */
  #end(name: string, sql: string, parameters: readonly string[]): Change {
    const change = this.#change(
      () => this.#run(sql, [...parameters, name.toLowerCase()]),
      () => unknown(name),
    );
    if (change.kind === "done") {
      this.#note({ kind: "sessions-ended", subject: subjectOf(change.user) });
    }
    return change;
  }

  #run(sql: string, parameters: readonly (string | number)[]): Account | undefined {
    // `all` and not `get`: it runs the statement to its end, so a failing commit is an error here.
    const [row] = this.#database.prepare(sql).all(...parameters);
    return row && toAccount(row);
  }

  #change(write: () => Account | undefined, otherwise: () => Refusal): Change {
    try {
      const account = write();
      return account ? { kind: "done", user: withoutSecrets(account) } : otherwise();
    } catch (error) {
      const { code, message } = refusedWrite(error);
      this.#note({ kind: "storage-failed", message });
      return refused(code, message);
    }
  }
}

function refused(code: Refusal["code"], message: string): Refusal {
  return { kind: "refused", code, message };
}

function taken(name: UserName): Refusal {
  return refused("name-taken", `There is a user ${name} already (names differ in more than case).`);
}

function unknown(name: string): Refusal {
  return refused("no-such-user", `There is no user ${JSON.stringify(name)}.`);
}

function newEpoch(): string {
  return randomBytes(9).toString("base64url");
}

function withoutSecrets({ id, name, disabled, createdAt }: Account): User {
  return { id, name, disabled, createdAt };
}

function toAccount(row: Record<string, SQLOutputValue>): Account {
  return {
    id: String(row["id"]),
    name: String(row["name"]),
    password: String(row["password"]),
    epoch: String(row["epoch"]),
    disabled: row["disabled"] === 1,
    createdAt: Number(row["created_at"]),
  };
}
