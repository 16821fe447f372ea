/** ChannelData, RFC 8656 §12.4: a channel number, a length, and that many bytes. */

export const CHANNEL_HEADER_LENGTH = 4;
export const FIRST_CHANNEL = 0x4000;
/** RFC 8656 §12 leaves the rest to other protocols. */
export const LAST_CHANNEL = 0x4fff;
/** RFC 5766 §11: what clients from before RFC 8656 draw from, coturn 4.6's own tools among them. */
export const LAST_OLD_CHANNEL = 0x7fff;

/**
 * Whether a datagram or frame that begins so is ChannelData: RFC 8656 §12, table 3, and the rest of
 * RFC 5766's range, which no other protocol uses on this port. What is not bound is dropped anyway.
 */
export function beginsChannelData(first: number): boolean {
  return first >= 0x40 && first <= 0x7f;
}

/** The channel number of a frame that has at least its header. */
export function channelNumberOf(frame: Uint8Array): number {
  return ((frame[0] ?? 0) << 8) | (frame[1] ?? 0);
}

/** How long the data of a frame is, without padding; undefined where the frame is shorter. */
export function dataLengthOf(frame: Uint8Array): number | undefined {
  const length = ((frame[2] ?? 0) << 8) | (frame[3] ?? 0);
  return frame.length < CHANNEL_HEADER_LENGTH + length ? undefined : length;
}

/** The length of a ChannelData frame on a stream, where it is padded to 4 (RFC 8656 §12.5). */
export function paddedLength(dataLength: number): number {
  return CHANNEL_HEADER_LENGTH + dataLength + (-dataLength & 3);
}

/**
 * Makes a frame of what `out` has after room for the header, and returns its length. `padded` is for
 * streams, and needs up to 3 bytes more there; datagrams go without.
 */
export function writeChannelHeader(
  out: Uint8Array,
  number: number,
  length: number,
  padded: boolean,
): number {
  out[0] = number >> 8;
  out[1] = number & 0xff;
  out[2] = length >> 8;
  out[3] = length & 0xff;
  const end = CHANNEL_HEADER_LENGTH + length;
  if (!padded) return end;
  const paddedEnd = paddedLength(length);
  out.fill(0, end, paddedEnd);
  return paddedEnd;
}
