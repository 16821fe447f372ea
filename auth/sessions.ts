import { type Attempts, idOf, parsePassword, parseUserName } from "./core/mod.ts";
import type { AuthEvent } from "./events.ts";
import type { RefusedToken, Tokens } from "./tokens.ts";
import { type Account, type Change, subjectOf, type Users } from "./users.ts";

/** Who holds a token. */
export interface Player {
  /** `user.<id>`: what relay credentials and allocations are bound to. */
  readonly subject: string;
  /** What others call the player by in rooms. */
  readonly id: string;
  /** What people read. */
  readonly name: string;
}

export type Authenticated = { readonly kind: "player"; readonly player: Player } | RefusedToken;

export interface Session {
  readonly kind: "session";
  readonly token: string;
  /** Seconds. */
  readonly expiresIn: number;
  readonly player: Player;
}

export type LoginOutcome =
  | Session
  /** One answer for an unknown name, a wrong password and a disabled account. */
  | { readonly kind: "refused" }
  /** Too many tries of this name or from this network. */
  | { readonly kind: "limited"; readonly retryAfterMs: number }
  /** All hashing places are taken. */
  | { readonly kind: "busy" };

export interface SessionParts {
  readonly users: Users;
  readonly tokens: Tokens;
  /** Absent where limits are off. */
  readonly attempts: Attempts | undefined;
  /** Monotonic milliseconds. */
  readonly monotonic: () => number;
  readonly note: (event: AuthEvent) => void;
}

/** From a password to a token, and from a token to a player, for as long as the account holds. */
export class Sessions {
  readonly #parts: SessionParts;

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  /** Tries a name and a password, both as they came, for the client at `address`. */
  async logIn(login: string, typed: string, address: string): Promise<LoginOutcome> {
    const { users, attempts, monotonic, note } = this.#parts;
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
      return { kind: "refused" };
    }
    const verdict = await users.verify(id, password.value);
    switch (verdict.kind) {
      case "right":
        if (decision) attempts?.succeeded(decision.attempt);
        note({ kind: "login", subject: subjectOf(verdict.account), address });
        return this.#issue(verdict.account);
      case "wrong": {
        const subject = verdict.known && subjectOf(verdict.known);
        note({ kind: "login-refused", address, ...(subject && { subject }) });
        return { kind: "refused" };
      }
      case "busy":
        if (decision) attempts?.withdrawn(decision.attempt);
        note({ kind: "login-busy", address });
        return { kind: "busy" };
    }
  }

  /** Whose token this is, if its session still holds. */
  async authenticate(token: string): Promise<Authenticated> {
    const found = await this.#account(token);
    return found.kind === "refused" ? found : { kind: "player", player: playerOf(found.account) };
  }

  /** A new token for one that still holds. */
  async renew(token: string): Promise<Session | RefusedToken> {
    const found = await this.#account(token);
    return found.kind === "refused" ? found : this.#issue(found.account);
  }

  /** Ends every session of the token's holder, on all devices. */
  async end(token: string): Promise<Change | RefusedToken> {
    const found = await this.#account(token);
    return found.kind === "refused" ? found : this.#parts.users.endSessions(found.account.name);
  }

  async #account(token: string): Promise<{ kind: "account"; account: Account } | RefusedToken> {
    const verified = await this.#parts.tokens.verify(token);
    if (verified.kind === "refused") return verified;
    const { sub, epoch } = verified.claims;
    const account = this.#parts.users.findSubject(sub);
    if (account && !account.disabled && account.epoch === epoch) {
      return { kind: "account", account };
    }
    const message = "This session was ended: log in again.";
    return { kind: "refused", code: "unauthorized", message };
  }

  async #issue(account: Account): Promise<Session> {
    const player = playerOf(account);
    const { name, epoch } = account;
    const { token, expiresIn } = await this.#parts.tokens.issue({
      sub: player.subject,
      name,
      epoch,
    });
    return { kind: "session", token, expiresIn, player };
  }
}

function playerOf(account: Account): Player {
  return { subject: subjectOf(account), id: account.id, name: account.name };
}
