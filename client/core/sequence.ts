/**
 * Reliable messages of one peer to another, whichever way they go. Each is numbered and kept until
 * it is acknowledged. When the way changes, what is not acknowledged goes again over the new one;
 * the receiver takes only the number it waits for, so nothing comes twice, late or out of order.
 */
import type { Message } from "./frame.ts";

/** What may wait for an acknowledgement before `push` refuses, in bytes. */
export const UNACKNOWLEDGED_BYTES = 1_048_576;
/** A message this long without progress goes again, in milliseconds. */
export const RESEND_MS = 2_000;

export class Sender {
  /** The messages from `#acknowledged + 1` on. */
  readonly #kept: Message[] = [];
  #acknowledged = 0;
  /** How many of the kept have gone out. */
  #sent = 0;
  #bytes = 0;
  #progressAt = 0;

  get idle(): boolean {
    return this.#kept.length === 0;
  }
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether the message was taken; not where too much waits already. */
  push(kind: "text" | "bytes", data: Uint8Array<ArrayBuffer>): boolean {
    if (this.#bytes + data.length > UNACKNOWLEDGED_BYTES) return false;
    const seq = this.#acknowledged + this.#kept.length + 1;
    this.#kept.push({ kind, seq, data });
    this.#bytes += data.length;
    return true;
  }

  /** The next message to go out, which stays until `sent`. */
  get next(): Message | undefined {
    return this.#kept[this.#sent];
  }

  sent(now: number): void {
    if (this.#sent === 0) this.#progressAt = now;
    this.#sent++;
  }

  acknowledge(seq: number, now: number): void {
    const count = seq - this.#acknowledged;
    if (count <= 0 || count > this.#kept.length) return;
    for (const { data } of this.#kept.splice(0, count)) this.#bytes -= data.length;
    this.#acknowledged = seq;
    this.#sent = Math.max(0, this.#sent - count);
    this.#progressAt = now;
  }

  /** Everything that is not acknowledged goes again: the way has changed. */
  rewind(): void {
    this.#sent = 0;
  }

  /** The same where nothing was acknowledged for too long. */
  check(now: number): void {
    if (this.#sent > 0 && now - this.#progressAt >= RESEND_MS) this.rewind();
  }
}

export class Receiver {
  #last = 0;
  #owesAck = false;

  /** Whether this is the message that is waited for. */
  accept({ seq }: Message): boolean {
    this.#owesAck = true;
    if (seq !== this.#last + 1) return false;
    this.#last = seq;
    return true;
  }

  /** The acknowledgement that is owed, which stays so until `acknowledged`. */
  get ack(): Message | undefined {
    return this.#owesAck ? { kind: "ack", seq: this.#last, data: new Uint8Array() } : undefined;
  }

  /** The peer has to hear from here, whatever came. */
  oweAck(): void {
    this.#owesAck = true;
  }

  acknowledged(): void {
    this.#owesAck = false;
  }
}
