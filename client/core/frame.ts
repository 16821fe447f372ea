/** How data between two clients is written, the same on a data channel and through the server. */

const KINDS = ["text", "bytes", "ack", "loose-text", "loose-bytes"] as const;

/** `text` and `bytes` are reliable and numbered; `ack` names the last number that came in order. */
export interface Frame {
  readonly kind: typeof KINDS[number];
  readonly seq: number;
  readonly data: Uint8Array<ArrayBuffer>;
}

/** One byte for the kind, four for the number. */
export const HEADER_BYTES = 5;

export function encodeFrame({ kind, seq, data }: Frame): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HEADER_BYTES + data.length);
  bytes[0] = KINDS.indexOf(kind);
  new DataView(bytes.buffer).setUint32(1, seq);
  bytes.set(data, HEADER_BYTES);
  return bytes;
}

/** Undefined for what no client of ours has written. */
export function decodeFrame(bytes: Uint8Array<ArrayBuffer>): Frame | undefined {
  const kind = KINDS[bytes[0] ?? KINDS.length];
  if (kind === undefined || bytes.length < HEADER_BYTES) return undefined;
  const seq = new DataView(bytes.buffer, bytes.byteOffset).getUint32(1);
  return { kind, seq, data: bytes.subarray(HEADER_BYTES) };
}
