import { Buffer } from "node:buffer";
import { createHash, createHmac, randomBytes } from "node:crypto";

declare const refreshToken: unique symbol;
/** Two parts of 16 bytes, base64url: what its family has in common, and what is its own. */
export type RefreshToken = string & { readonly [refreshToken]: true };

const PART_BYTES = 16;
const SHAPE = /^[\w-]{43}$/;

/** The first one of a new family. */
export function firstToken(): RefreshToken {
  return randomBytes(2 * PART_BYTES).toString("base64url") as RefreshToken;
}

/**
 * The one that takes the place of `token`. The same each time: an answer that got lost can be given
 * again. It takes the token itself and the family's seed, of which clients have one and the
 * database the other.
 */
export function successorOf(token: RefreshToken, seed: Uint8Array): RefreshToken {
  const own = createHmac("sha256", seed).update(token).digest().subarray(0, PART_BYTES);
  return Buffer.concat([familyOf(token), own]).toString("base64url") as RefreshToken;
}

export function parseRefreshToken(text: string): RefreshToken | undefined {
  return SHAPE.test(text) ? text as RefreshToken : undefined;
}

/** What the database knows a token by. */
export function digestOf(token: RefreshToken): Uint8Array {
  return sha256(Buffer.from(token, "base64url"));
}

/** What the database knows a family by. */
export function familyDigestOf(token: RefreshToken): Uint8Array {
  return sha256(familyOf(token));
}

function familyOf(token: RefreshToken): Uint8Array {
  return Buffer.from(token, "base64url").subarray(0, PART_BYTES);
}

function sha256(bytes: Uint8Array): Uint8Array {
  return createHash("sha256").update(bytes).digest();
}
