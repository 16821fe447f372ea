import { type Account, newEpoch, type SavedUser, toAccount } from "./account.ts";
import type { Store } from "./store.ts";

/** The accounts in the database: who is there, and who comes in. */
export class UserTable {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  find(id: string): Account | undefined {
    const [row] = this.#store.all("SELECT * FROM users WHERE id = ?", id);
    return row && toAccount(row, this.#store.clock());
  }

  count(): number {
    return Number(this.#store.all("SELECT count(*) AS held FROM users")[0]?.["held"]);
  }

  /** Every account, by id. */
  all(): Account[] {
    const now = this.#store.clock();
    return this.#store.all("SELECT * FROM users ORDER BY id").map((row) => toAccount(row, now));
  }

  /** As they are carried to another database: whether disabled for good, and until when banned. */
  saved(): SavedUser[] {
    const now = this.#store.clock();
    return this.#store.all("SELECT * FROM users ORDER BY id").map((row) => {
      const { name, password, role, createdAt, bannedUntil } = toAccount(row, now);
      const ban = bannedUntil !== undefined && { bannedUntil };
      return { name, password, role, disabled: row["disabled"] === 1, createdAt, ...ban };
    });
  }

  /** Only within a change of the store. Undefined where the name is taken. */
  insert(user: SavedUser): Account | undefined {
    const [row] = this.#store.all(
      `INSERT INTO users (id, name, password, epoch, role, disabled, banned_until, created_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING *`,
      user.name.toLowerCase(),
      user.name,
      user.password,
      newEpoch(),
      user.role,
      user.disabled ? 1 : 0,
      user.bannedUntil ?? null,
      user.createdAt,
    );
    return row && toAccount(row, this.#store.clock());
  }
}
