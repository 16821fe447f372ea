import { createHmac } from "node:crypto";
import type { RetiredSecret, TurnConfig } from "../config.ts";
import { longTermKey, opaqueString, userhash } from "../stun/mod.ts";

/** A name that is known, with every password that it may have. */
export interface Credential {
  /** Who this is: what quotas count and `revoke` names. */
  readonly user: string;
  /** The room that it was issued in, where it was: another thing that a quota counts. */
  readonly room: string | undefined;
  readonly username: string;
  readonly passwords: readonly string[];
  /** Unix seconds; Infinity for a static user. */
  readonly expiresAt: number;
}

/** What a name leads to. What is not known has a credential too, so that it costs the same work. */
export interface Found {
  readonly credential: Credential;
  readonly isKnown: boolean;
}

/** Nobody's: whoever signs with its password is as unknown as before. */
const NOBODY: Credential = {
  user: "",
  room: undefined,
  username: "",
  passwords: [""],
  expiresAt: 0,
};

/** The most revoked users that are remembered; the one revoked longest ago is forgotten first. */
const MAX_REVOKED = 0x1_0000;

/** What a time-limited username says: `expiry:user`, or `expiry:user/room`. */
export interface TimeLimitedName {
  /** Unix seconds. */
  readonly expiresAt: number;
  readonly user: string;
  readonly room: string | undefined;
}

/** Undefined where it is no such name. A room is 1 to 64 of the characters A-Z a-z 0-9 _ -. */
export function readTimeLimitedName(username: string): TimeLimitedName | undefined {
  const [, expiry, user, room] = /^(\d{1,15}):(.+?)(?:\/([\w-]{1,64}))?$/s.exec(username) ?? [];
  if (expiry === undefined || user === undefined) return undefined;
  return { expiresAt: Number(expiry), user, room };
}

/**
 * Static users, and time-limited credentials: a `TimeLimitedName` whose password is the base64 of
 * its HMAC-SHA1 under a shared secret (draft-uberti-behave-turn-rest-00 §2.2).
 */
export class Credentials {
  readonly #realm: string;
  readonly #users = new Map<string, Credential>();
  readonly #byUserhash = new Map<string, Credential>();
  #secrets: readonly RetiredSecret[] = [];
  readonly #issuedForSeconds: number;
  /** For each revoked user, the expiry (Unix seconds) up to which credentials are refused. */
  readonly #revoked = new Map<string, number>();

  constructor(
    config: Pick<
      TurnConfig,
      "realm" | "users" | "secrets" | "retiredSecrets" | "credentialSeconds"
    >,
  ) {
    this.#realm = opaqueString(config.realm);
    this.configure(config);
    this.#issuedForSeconds = config.credentialSeconds ?? 0;
    for (const { name, password } of config.users) {
      const username = opaqueString(name);
      const credential: Credential = {
        user: username,
        room: undefined,
        username,
        passwords: [opaqueString(password)],
        expiresAt: Infinity,
      };
      this.#users.set(username, credential);
      this.#byUserhash.set(userhash(username, this.#realm).toHex(), credential);
    }
  }

  /** Takes other secrets: from now on these verify, and none before them. */
  configure(
    { secrets, retiredSecrets = [] }: Pick<TurnConfig, "secrets" | "retiredSecrets">,
  ): void {
    const lasting = secrets.map((secret) => ({ secret, until: Infinity }));
    this.#secrets = [...lasting, ...retiredSecrets];
  }

  get realm(): string {
    return this.#realm;
  }

  /**
   * Whether every name can be found by its USERHASH. A time-limited one cannot: only the issuer
   * knows it, and this server learns it with the request.
   */
  get allHaveUserhash(): boolean {
    return this.#secrets.length === 0;
  }

  findByUserhash(hash: Uint8Array): Found {
    return known(this.#byUserhash.get(hash.toHex()));
  }

  /** The credential of this name, known if it is one at that time. */
  findByUsername(username: string, unixSeconds: number): Found {
    const name = this.#users.has(username) ? undefined : readTimeLimitedName(username);
    if (!name) return known(this.#users.get(username));
    const { user, room, expiresAt } = name;
    const passwords = this.#secrets.filter(({ until }) => expiresAt <= until).map(({ secret }) =>
      createHmac("sha1", secret).update(username).digest("base64")
    );
    return {
      credential: { user, room, username, passwords, expiresAt },
      isKnown: expiresAt > unixSeconds && expiresAt > (this.#revoked.get(user) ?? 0),
    };
  }

  key(algorithm: "md5" | "sha256", { username }: Credential, password: string): Uint8Array {
    return longTermKey(algorithm, username, this.#realm, password);
  }

  /**
   * Refuses what was issued to this user until now: what would expire no later than one issued now,
   * or than `seen`, the latest expiry of its credentials that was met. Static users stay.
   */
  revoke(user: string, seen: number, unixSeconds: number): void {
    for (const [name, until] of this.#revoked) {
      if (until > unixSeconds && this.#revoked.size < MAX_REVOKED) break;
      this.#revoked.delete(name);
    }
    this.#revoked.delete(user);
    this.#revoked.set(user, Math.max(Math.floor(unixSeconds) + this.#issuedForSeconds, seen));
  }
}

function known(credential: Credential | undefined): Found {
  return credential ? { credential, isKnown: true } : { credential: NOBODY, isKnown: false };
}
