/** The credentials in play: whose they are, and until when. */
import { createHmac } from "node:crypto";
import { userhash } from "../../turn/stun/mod.ts";
import { REALM, SECRETS, STATIC_USERS } from "./cast.ts";

export interface Credential {
  readonly user: string;
  readonly username: string;
  readonly password: string;
  /** Unix seconds; Infinity for a static user. */
  readonly expiresAt: number;
}

const STATIC = new Map<string, Credential>(
  STATIC_USERS.map(({ name, password }) => [
    name,
    { user: name, username: name, password, expiresAt: Infinity },
  ]),
);
const BY_USERHASH = new Map(
  [...STATIC.values()].map((it) => [userhash(it.username, REALM).toHex(), it]),
);
/** Made before, since each costs a hash. */
const made = new Map<string, Credential>();
const MOST_MADE = 4_096;

/** The credential of this name: whoever makes up a time-limited name has one that may be right. */
export function byUsername(username: string): Credential | undefined {
  const fixed = STATIC.get(username);
  if (fixed) return fixed;
  const [, expiry, user] = /^(\d{1,15}):(.+)$/s.exec(username) ?? [];
  return user === undefined ? undefined : timeLimited(username, user, Number(expiry));
}

export function byUserhash(hash: Uint8Array): Credential | undefined {
  return BY_USERHASH.get(hash.toHex());
}

/** Which secret signed it follows from when it ends, so that each name has one password. */
function timeLimited(username: string, user: string, expiresAt: number): Credential {
  const earlier = made.get(username);
  if (earlier) return earlier;
  const secret = SECRETS[expiresAt % SECRETS.length] ?? SECRETS[0];
  const password = createHmac("sha1", secret).update(username).digest("base64");
  const credential = { user, username, password, expiresAt };
  if (made.size >= MOST_MADE) made.clear();
  made.set(username, credential);
  return credential;
}
