import { Buffer } from "node:buffer";

/** What one scrypt hash costs (RFC 7914 §2): memory is 128·N·r bytes. */
export interface ScryptCost {
  /** A power of two. */
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** A stored hash with all that is needed to compute it again. */
export interface ScryptHash {
  readonly cost: ScryptCost;
  readonly salt: Uint8Array;
  readonly hash: Uint8Array;
}

const PHC =
  /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]{22,86})\$([A-Za-z0-9+/]{22,86})$/;

/** Writes `$scrypt$ln=17,r=8,p=1$salt$hash`, the PHC string format: base64 without padding. */
export function formatPhc({ cost, salt, hash }: ScryptHash): string {
  const { N, r, p } = cost;
  return `$scrypt$ln=${Math.log2(N)},r=${r},p=${p}$${base64(salt)}$${base64(hash)}`;
}

/** Reads what `formatPhc` wrote. Anything else in the database is a fault of ours: it throws. */
export function parsePhc(text: string): ScryptHash {
  const [, ln, r, p, salt, hash] = PHC.exec(text) ?? [];
  if (!salt || !hash) {
    throw new Error("Cannot read a stored password hash: not a scrypt PHC string.");
  }
  return {
    cost: { N: 2 ** Number(ln), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt, "base64"),
    hash: Buffer.from(hash, "base64"),
  };
}

/** One number to compare costs by: the work, which is the memory times the passes over it. */
export function costOf({ N, r, p }: ScryptCost): number {
  return N * r * p;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64").replace(/=+$/, "");
}
