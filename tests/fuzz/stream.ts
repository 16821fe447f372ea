/** The model of a TCP stream: all that came, cut by lengths. */
import { uint16 } from "./read.ts";

/** The longest ChannelData, padded: no frame is longer. */
const LONGEST = 4 + 0x1_0000;

export class ModelStream {
  #held = new Uint8Array(0);
  isBroken = false;

  /** The frames that are whole now. */
  push(chunk: Uint8Array): Uint8Array[] {
    const frames: Uint8Array[] = [];
    let all = new Uint8Array(this.#held.length + chunk.length);
    all.set(this.#held);
    all.set(chunk, this.#held.length);
    while (all.length > 0) {
      const [first = 0] = all;
      const isChannelData = first >= 0x40 && first <= 0x7f;
      this.isBroken = first > 3 && !isChannelData;
      if (this.isBroken || all.length < 4) break;
      const length = uint16(all, 2);
      const size = isChannelData ? 4 + Math.ceil(length / 4) * 4 : 20 + length;
      this.isBroken = size > LONGEST;
      if (this.isBroken || size > all.length) break;
      frames.push(all.slice(0, size));
      all = all.subarray(size);
    }
    this.#held = all;
    return frames;
  }
}
