/** Chance from a seed (SplitMix32): the same seed gives the same choices, on every machine. */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** Begins anew, as if made with this seed. */
  restart(seed: number): void {
    this.#state = seed >>> 0;
  }

  /** 32 random bits, as an unsigned number. */
  next(): number {
    this.#state = (this.#state + 0x9e37_79b9) >>> 0;
    let z = this.#state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0_aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a_2d97);
    return (z ^ (z >>> 15)) >>> 0;
  }

  /** 0 ≤ n < `count` */
  below(count: number): number {
    return Math.floor(this.next() / 2 ** 32 * count);
  }

  /** True once in `n` times. */
  once(n: number): boolean {
    return this.below(n) === 0;
  }

  pick<T>(list: readonly T[]): T {
    const found = list[this.below(list.length)];
    if (found === undefined) throw new RangeError("Cannot pick from an empty list");
    return found;
  }

  fill(bytes: Uint8Array): Uint8Array {
    for (let i = 0; i < bytes.length; i++) bytes[i] = this.next();
    return bytes;
  }
}
