/**
 * The little of STUN that a load tool says on the loopback, written apart from the server's codec so
 * that the two cannot share a mistake: requests with long-term credentials (RFC 8489 §9.2) and IPv4.
 */
import { createHash, createHmac } from "node:crypto";

export const BINDING = 0x0001;
export const ALLOCATE = 0x0003;
export const REFRESH = 0x0004;
export const CHANNEL_BIND = 0x0009;

export const Attribute = {
  USERNAME: 0x0006,
  MESSAGE_INTEGRITY: 0x0008,
  ERROR_CODE: 0x0009,
  CHANNEL_NUMBER: 0x000c,
  LIFETIME: 0x000d,
  XOR_PEER_ADDRESS: 0x0012,
  REALM: 0x0014,
  NONCE: 0x0015,
  XOR_RELAYED_ADDRESS: 0x0016,
  REQUESTED_TRANSPORT: 0x0019,
} as const;

const MAGIC_COOKIE = 0x2112a442;
const HEADER = 20;
const INTEGRITY = 24;

export type Attributes = ReadonlyMap<number, Uint8Array>;

export interface Address {
  readonly hostname: string;
  readonly port: number;
}

/** A request with a fresh transaction id, and a MESSAGE-INTEGRITY when there is a key. */
export function request(
  method: number,
  attributes: Attributes,
  key?: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const bytes: number[] = [];
  for (const [type, value] of attributes) {
    bytes.push(type >> 8, type & 0xff, value.length >> 8, value.length & 0xff, ...value);
    while (bytes.length % 4 !== 0) bytes.push(0);
  }
  const message = new Uint8Array(HEADER + bytes.length + (key ? INTEGRITY : 0));
  const view = new DataView(message.buffer);
  view.setUint16(0, method);
  view.setUint16(2, message.length - HEADER);
  view.setUint32(4, MAGIC_COOKIE);
  crypto.getRandomValues(message.subarray(8, HEADER));
  message.set(bytes, HEADER);
  if (key) {
    const start = message.length - INTEGRITY;
    view.setUint16(start, Attribute.MESSAGE_INTEGRITY);
    view.setUint16(start + 2, 20);
    message.set(createHmac("sha1", key).update(message.subarray(0, start)).digest(), start + 4);
  }
  return message;
}

/** The attributes of an answer, of a success or an error. */
export function attributesOf(message: Uint8Array): Attributes {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const attributes = new Map<number, Uint8Array>();
  for (let at = HEADER; at + 4 <= message.length;) {
    const length = view.getUint16(at + 2);
    attributes.set(view.getUint16(at), message.slice(at + 4, at + 4 + length));
    at += 4 + length + (4 - length % 4) % 4;
  }
  return attributes;
}

/** The code of an error answer (RFC 8489 §14.8). */
export function errorCode(attributes: Attributes): number | undefined {
  const value = attributes.get(Attribute.ERROR_CODE);
  return value && (value[2] ?? 0) * 100 + (value[3] ?? 0);
}

export function number32(value: number): Uint8Array {
  return new Uint8Array([value >>> 24, value >>> 16 & 0xff, value >>> 8 & 0xff, value & 0xff]);
}

/** An XOR'd address of IPv4 (RFC 8489 §14.2). */
export function xorAddress({ hostname, port }: Address): Uint8Array {
  const parts = hostname.split(".").map(Number);
  const address = parts.map((part, index) => part ^ (number32(MAGIC_COOKIE)[index] ?? 0));
  const hidden = port ^ (MAGIC_COOKIE >>> 16);
  return new Uint8Array([0, 1, hidden >> 8, hidden & 0xff, ...address]);
}

export function addressOf(value: Uint8Array | undefined): Address {
  if (value?.length !== 8) throw new Error("The server's answer has no IPv4 address");
  const port = ((value[2] ?? 0) << 8 | (value[3] ?? 0)) ^ (MAGIC_COOKIE >>> 16);
  const parts = [...value.subarray(4)].map((part, i) => part ^ (number32(MAGIC_COOKIE)[i] ?? 0));
  return { hostname: parts.join("."), port };
}

export function longTermKey(username: string, realm: string, password: string): Uint8Array {
  return createHash("md5").update(`${username}:${realm}:${password}`).digest();
}
