import type { Limits } from "./protocol.ts";

/** The part of the server's limits that game data takes, so that signaling has the rest. */
const SHARE = 0.7;
/** The part of its messages that unreliable data leaves to the rest: at 60 Hz it takes each one. */
const SPARED = 0.2;

/** Keeps what goes through the server within the server's limits, so that it is not refused. */
export class Pacer {
  readonly #messagesPerSecond: number;
  readonly #bytesPerSecond: number;
  #messages: number;
  #bytes: number;
  #at: number;

  constructor(limits: Limits, now: number) {
    this.#messagesPerSecond = SHARE * (limits.messagesPerSecond ?? Infinity);
    this.#bytesPerSecond = SHARE * (limits.relayBytesPerSecond ?? Infinity);
    [this.#messages, this.#bytes, this.#at] = [this.#messagesPerSecond, this.#bytesPerSecond, now];
  }

  /** Whether a message of `bytes` may go now; one greater than a second's worth goes when full. */
  take(bytes: number, now: number, isLoose = false): boolean {
    const seconds = (now - this.#at) / 1_000;
    this.#at = now;
    const refill = (left: number, rate: number) =>
      rate === Infinity ? Infinity : Math.min(rate, left + seconds * rate);
    this.#messages = refill(this.#messages, this.#messagesPerSecond);
    this.#bytes = refill(this.#bytes, this.#bytesPerSecond);
    if (this.#messages < 1 || this.#bytes < Math.min(bytes, this.#bytesPerSecond)) return false;
    const spared = isLoose ? SPARED * this.#messagesPerSecond : 0;
    if (this.#messages - 1 < spared) return false;
    this.#messages -= 1;
    this.#bytes -= bytes;
    return true;
  }
}
