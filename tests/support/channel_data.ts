import { CHANNEL_HEADER_LENGTH, dataLengthOf, writeChannelHeader } from "../../turn/stun/mod.ts";

/** Writes a frame at the start of `out` and returns its length; `padded` is for streams. */
export function writeChannelData(
  out: Uint8Array,
  number: number,
  data: Uint8Array,
  padded: boolean,
): number {
  out.set(data, CHANNEL_HEADER_LENGTH);
  return writeChannelHeader(out, number, data.length, padded);
}

/** The data of a frame, without padding; undefined where it is shorter than it says. */
export function dataOf(frame: Uint8Array): Uint8Array | undefined {
  const length = dataLengthOf(frame);
  return length === undefined
    ? undefined
    : frame.subarray(CHANNEL_HEADER_LENGTH, CHANNEL_HEADER_LENGTH + length);
}
