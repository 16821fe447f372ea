import { beginsChannelData, paddedLength } from "./channel_data.ts";
import { HEADER_LENGTH } from "./message.ts";

/** The longest ChannelData there is, padded: nothing that can be relayed is longer. */
const LONGEST_FRAME = paddedLength(0xffff);

export type FrameFault = "neither STUN nor ChannelData" | "frame too long";

/**
 * Cuts a TCP stream into frames by their length (RFC 8489 §6.2.2, RFC 8656 §12.5). After a fault
 * the stream has lost its place: no more frames come, and the connection is to be ended.
 *
 *     for (const frame of reader.push(chunk)) core.fromClient(flow, frame, now);
 *     if (reader.fault) close();
 */
export class FrameReader {
  readonly #longest: number;
  /** The beginning of a frame whose end has not come yet; grows only with what came. */
  #partial = new Uint8Array(0);
  #held = 0;
  #fault: FrameFault | undefined;

  /** `longest`: the most bytes that one frame may have, and that are held at any time. */
  constructor(longest = LONGEST_FRAME) {
    this.#longest = longest;
  }

  get fault(): FrameFault | undefined {
    return this.#fault;
  }

  /** Bytes that wait for the rest of their frame. */
  get held(): number {
    return this.#held;
  }

  /** Each whole frame, padding included; lent until the next one is asked for. */
  *push(chunk: Uint8Array): Generator<Uint8Array, void, void> {
    let rest = chunk;
    while (rest.length > 0 && !this.#fault) {
      if (this.#held === 0) {
        const size = this.#measure(rest);
        if (size !== undefined && size <= rest.length) {
          yield rest.subarray(0, size);
          rest = rest.subarray(size);
        } else {
          if (!this.#fault) this.#hold(rest);
          return;
        }
      } else {
        rest = rest.subarray(this.#complete(rest));
        const partial = this.#partial.subarray(0, this.#held);
        if (this.#measure(partial) === this.#held) {
          this.#held = 0;
          yield partial;
        }
      }
    }
  }

  /** Takes what the held frame still lacks, first its header; returns how much that was. */
  #complete(rest: Uint8Array): number {
    const wanted = this.#measure(this.#partial.subarray(0, this.#held)) ?? 4;
    const taken = rest.subarray(0, wanted - this.#held);
    this.#hold(taken);
    return taken.length;
  }

  #hold(bytes: Uint8Array): void {
    const needed = this.#held + bytes.length;
    if (needed > this.#partial.length) {
      const grown = new Uint8Array(Math.min(2 * needed, this.#longest));
      grown.set(this.#partial.subarray(0, this.#held));
      this.#partial = grown;
    }
    this.#partial.set(bytes, this.#held);
    this.#held = needed;
  }

  /** The length of the frame that begins here; undefined where it cannot be told (yet). */
  #measure(bytes: Uint8Array): number | undefined {
    const [first = 0, , high, low] = bytes;
    const isChannelData = beginsChannelData(first);
    if (!isChannelData && first > 3) {
      this.#fault = "neither STUN nor ChannelData";
      return undefined;
    }
    if (high === undefined || low === undefined) return undefined;
    const length = (high << 8) | low;
    const size = isChannelData ? paddedLength(length) : HEADER_LENGTH + length;
    if (size > this.#longest) {
      this.#fault = "frame too long";
      return undefined;
    }
    return size;
  }
}
