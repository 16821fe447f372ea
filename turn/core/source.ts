import type { Ip } from "../address.ts";

/**
 * What one stranger is counted by: an IPv4 address, or the 64 bits of an IPv6 address that name a
 * network, since one host may use all of its lower ones (RFC 7421).
 */
export type Source = number | string;

export function sourceOf(ip: Ip): Source {
  return typeof ip === "number" ? ip : ip.slice(0, 8);
}

/**
 * A rate for each source, in memory that does not grow with the number of sources: each falls, by a
 * keyed hash, into one of a fixed number of token buckets. Two that share one share its rate too.
 */
export class SourceRates {
  #perSecond: number;
  readonly #seed: number;
  readonly #mask: number;
  readonly #tokens: Float64Array;
  readonly #filledAt: Float64Array;

  /** `slots` is a power of two; `seed`, 32 random bits, keeps strangers from choosing their slot. */
  constructor(perSecond: number, seed: number, slots = 0x1_0000) {
    this.#perSecond = perSecond;
    this.#seed = seed;
    this.#mask = slots - 1;
    this.#tokens = new Float64Array(slots).fill(perSecond);
    this.#filledAt = new Float64Array(slots).fill(-Infinity);
  }

  /** From now on every source has this rate. */
  limit(perSecond: number): void {
    this.#perSecond = perSecond;
  }

  take(source: Source, now: number): boolean {
    const slot = hash(source, this.#seed) & this.#mask;
    const elapsed = now - (this.#filledAt[slot] ?? now);
    const tokens = elapsed === Infinity
      ? this.#perSecond
      : Math.min(this.#perSecond, (this.#tokens[slot] ?? 0) + elapsed * this.#perSecond / 1_000);
    const there = tokens >= 1;
    this.#tokens[slot] = there ? tokens - 1 : tokens;
    this.#filledAt[slot] = now;
    return there;
  }
}

/** 32 bits, mixed as MurmurHash3 mixes them. */
function hash(source: Source, seed: number): number {
  if (typeof source === "number") return finish(mix(seed, source));
  let state = seed;
  for (let i = 0; i < source.length; i++) state = mix(state, source.charCodeAt(i));
  return finish(state);
}

function mix(state: number, value: number): number {
  let k = Math.imul(value, 0xcc9e_2d51);
  k = Math.imul((k << 15) | (k >>> 17), 0x1b87_3593);
  const h = state ^ k;
  return Math.imul((h << 13) | (h >>> 19), 5) + 0xe654_6b64 | 0;
}

function finish(state: number): number {
  let h = Math.imul(state ^ (state >>> 16), 0x85eb_ca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
