/** How data between two clients is written, the same on a data channel and through the server. */
import type { Ends } from "./pair.ts";

const KINDS = ["text", "bytes", "ack", "loose-text", "loose-bytes", "probe", "echo"] as const;

/**
 * `text` and `bytes` are reliable and numbered; `ack` names the last number that came in order. The
 * loose ones are numbered apart, and so is `probe`, which `echo` answers with its number.
 */
export interface Message {
  readonly kind: typeof KINDS[number];
  readonly seq: number;
  readonly data: Uint8Array<ArrayBuffer>;
}

export interface Frame extends Message, Ends {}

/** One byte for the kind, four each for the number and the two ends. */
export const HEADER_BYTES = 13;

export function encodeFrame({ kind, seq, from, to, data }: Frame): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HEADER_BYTES + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, KINDS.indexOf(kind));
  [seq, from, to].forEach((number, index) => view.setUint32(1 + 4 * index, number));
  bytes.set(data, HEADER_BYTES);
  return bytes;
}

/** Undefined for what no client of ours has written. */
export function decodeFrame(bytes: Uint8Array<ArrayBuffer>): Frame | undefined {
  const kind = KINDS[bytes[0] ?? KINDS.length];
  if (kind === undefined || bytes.length < HEADER_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const [seq, from, to] = [view.getUint32(1), view.getUint32(5), view.getUint32(9)];
  return { kind, seq, from, to, data: bytes.subarray(HEADER_BYTES) };
}
