import {
  address,
  type Family,
  familyOf,
  readIp,
  type TransportAddress,
  writeIp,
} from "../address.ts";

/** The address families on the wire (RFC 8489 §14.1). */
export const WIRE_FAMILY: Readonly<Record<Family, number>> = { 4: 1, 6: 2 };

const scratch = new Uint8Array(16);

/**
 * Reads the value of an XOR-…-ADDRESS (RFC 8489 §14.2). The magic cookie and the transaction id,
 * which an address is XORed with, lie at offset 4 of `message`.
 */
export function readXorAddress(
  message: Uint8Array,
  offset: number,
  length: number,
): TransportAddress | undefined {
  const family = familyOnWire(message[offset + 1], length);
  if (!family) return undefined;
  const port = (byte(message, offset + 2) ^ byte(message, 4)) << 8 |
    (byte(message, offset + 3) ^ byte(message, 5));
  for (let i = 0; i < length - 4; i++) {
    scratch[i] = byte(message, offset + 4 + i) ^ byte(message, 4 + i);
  }
  return address(readIp(family, scratch, 0), port);
}

/** Writes the value of an XOR-…-ADDRESS at `offset` of `message`; returns its length, 8 or 20. */
export function writeXorAddress(
  address: TransportAddress,
  message: Uint8Array,
  offset: number,
): number {
  const length = writeAddress(address, message, offset);
  message[offset + 2] = byte(message, offset + 2) ^ byte(message, 4);
  message[offset + 3] = byte(message, offset + 3) ^ byte(message, 5);
  for (let i = 0; i < length - 4; i++) {
    message[offset + 4 + i] = byte(message, offset + 4 + i) ^ byte(message, 4 + i);
  }
  return length;
}

/** The same as it stands, not XORed: the shape of MAPPED-ADDRESS (RFC 8489 §14.1). */
export function writeAddress(
  { ip, port }: TransportAddress,
  message: Uint8Array,
  offset: number,
): number {
  const family = familyOf(ip);
  message[offset] = 0;
  message[offset + 1] = WIRE_FAMILY[family];
  message[offset + 2] = port >> 8;
  message[offset + 3] = port & 0xff;
  writeIp(ip, message, offset + 4);
  return family === 4 ? 8 : 20;
}

function familyOnWire(number: number | undefined, length: number): Family | undefined {
  if (number === WIRE_FAMILY[4] && length === 8) return 4;
  if (number === WIRE_FAMILY[6] && length === 20) return 6;
  return undefined;
}

function byte(bytes: Uint8Array, offset: number): number {
  return bytes[offset] ?? 0;
}
