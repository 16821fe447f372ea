/**
 * Lets through `perSecond` units a second on average, and one second's worth at once. A new one is
 * full.
 */
export class TokenBucket {
  #perSecond: number;
  #tokens: number;
  #filledAt = 0;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
    this.#tokens = perSecond;
  }

  /** From now on it fills at this rate. */
  limit(perSecond: number, now: number): void {
    this.#fill(now);
    this.#perSecond = perSecond;
    this.#tokens = Math.min(this.#tokens, perSecond);
  }

  take(amount: number, now: number): boolean {
    this.#fill(now);
    const there = this.#tokens >= amount;
    if (there) this.#tokens -= amount;
    return there;
  }

  #fill(now: number): void {
    const elapsed = now - this.#filledAt;
    if (elapsed <= 0) return;
    this.#tokens = Math.min(this.#perSecond, this.#tokens + elapsed * this.#perSecond / 1_000);
    this.#filledAt = now;
  }
}

/** What one direction of an allocation may carry. */
export interface Rates {
  readonly packetsPerSecond: number;
  readonly bytesPerSecond: number;
}

/** A token bucket of packets and one of bytes, filled together; a new one is full. */
export class Meter {
  #rates: Rates;
  #packets: number;
  #bytes: number;
  #filledAt = 0;

  constructor(rates: Rates) {
    this.#rates = rates;
    this.#packets = rates.packetsPerSecond;
    this.#bytes = rates.bytesPerSecond;
  }

  /** From now on it fills at these rates. */
  limit(rates: Rates, now: number): void {
    this.#fill(now);
    this.#rates = rates;
    this.#packets = Math.min(this.#packets, rates.packetsPerSecond);
    this.#bytes = Math.min(this.#bytes, rates.bytesPerSecond);
  }

  /** Takes one packet of that many bytes; or nothing, and says which limit is in the way. */
  exceeded(bytes: number, now: number): "bytesPerSecond" | "packetsPerSecond" | undefined {
    this.#fill(now);
    if (this.#bytes < bytes) return "bytesPerSecond";
    if (this.#packets < 1) return "packetsPerSecond";
    this.#packets--;
    this.#bytes -= bytes;
    return undefined;
  }

  #fill(now: number): void {
    const elapsed = now - this.#filledAt;
    if (elapsed <= 0) return;
    const { packetsPerSecond, bytesPerSecond } = this.#rates;
    this.#packets = Math.min(packetsPerSecond, this.#packets + elapsed * packetsPerSecond / 1_000);
    this.#bytes = Math.min(bytesPerSecond, this.#bytes + elapsed * bytesPerSecond / 1_000);
    this.#filledAt = now;
  }
}
