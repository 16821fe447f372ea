/**
 * What a message says, read a second time and independently of `turn/stun/decode.ts`: the model
 * must not take the core's word for it.
 */
import { address, type Ip4, type Ip6, type TransportAddress } from "../../turn/address.ts";
import { Attribute, fingerprint } from "../../turn/stun/mod.ts";

export const COOKIE = [0x21, 0x12, 0xa4, 0x42];

export interface Read {
  readonly bytes: Uint8Array;
  /** The message type with its class bits, as on the wire. */
  readonly type: number;
  /** Those before the first integrity code. */
  readonly attributes: readonly (readonly [type: number, value: Uint8Array])[];
  /** Where the integrity codes' attributes begin. */
  readonly sha1At: number | undefined;
  readonly sha256At: number | undefined;
  readonly fingerprint: boolean;
}

/** The message, or undefined where it is none. */
export function read(bytes: Uint8Array): Read | undefined {
  if (bytes.length < 20 || bytes.length % 4 !== 0 || (bytes[0] ?? 0) > 0x3f) return undefined;
  if (COOKIE.some((byte, i) => bytes[4 + i] !== byte)) return undefined;
  if (uint16(bytes, 2) !== bytes.length - 20) return undefined;
  const attributes: [number, Uint8Array][] = [];
  let sha1At: number | undefined;
  let sha256At: number | undefined;
  let hasFingerprint = false;
  let at = 20;
  while (at < bytes.length) {
    const type = uint16(bytes, at);
    const size = uint16(bytes, at + 2);
    const next = at + 4 + Math.ceil(size / 4) * 4;
    if (next > bytes.length) return undefined;
    if (type === Attribute.FINGERPRINT) {
      if (size !== 4 || next !== bytes.length) return undefined;
      if (uint32(bytes, at + 4) !== fingerprint(bytes, at)) return undefined;
      hasFingerprint = true;
    } else if (sha256At === undefined) {
      if (type === Attribute.MESSAGE_INTEGRITY_SHA256) {
        if (size < 16 || size > 32 || size % 4 !== 0) return undefined;
        sha256At = at;
      } else if (sha1At === undefined) {
        if (type !== Attribute.MESSAGE_INTEGRITY) {
          attributes.push([type, bytes.subarray(at + 4, at + 4 + size)]);
        } else if (size !== 20) return undefined;
        else sha1At = at;
      }
    }
    at = next;
  }
  const type = uint16(bytes, 0);
  return { bytes, type, attributes, sha1At, sha256At, fingerprint: hasFingerprint };
}

/** The values that an attribute of this type may have; any other makes it unreadable. */
const READABLE = new Map<number, (value: Uint8Array) => boolean>([
  [Attribute.MAPPED_ADDRESS, () => true],
  [Attribute.DATA, () => true],
  [Attribute.PASSWORD_ALGORITHMS, () => true],
  [Attribute.USERNAME, (value) => value.length < 509],
  [Attribute.REALM, (value) => value.length <= 763],
  [Attribute.NONCE, (value) => value.length <= 763],
  [Attribute.SOFTWARE, (value) => value.length <= 763],
  [Attribute.ERROR_CODE, isError],
  [Attribute.ADDRESS_ERROR_CODE, isError],
  [Attribute.UNKNOWN_ATTRIBUTES, (value) => value.length % 2 === 0],
  [Attribute.CHANNEL_NUMBER, hasLength(4)],
  [Attribute.LIFETIME, hasLength(4)],
  [Attribute.REQUESTED_TRANSPORT, hasLength(4)],
  [Attribute.REQUESTED_ADDRESS_FAMILY, hasLength(4)],
  [Attribute.ADDITIONAL_ADDRESS_FAMILY, hasLength(4)],
  [Attribute.PASSWORD_ALGORITHM, (value) => value.length === 4 && value[2] === 0 && value[3] === 0],
  [Attribute.EVEN_PORT, hasLength(1)],
  [Attribute.DONT_FRAGMENT, hasLength(0)],
  [Attribute.RESERVATION_TOKEN, hasLength(8)],
  [Attribute.USERHASH, hasLength(32)],
  [Attribute.XOR_PEER_ADDRESS, isAddress],
  [Attribute.XOR_RELAYED_ADDRESS, isAddress],
  [Attribute.XOR_MAPPED_ADDRESS, isAddress],
]);

/** The first of this type that can be read. */
export function valueOf(message: Read, wanted: number): Uint8Array | undefined {
  for (const [type, value] of message.attributes) {
    if (type === wanted && READABLE.get(type)?.(value)) return value;
  }
  return undefined;
}

export function peersOf(message: Read): TransportAddress[] {
  return message.attributes
    .filter(([type, value]) => type === Attribute.XOR_PEER_ADDRESS && isAddress(value))
    .map(([, value]) => addressIn(value, message.bytes));
}

/** Types that must be understood and that nobody knows. */
export function unknownIn({ attributes }: Read): number[] {
  return attributes.map(([type]) => type).filter((type) => type < 0x8000 && !READABLE.has(type));
}

export function hasUnreadable({ attributes }: Read): boolean {
  return attributes.some(([type, value]) => READABLE.get(type)?.(value) === false);
}

/** Takes the XOR off an address (RFC 8489 §14.2); the value was found to be one. */
export function addressIn(value: Uint8Array, message: Uint8Array): TransportAddress {
  const plain = value.slice(4).map((byte, i) => byte ^ (message[4 + i] ?? 0));
  const port = uint16(value, 2) ^ 0x2112;
  return plain.length === 4
    ? address(uint32(plain, 0) as Ip4, port)
    : address(String.fromCharCode(...plain) as Ip6, port);
}

function isAddress(value: Uint8Array): boolean {
  return (value[1] === 1 && value.length === 8) || (value[1] === 2 && value.length === 20);
}

function isError(value: Uint8Array): boolean {
  return value.length >= 4 && value.length <= 767;
}

function hasLength(length: number) {
  return (value: Uint8Array) => value.length === length;
}

export function uint16(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) * 0x100 + (bytes[at + 1] ?? 0);
}

export function uint32(bytes: Uint8Array, at: number): number {
  return uint16(bytes, at) * 0x1_0000 + uint16(bytes, at + 2);
}
