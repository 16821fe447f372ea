import { BoundedMap } from "./bounded_map.ts";

export interface Allowance {
  /** How many at once. */
  readonly burst: number;
  readonly perSecond: number;
  /** Keys remembered. A forgotten one starts anew. */
  readonly keys: number;
}

/** Guests ask once in the lives of their credentials; a room of them may share one address. */
export const DEFAULT_ALLOWANCE: Allowance = { burst: 30, perSecond: 0.5, keys: 10_000 };

interface Bucket {
  readonly tokens: number;
  readonly at: number;
}

/** A token bucket for each key. */
export class RateLimit {
  readonly #allowance: Allowance;
  readonly #buckets: BoundedMap<Bucket>;

  constructor(allowance: Allowance = DEFAULT_ALLOWANCE) {
    this.#allowance = allowance;
    this.#buckets = new BoundedMap(allowance.keys);
  }

  /** Takes one. Returns 0 when there was one, or the whole milliseconds until there will be. */
  take(key: string, now: number): number {
    const { burst, perSecond } = this.#allowance;
    const last = this.#buckets.get(key) ?? { tokens: burst, at: now };
    const tokens = Math.min(burst, last.tokens + (now - last.at) / 1000 * perSecond);
    if (tokens < 1) return Math.ceil((1 - tokens) / perSecond * 1000);
    this.#buckets.set(key, { tokens: tokens - 1, at: now });
    return 0;
  }
}
