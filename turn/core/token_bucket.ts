/** Lets through `perSecond` units a second on average, and one second's worth at once. */
export class TokenBucket {
  #perSecond: number;
  #tokens: number;
  #filledAt: number;

  constructor(perSecond: number, now: number) {
    this.#perSecond = perSecond;
    this.#tokens = perSecond;
    this.#filledAt = now;
  }

  /** From now on it fills at this rate. */
  limit(perSecond: number, now: number): void {
    this.has(0, now);
    this.#perSecond = perSecond;
    this.#tokens = Math.min(this.#tokens, perSecond);
  }

  /** Whether `amount` is there now; it is not taken yet. */
  has(amount: number, now: number): boolean {
    if (now > this.#filledAt) {
      const gained = (now - this.#filledAt) * this.#perSecond / 1_000;
      this.#tokens = Math.min(this.#perSecond, this.#tokens + gained);
      this.#filledAt = now;
    }
    return this.#tokens >= amount;
  }

  take(amount: number, now: number): boolean {
    const there = this.has(amount, now);
    if (there) this.#tokens -= amount;
    return there;
  }
}

/** What one direction of an allocation may carry: packets and bytes each second. */
export class Meter {
  readonly #packets: TokenBucket;
  readonly #bytes: TokenBucket;

  constructor(packetsPerSecond: number, bytesPerSecond: number, now: number) {
    this.#packets = new TokenBucket(packetsPerSecond, now);
    this.#bytes = new TokenBucket(bytesPerSecond, now);
  }

  limit(packetsPerSecond: number, bytesPerSecond: number, now: number): void {
    this.#packets.limit(packetsPerSecond, now);
    this.#bytes.limit(bytesPerSecond, now);
  }

  /** Takes one packet of that many bytes; or nothing, and says which limit is in the way. */
  exceeded(bytes: number, now: number): "bytesPerSecond" | "packetsPerSecond" | undefined {
    if (!this.#bytes.has(bytes, now)) return "bytesPerSecond";
    if (!this.#packets.take(1, now)) return "packetsPerSecond";
    this.#bytes.take(bytes, now);
    return undefined;
  }
}
