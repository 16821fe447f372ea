import { quantile } from "../stats.ts";

/** What one run of a load tool saw. */
export interface LoadResult {
  readonly sent: number;
  /** Different ones that arrived: a duplicate counts once. */
  readonly received: number;
  /** From sending to receiving, in milliseconds; with the tool's own share, where it is in Deno. */
  readonly p50: number;
  readonly p99: number;
  /** The longest of all: a pause of the server, or of the load tool. */
  readonly longest: number;
  /** How many took longer than `LONG_MS`. */
  readonly long: number;
}

/** Players notice a pause of so many milliseconds. */
export const LONG_MS = 5;

/** Counts what was sent by number, so that the count is exact. */
export class Meter {
  readonly #arrived: Uint8Array;
  readonly #delays: Float64Array;
  #received = 0;

  constructor(readonly total: number) {
    this.#arrived = new Uint8Array(total);
    this.#delays = new Float64Array(total);
  }

  get complete(): boolean {
    return this.#received === this.total;
  }

  /** Takes note of message `number`, sent at `sentAt` on this process's own clock. */
  arrived(number: number, sentAt: number): void {
    if (this.#arrived[number] !== 0) return;
    this.#arrived[number] = 1;
    this.#delays[this.#received++] = performance.now() - sentAt;
  }

  result(): LoadResult {
    if (this.#received === 0) throw new Error(`Nothing came back of ${this.total} sent`);
    const delays = this.#delays.subarray(0, this.#received).sort();
    return {
      sent: this.total,
      received: this.#received,
      p50: quantile(delays, 0.5),
      p99: quantile(delays, 0.99),
      longest: quantile(delays, 1),
      long: delays.length - delays.findLastIndex((delay) => delay <= LONG_MS) - 1,
    };
  }
}
