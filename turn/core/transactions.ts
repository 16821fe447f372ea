import { Buffer } from "node:buffer";
import type { FlowKey } from "./api.ts";

/** RFC 8656 §5 and RFC 8489 §6.3.1: an answer is remembered for 40 s. */
const REMEMBERED_MS = 40_000;

/** How long what is over may stay, so that one waking forgets many. */
const TOGETHER_MS = 1_000;

/**
 * Answers that a retransmitted request gets once more, word for word, since doing it again would
 * answer otherwise. All are kept equally long, so the oldest is always the first. They are kept as
 * text, a character for each byte, which takes far less memory than a small array of its own.
 */
export class Transactions {
  #capacity: number;
  readonly #answers = new Map<string, { readonly text: string; readonly until: number }>();
  #nextDue = Infinity;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Holds at most so many from the next one on. */
  limit(capacity: number): void {
    this.#capacity = capacity;
  }

  /** When to forget the oldest; Infinity where there is none. Asked for each packet. */
  get nextDue(): number {
    return this.#nextDue;
  }

  find(flow: FlowKey, transactionId: Uint8Array, now: number): Uint8Array | undefined {
    const answer = this.#answers.get(name(flow, transactionId));
    if (!answer || answer.until <= now) return undefined;
    return Uint8Array.from(answer.text, (character) => character.charCodeAt(0));
  }

  /** Keeps a copy; where there is no room, the oldest answer goes. */
  remember(flow: FlowKey, transactionId: Uint8Array, answer: Uint8Array, now: number): void {
    this.forgetDue(now);
    for (const oldest of this.#answers.keys()) {
      if (this.#answers.size < this.#capacity) break;
      this.#answers.delete(oldest);
    }
    const until = now + REMEMBERED_MS;
    this.#answers.set(name(flow, transactionId), { text: textOf(answer), until });
    this.#schedule();
  }

  forgetDue(now: number): void {
    for (const [key, { until }] of this.#answers) {
      if (until > now) break;
      this.#answers.delete(key);
    }
    this.#schedule();
  }

  #schedule(): void {
    const [oldest] = this.#answers.values();
    this.#nextDue = oldest ? oldest.until + TOGETHER_MS : Infinity;
  }
}

function name(flow: FlowKey, transactionId: Uint8Array): string {
  return textOf(transactionId) + flow;
}

function textOf({ buffer, byteOffset, length }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, length).toString("latin1");
}
