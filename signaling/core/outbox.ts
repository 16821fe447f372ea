import { type Body, type Frame, frame } from "../messages.ts";

/**
 * Counts what the server says to one peer, and keeps the latest of it for the peer to resume with:
 * bounded in number, bytes and age. A text counts by its length, which its bytes in memory are once
 * or twice. Frames are kept, not bodies: as the sender's own text they would live on in pieces. As
 * bytes in a buffer for each peer they took more memory, and saved too little time to be told.
 */
export class Outbox {
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  readonly #frames: Frame[] = [];
  /** How many of the frames are let go of already: shifting each out by itself would be dear. */
  #gone = 0;
  #bytes = 0;
  #seq = 0;
  /** What `seq` was when `age` was called last, and the time before. */
  #aged = 0;
  #agedTwice = 0;

  constructor(maxEntries: number, maxBytes: number) {
    this.#maxEntries = maxEntries;
    this.#maxBytes = maxBytes;
  }

  /** Of the latest message. */
  get seq(): number {
    return this.#seq;
  }

  /** Counts and keeps what is said; answers it as the reader gets it. */
  push(body: Body): Frame {
    const counted = frame(body, ++this.#seq);
    this.#frames.push(counted);
    this.#bytes += counted.length;
    while (this.#kept > this.#maxEntries || this.#bytes > this.#maxBytes) this.#drop();
    return counted;
  }

  /** What followed `seq`, in order; undefined where some of it is no longer kept. */
  after(seq: number): Frame[] | undefined {
    const missed = this.#seq - seq;
    if (missed > this.#kept) return undefined;
    return this.#frames.slice(this.#frames.length - missed);
  }

  /** Lets go of what had been said already at the call before the last. */
  age(): void {
    this.#forget(this.#agedTwice);
    this.#agedTwice = this.#aged;
    this.#aged = this.#seq;
  }

  clear(): void {
    this.#forget(this.#seq);
  }

  get #kept(): number {
    return this.#frames.length - this.#gone;
  }

  /** Lets go of all up to this `seq`. */
  #forget(seq: number): void {
    while (this.#kept > this.#seq - seq) this.#drop();
  }

  #drop(): void {
    this.#bytes -= this.#frames[this.#gone]?.length ?? 0;
    this.#frames[this.#gone++] = "";
    if (this.#gone <= this.#frames.length / 2) return;
    this.#frames.splice(0, this.#gone);
    this.#gone = 0;
  }
}
