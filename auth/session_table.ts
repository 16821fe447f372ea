import { randomBytes, timingSafeEqual } from "node:crypto";
import {
  digestOf,
  familyDigestOf,
  firstToken,
  parseRefreshToken,
  type RefreshToken,
  successorOf,
} from "./refresh_token.ts";
import type { Row, Store, Written } from "./store.ts";

/** A login on one device, kept going by refresh tokens. */
export interface LiveSession {
  /** What access tokens and lists call it; no secret. */
  readonly id: string;
  /** The user's id. */
  readonly user: string;
  /** The user's when it began: a session of an old epoch is over. */
  readonly epoch: string;
  /** Whence it began. */
  readonly address: string;
  /** Unix milliseconds. */
  readonly beganAt: number;
  /** When its refresh token was last used. */
  readonly usedAt: number;
}

/** What a refresh token is good for. */
export type Turn =
  /** A new one, in place of the one shown. */
  | { readonly kind: "turned"; readonly session: LiveSession; readonly refresh: RefreshToken }
  /** It was used before: whoever has stolen it, or was stolen from. The session has ended. */
  | { readonly kind: "reused"; readonly session: LiveSession }
  | { readonly kind: "unknown" }
  | Extract<Written<never>, { kind: "refused" }>;

/**
 * How long the token before the last is answered once more, with the same successor: the answer got
 * lost, or two tabs asked at once. A thief gains nothing lasting by it, since of two who hold the
 * same token the second to use it ends the session (RFC 9700 §4.14.2).
 */
const GRACE_MS = 10_000;
/** Those of one account; the one not used for longest makes room. */
const MOST_SESSIONS = 32;
/** No session and no TURN credential lives longer. */
const KEPT_MS = 365 * 86_400_000;

/** The sessions in the database. */
export class SessionTable {
  readonly #store: Store;
  readonly #lifeMs: number;

  /** `lifeSeconds`: after so long without use a session is over. */
  constructor(store: Store, lifeSeconds: number) {
    this.#store = store;
    this.#lifeMs = lifeSeconds * 1000;
  }

  begin(
    { id: user, epoch }: { readonly id: string; readonly epoch: string },
    address: string,
  ): Written<{ readonly session: LiveSession; readonly refresh: RefreshToken }> {
    const refresh = firstToken();
    return this.#store.change(() => {
      const now = this.#store.clock();
      this.#store.all("DELETE FROM sessions WHERE used_at < ?", now - KEPT_MS);
      this.#makeRoom(user);
      const [row] = this.#store.all(
        `INSERT INTO sessions (id, user, epoch, address, family, seed, digest, began_at, used_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *`,
        randomBytes(9).toString("base64url"),
        user,
        epoch,
        address,
        familyDigestOf(refresh),
        randomBytes(32),
        digestOf(refresh),
        now,
        now,
      );
      return row && { session: toSession(row), refresh };
    });
  }

  /** Takes a refresh token, as it came, and gives the next. */
  turn(text: string): Turn {
    const token = parseRefreshToken(text);
    // Looked for first without the lock that writing takes: strangers may send anything.
    if (!token || !this.#familyOf(token)) return { kind: "unknown" };
    const written = this.#store.change((): Turn | undefined => {
      const row = this.#familyOf(token);
      if (!row) return undefined;
      const now = this.#store.clock();
      const session = toSession(row);
      const digest = digestOf(token);
      const refresh = successorOf(token, blob(row["seed"]));
      if (isSame(digest, row["digest"])) {
        this.#store.all(
          "UPDATE sessions SET digest = ?, previous = ?, used_at = ? WHERE id = ?",
          digestOf(refresh),
          digest,
          now,
          session.id,
        );
        return { kind: "turned", session, refresh };
      }
      if (isSame(digest, row["previous"]) && now - session.usedAt < GRACE_MS) {
        return { kind: "turned", session, refresh };
      }
      this.#store.all("UPDATE sessions SET ended_at = ? WHERE id = ?", now, session.id);
      return { kind: "reused", session };
    });
    switch (written.kind) {
      case "done":
        return written.value;
      case "nothing":
        return { kind: "unknown" };
      case "refused":
        return written;
    }
  }

  /** The session of this id, unless it has ended or was not used for too long. */
  find(id: string): LiveSession | undefined {
    const [row] = this.#store.all(
      `SELECT * FROM sessions WHERE id = ? AND ${LIVE}`,
      id,
      this.#since(),
    );
    return row && toSession(row);
  }

  /** Those of a user's present epoch, the one used last first. */
  list({ id, epoch }: { readonly id: string; readonly epoch: string }): LiveSession[] {
    return this.#store.all(
      `SELECT * FROM sessions WHERE user = ? AND epoch = ? AND ${LIVE} ORDER BY used_at DESC`,
      id,
      epoch,
      this.#since(),
    ).map(toSession);
  }

  /** Ends one session of this user. */
  end(id: string, user: string): Written<LiveSession> {
    return this.#store.change(() => {
      const [row] = this.#store.all(
        `UPDATE sessions SET ended_at = ? WHERE id = ? AND user = ? AND ${LIVE} RETURNING *`,
        this.#store.clock(),
        id,
        user,
        this.#since(),
      );
      return row && toSession(row);
    });
  }

  /** The latest that was ended stays: a start refuses what was issued before its end. */
  #makeRoom(user: string): void {
    this.#store.all(
      `DELETE FROM sessions WHERE user = ? AND ended_at IS NULL AND id NOT IN
         (SELECT id FROM sessions WHERE user = ? AND ended_at IS NULL
          ORDER BY used_at DESC LIMIT ?)`,
      user,
      user,
      MOST_SESSIONS - 1,
    );
    this.#store.all(
      `DELETE FROM sessions WHERE user = ? AND ended_at IS NOT NULL AND id NOT IN
         (SELECT id FROM sessions WHERE user = ? AND ended_at IS NOT NULL
          ORDER BY ended_at DESC LIMIT 1)`,
      user,
      user,
    );
  }

  #familyOf(token: RefreshToken): Row | undefined {
    return this.#store.all(
      `SELECT * FROM sessions WHERE family = ? AND ${LIVE}`,
      familyDigestOf(token),
      this.#since(),
    )[0];
  }

  #since(): number {
    return this.#store.clock() - this.#lifeMs;
  }
}

/** Takes the time before which a session must not have been used last. */
const LIVE = "ended_at IS NULL AND used_at > ?";

/** When users last ended one of their sessions, for those who did so after `since` (Unix ms). */
export function sessionsEnded(
  store: Store,
  since: number,
): { readonly user: string; readonly at: number }[] {
  return store.all(
    "SELECT user, max(ended_at) AS at FROM sessions WHERE ended_at > ? GROUP BY user",
    since,
  ).map((row) => ({ user: String(row["user"]), at: Number(row["at"]) }));
}

function toSession(row: Row): LiveSession {
  return {
    id: String(row["id"]),
    user: String(row["user"]),
    epoch: String(row["epoch"]),
    address: String(row["address"]),
    beganAt: Number(row["began_at"]),
    usedAt: Number(row["used_at"]),
  };
}

function blob(value: Row[string] | undefined): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new TypeError("The database has another schema than this program made.");
}

/** In constant time, where there is one at all. */
function isSame(digest: Uint8Array, held: Row[string] | undefined): boolean {
  return held instanceof Uint8Array && timingSafeEqual(digest, held);
}
