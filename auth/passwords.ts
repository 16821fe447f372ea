import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { costOf, formatPhc, parsePhc, type Password, type ScryptCost } from "./core/mod.ts";

/** OWASP Password Storage Cheat Sheet, scrypt, first choice: 128 MiB for each hash. */
export const OWASP_COST: ScryptCost = { N: 2 ** 17, r: 8, p: 1 };

const SALT_BYTES = 16;
const HASH_BYTES = 32;

/** A nettop has neither the memory nor the cores for more at once. */
const AT_ONCE = 2;
/** Logins that may wait: at half a second each, the last one waits for some four seconds. */
const WAITING = 16;

/** All places for hashing are taken, and those in the queue as well. */
export interface Busy {
  readonly kind: "busy";
}

export type Verdict =
  /** `rehash`: the hash was made at a lower cost than today's. */
  | { readonly kind: "right"; readonly rehash: boolean }
  | { readonly kind: "wrong" }
  | Busy;

/** Hashes passwords with scrypt, a bounded number at once and in wait. */
export class PasswordHasher {
  readonly #cost: ScryptCost;
  /** Compared with where there is no account, so that the answer takes the same time. */
  readonly #nobody: string;
  readonly #queue: (() => void)[] = [];
  #running = 0;

  constructor(cost: ScryptCost) {
    this.#cost = cost;
    this.#nobody = formatPhc({
      cost,
      salt: randomBytes(SALT_BYTES),
      hash: randomBytes(HASH_BYTES),
    });
  }

  /** A PHC string of the password with a new salt. */
  async hash(password: Password): Promise<{ kind: "hashed"; phc: string } | Busy> {
    const salt = randomBytes(SALT_BYTES);
    const hash = await this.#inTurn(password, salt, HASH_BYTES, this.#cost);
    if (!hash) return { kind: "busy" };
    return { kind: "hashed", phc: formatPhc({ cost: this.#cost, salt, hash }) };
  }

  /** Compares with a stored PHC string. Without one it is wrong, and takes as long. */
  async verify(password: Password, phc: string | undefined): Promise<Verdict> {
    const stored = parsePhc(phc ?? this.#nobody);
    const hash = await this.#inTurn(password, stored.salt, stored.hash.length, stored.cost);
    if (!hash) return { kind: "busy" };
    if (!timingSafeEqual(hash, stored.hash) || phc === undefined) return { kind: "wrong" };
    return { kind: "right", rehash: costOf(stored.cost) < costOf(this.#cost) };
  }

  async #inTurn(
    password: Password,
    salt: Uint8Array,
    bytes: number,
    cost: ScryptCost,
  ): Promise<Uint8Array | undefined> {
    if (this.#running >= AT_ONCE) {
      if (this.#queue.length >= WAITING) return undefined;
      // The one that ends hands its place on, so `#running` stays as it is.
      await new Promise<void>((resolve) => this.#queue.push(resolve));
    } else {
      this.#running++;
    }
    try {
      return await derive(password, salt, bytes, cost);
    } finally {
      const next = this.#queue.shift();
      if (next) next();
      else this.#running--;
    }
  }
}

function derive(
  password: Password,
  salt: Uint8Array,
  bytes: number,
  { N, r, p }: ScryptCost,
): Promise<Uint8Array> {
  // The work needs 128·r·(N + p) bytes and a little; Node's own bound of 32 MiB is below that.
  const maxmem = 2 * 128 * r * (N + p);
  return new Promise((resolve, reject) => {
    scrypt(password, salt, bytes, { N, r, p, maxmem }, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });
}
