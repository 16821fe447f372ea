import { type Body, type Frame, frame } from "../messages.ts";

interface Entry {
  readonly frame: Frame;
  readonly at: number;
}

const NOTHING: Entry = { frame: "", at: 0 };

/**
 * Counts what the server says to one peer, and keeps the latest of it for the peer to resume with:
 * bounded in number, bytes and age. A text counts by its length, which its bytes in memory are once
 * or twice. Frames are kept, not bodies: as the sender's own text they would live on in pieces.
 */
export class Outbox {
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  readonly #entries: Entry[] = [];
  /** How many of the entries are let go of already: shifting each out by itself would be dear. */
  #gone = 0;
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

  /** Counts and keeps what is said; answers it as the reader gets it. */
  push(body: Body, now: number): Frame {
    const counted = frame(body, ++this.#seq);
    this.#entries.push({ frame: counted, at: now });
    this.#bytes += counted.length;
    while (this.#kept > this.#maxEntries || this.#bytes > this.#maxBytes) this.#drop();
    return counted;
  }

  /** What followed `seq`, in order; undefined where some of it is no longer kept. */
  after(seq: number): Frame[] | undefined {
    const missed = this.#seq - seq;
    if (missed > this.#kept) return undefined;
    return this.#entries.slice(this.#entries.length - missed).map((entry) => entry.frame);
  }

  /** Lets go of what is older than `at`. */
  forgetBefore(at: number): void {
    while ((this.#entries[this.#gone]?.at ?? Infinity) < at) this.#drop();
  }

  get #kept(): number {
    return this.#entries.length - this.#gone;
  }

  #drop(): void {
    this.#bytes -= this.#entries[this.#gone]?.frame.length ?? 0;
    this.#entries[this.#gone++] = NOTHING;
    if (this.#gone <= this.#entries.length / 2) return;
    this.#entries.splice(0, this.#gone);
    this.#gone = 0;
  }
}
