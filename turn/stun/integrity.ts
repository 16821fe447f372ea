import { createHmac, timingSafeEqual } from "node:crypto";
import { crc32 } from "node:zlib";
import { HEADER_LENGTH, type StunMessage } from "./message.ts";

export type MacAlgorithm = "sha1" | "sha256";

/** Bytes of a whole message integrity code: 8489 §14.5 and §14.6; TURN allows no shorter one. */
export const MAC_LENGTH: Readonly<Record<MacAlgorithm, number>> = { sha1: 20, sha256: 32 };

/** Bytes of an attribute's type and length. */
const ATTRIBUTE_HEADER = 4;
const FINGERPRINT_LENGTH = 8;

/**
 * The integrity code of what stands before its attribute at `offset`, with the length in the header
 * as if the message ended right after that attribute (RFC 8489 §14.5).
 */
export function mac(
  algorithm: MacAlgorithm,
  key: Uint8Array,
  message: Uint8Array,
  offset: number,
): Uint8Array {
  const header = headerEndingAt(message, offset + ATTRIBUTE_HEADER + MAC_LENGTH[algorithm]);
  return createHmac(algorithm, key).update(header).update(message.subarray(HEADER_LENGTH, offset))
    .digest();
}

/** Whether the message carries this code, whole, made with this key; in constant time. */
export function verifyMac(message: StunMessage, algorithm: MacAlgorithm, key: Uint8Array): boolean {
  const offset = algorithm === "sha1" ? message.integrityAt : message.integritySha256At;
  if (offset === undefined) return false;
  const { bytes } = message;
  const length = ((bytes[offset + 2] ?? 0) << 8) | (bytes[offset + 3] ?? 0);
  if (length !== MAC_LENGTH[algorithm]) return false;
  const start = offset + ATTRIBUTE_HEADER;
  return timingSafeEqual(
    mac(algorithm, key, bytes, offset),
    bytes.subarray(start, start + length),
  );
}

/** The FINGERPRINT of what stands before its attribute at `offset` (RFC 8489 §14.7). */
export function fingerprint(message: Uint8Array, offset: number): number {
  const header = headerEndingAt(message, offset + FINGERPRINT_LENGTH);
  return (crc32(message.subarray(HEADER_LENGTH, offset), crc32(header)) ^ 0x5354_554e) >>> 0;
}

function headerEndingAt(message: Uint8Array, end: number): Uint8Array {
  const header = message.slice(0, HEADER_LENGTH);
  header[2] = (end - HEADER_LENGTH) >> 8;
  header[3] = (end - HEADER_LENGTH) & 0xff;
  return header;
}
