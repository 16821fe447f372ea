/** The model's token buckets: `rate` tokens a second, and one second's worth at once. */
export class Bucket {
  readonly #rate: number;
  #tokens: number;
  #at: number;

  constructor(rate: number, now: number) {
    this.#rate = rate;
    this.#tokens = rate;
    this.#at = now;
  }

  has(amount: number, now: number): boolean {
    this.#tokens = Math.min(this.#rate, this.#tokens + (now - this.#at) * this.#rate / 1_000);
    this.#at = now;
    return this.#tokens >= amount;
  }

  take(amount: number, now: number): boolean {
    if (!this.has(amount, now)) return false;
    this.#tokens -= amount;
    return true;
  }
}

/** Packets and bytes of one direction: both, or neither. */
export class PacketBucket {
  readonly #packets: Bucket;
  readonly #bytes: Bucket;

  constructor(packets: number, bytes: number, now: number) {
    this.#packets = new Bucket(packets, now);
    this.#bytes = new Bucket(bytes, now);
  }

  take(length: number, now: number): boolean {
    return this.#bytes.has(length, now) && this.#packets.take(1, now) &&
      this.#bytes.take(length, now);
  }
}
