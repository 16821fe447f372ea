import { Buffer } from "node:buffer";
import type { Body } from "../messages.ts";

interface Entry {
  readonly body: Body;
  readonly bytes: number;
  readonly at: number;
}

/**
 * Counts what the server says to one peer, and keeps the latest of it for the peer to resume with:
 * bounded in number, bytes and age.
 */
export class Outbox {
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  #entries: Entry[] = [];
  #bytes = 0;
  #seq = 0;

  constructor(maxEntries: number, maxBytes: number) {
    this.#maxEntries = maxEntries;
    this.#maxBytes = maxBytes;
  }

  /** Of the latest message. */
  get seq(): number {
    return this.#seq;
  }

  /** Counts and keeps `body`; answers its `seq`. */
  push(body: Body, now: number): number {
    const bytes = typeof body === "string" ? Buffer.byteLength(body) : body.length;
    this.#entries.push({ body, bytes, at: now });
    this.#bytes += bytes;
    while (this.#entries.length > this.#maxEntries || this.#bytes > this.#maxBytes) this.#drop();
    return ++this.#seq;
  }

  /** What followed `seq`, in order; undefined where some of it is no longer kept. */
  after(seq: number): Body[] | undefined {
    const missed = this.#seq - seq;
    if (missed > this.#entries.length) return undefined;
    return this.#entries.slice(this.#entries.length - missed).map((entry) => entry.body);
  }

  /** Lets go of what is older than `at`. */
  forgetBefore(at: number): void {
    while (this.#entries[0] !== undefined && this.#entries[0].at < at) this.#drop();
  }

  #drop(): void {
    this.#bytes -= this.#entries.shift()?.bytes ?? 0;
  }
}
