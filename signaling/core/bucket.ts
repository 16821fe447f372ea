/** A token bucket: `rate` tokens come back each second, up to `burst`. */
export class Bucket {
  #rate: number;
  #burst: number;
  #tokens: number;
  #at: number;

  constructor(rate: number, burst: number, now: number) {
    this.#rate = rate;
    this.#burst = burst;
    this.#tokens = burst;
    this.#at = now;
  }

  /** From now on it fills at this rate, up to this burst. */
  limit(rate: number, burst: number, now: number): void {
    this.#refill(now);
    this.#rate = rate;
    this.#burst = burst;
    this.#tokens = Math.min(this.#tokens, burst);
  }

  /** Takes `cost` tokens where there are as many. */
  afford(cost: number, now: number): boolean {
    this.#refill(now);
    if (this.#tokens < cost) return false;
    this.#tokens -= cost;
    return true;
  }

  /**
   * Takes `cost` tokens in any case. `over` says that they were not there; `abuse` that the debt
   * has grown to a whole burst, which only somebody who goes on regardless reaches.
   */
  spend(cost: number, now: number): "within" | "over" | "abuse" {
    this.#refill(now);
    this.#tokens -= cost;
    if (this.#tokens >= 0) return "within";
    return this.#tokens < -this.#burst ? "abuse" : "over";
  }

  #refill(now: number): void {
    // Without the comparison a lifted limit would give 0 × Infinity.
    if (now <= this.#at) return;
    this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#at) / 1_000 * this.#rate);
    this.#at = now;
  }
}
