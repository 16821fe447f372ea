import { type Account, subjectOf } from "./account.ts";
import { type Attempts, idOf, parsePassword, parseUserName } from "./core/mod.ts";
import type { AuthEvent } from "./events.ts";
import type { RefreshToken } from "./refresh_token.ts";
import type { LiveSession, SessionTable } from "./session_table.ts";
import type { RefusedToken, Tokens } from "./tokens.ts";
import type { Users } from "./users.ts";

/** Who holds a token. */
export interface Player {
  /** `user.<id>`: what relay credentials and allocations are bound to. */
  readonly subject: string;
  /** What others call the player by in rooms. */
  readonly id: string;
  /** What people read. */
  readonly name: string;
  /** The login that the token comes from. */
  readonly session: string;
}

export type Authenticated = { readonly kind: "player"; readonly player: Player } | RefusedToken;

export interface Session {
  readonly kind: "session";
  /** The access token. */
  readonly token: string;
  /** Seconds. */
  readonly expiresIn: number;
  /** Good for one next session, within `refreshExpiresIn` seconds. */
  readonly refresh: RefreshToken;
  readonly refreshExpiresIn: number;
  readonly player: Player;
}

/** The database took no write. */
export interface NotStored {
  readonly kind: "not-stored";
  readonly code: "disk-full" | "storage-failed";
  readonly message: string;
}

export type LoginOutcome =
  | Session
  /** One answer for an unknown name, a wrong password and a disabled account. */
  | { readonly kind: "wrong" }
  /** Too many tries of this name or from this network. */
  | { readonly kind: "limited"; readonly retryAfterMs: number }
  /** All hashing places are taken. */
  | { readonly kind: "busy" }
  | NotStored;

export type Ended =
  | { readonly kind: "done" }
  | { readonly kind: "no-such-session" }
  | NotStored;

export interface SessionParts {
  readonly users: Users;
  readonly tokens: Tokens;
  readonly table: SessionTable;
  /** How long a session lasts without use. */
  readonly sessionLifeSeconds: number;
  /** Undefined while limits are off. */
  readonly attempts: () => Attempts | undefined;
  /** Monotonic milliseconds. */
  readonly monotonic: () => number;
  readonly note: (event: AuthEvent) => void;
  /** Told of each session that ends while others of its user may go on. */
  readonly ended: (session: LiveSession) => void;
}

/** From a password to tokens, and from a token to a player, for as long as the account holds. */
export class Sessions {
  readonly #parts: SessionParts;

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  /** Tries a name and a password, both as they came, for the client at `address`. */
  async logIn(login: string, typed: string, address: string): Promise<LoginOutcome> {
    const { users, table, monotonic, note } = this.#parts;
    const attempts = this.#parts.attempts();
    const name = parseUserName(login);
    const id = name.kind === "ok" ? idOf(name.value) : "";
    const decision = attempts?.begin(id, address, monotonic());
    if (decision?.kind === "wait") {
      note({ kind: "login-limited", address });
      return { kind: "limited", retryAfterMs: decision.ms };
    }
    const password = parsePassword(typed);
    if (password.kind === "bad") {
      // Nobody's password, whatever the name: a quick answer tells nothing about the name.
      note({ kind: "login-refused", address });
      return { kind: "wrong" };
    }
    const verdict = await users.verify(id, password.value);
    switch (verdict.kind) {
      case "right": {
        if (decision) attempts?.succeeded(decision.attempt);
        const begun = table.begin(verdict.account, address);
        if (begun.kind === "refused") return { ...begun, kind: "not-stored" };
        if (begun.kind === "nothing") throw new Error("A session was written and is not there.");
        note({ kind: "login", subject: subjectOf(verdict.account), address });
        return await this.#issue(verdict.account, begun.value.session, begun.value.refresh);
      }
      case "wrong": {
        const subject = verdict.known && subjectOf(verdict.known);
        note({ kind: "login-refused", address, ...(subject && { subject }) });
        return { kind: "wrong" };
      }
      case "busy":
        if (decision) attempts?.withdrawn(decision.attempt);
        note({ kind: "login-busy", address });
        return { kind: "busy" };
    }
  }

  /** New tokens for a refresh token, as it came from the client at `address`. */
  async renew(refresh: string, address: string): Promise<Session | RefusedToken | NotStored> {
    const { table, note, ended } = this.#parts;
    const turn = table.turn(refresh);
    switch (turn.kind) {
      case "turned": {
        const account = this.#holder(turn.session);
        return account ? await this.#issue(account, turn.session, turn.refresh) : OVER;
      }
      case "reused":
        note({ kind: "refresh-reused", subject: subjectOf({ id: turn.session.user }), address });
        ended(turn.session);
        return OVER;
      case "unknown":
        return OVER;
      case "refused":
        return { ...turn, kind: "not-stored" };
    }
  }

  /** Whose token this is, if its session still holds. */
  async authenticate(token: string): Promise<Authenticated> {
    const verified = await this.#parts.tokens.verify(token);
    if (verified.kind === "refused") return verified;
    const { sub, sid } = verified.claims;
    const session = this.#parts.table.find(sid);
    const account = session && this.#holder(session);
    if (!account || subjectOf(account) !== sub) return OVER;
    return { kind: "player", player: playerOf(account, session) };
  }

  /** Those of this player, the one used last first. */
  list({ id }: Player): LiveSession[] {
    const account = this.#parts.users.find(id);
    return account ? this.#parts.table.list(account) : [];
  }

  /** Ends one session of this player. */
  end({ id }: Player, session: string): Ended {
    const written = this.#parts.table.end(session, id);
    switch (written.kind) {
      case "done":
        this.#parts.ended(written.value);
        return { kind: "done" };
      case "nothing":
        return { kind: "no-such-session" };
      case "refused":
        return { ...written, kind: "not-stored" };
    }
  }

  /** Ends every session of this player, on all devices. */
  endAll({ name }: Player): Ended {
    const change = this.#parts.users.endSessions(name);
    if (change.kind === "done") return { kind: "done" };
    const { code, message } = change;
    return code === "disk-full" || code === "storage-failed"
      ? { kind: "not-stored", code, message }
      : { kind: "no-such-session" };
  }

  /** Whose session it is, if that user may still have it. */
  #holder({ user, epoch }: LiveSession): Account | undefined {
    const account = this.#parts.users.find(user);
    return account && !account.disabled && account.epoch === epoch ? account : undefined;
  }

  async #issue(account: Account, session: LiveSession, refresh: RefreshToken): Promise<Session> {
    const player = playerOf(account, session);
    const { tokens, sessionLifeSeconds } = this.#parts;
    const { token, expiresIn } = await tokens.issue({
      sub: player.subject,
      name: player.name,
      sid: session.id,
    });
    const refreshExpiresIn = sessionLifeSeconds;
    return { kind: "session", token, expiresIn, refresh, refreshExpiresIn, player };
  }
}

const OVER: RefusedToken = {
  kind: "refused",
  code: "unauthorized",
  message: "This session has ended: log in again.",
};

function playerOf(account: Account, session: LiveSession): Player {
  return {
    subject: subjectOf(account),
    id: account.id,
    name: account.name,
    session: session.id,
  };
}
