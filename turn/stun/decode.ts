import type { TransportAddress } from "../address.ts";
import {
  Attribute,
  type Attributes,
  COMPREHENSION_OPTIONAL,
  type ErrorCode,
} from "./attributes.ts";
import { fingerprint, MAC_LENGTH } from "./integrity.ts";
import { classOf, HEADER_LENGTH, MAGIC_COOKIE, methodOf, type StunMessage } from "./message.ts";
import { readXorAddress } from "./xor_address.ts";

export type Decoded =
  | { readonly kind: "message"; readonly message: StunMessage }
  | { readonly kind: "not-stun" }
  | { readonly kind: "malformed"; readonly why: string };

const NOT_STUN: Decoded = { kind: "not-stun" };

/** The most bytes that USERNAME, and that any other text attribute, may have (RFC 8489 §14). */
const MAX_USERNAME = 508;
const MAX_TEXT = 763;

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Reads one whole datagram or frame. Never throws. Attributes that are known but make no sense are
 * listed in `unreadable`, for the caller to refuse after authentication, as any other bad request.
 */
export function decode(bytes: Uint8Array): Decoded {
  // RFC 8489 §6.3: two zero bits, the cookie, a length that fits.
  if (bytes.length < HEADER_LENGTH || uint16(bytes, 0) > 0x3fff) return NOT_STUN;
  if (uint32(bytes, 4) !== MAGIC_COOKIE) return NOT_STUN;
  const length = uint16(bytes, 2);
  if (length % 4 !== 0) return malformed("the length is no multiple of 4");
  if (length !== bytes.length - HEADER_LENGTH) return malformed("the length is not the datagram's");

  const attributes: Draft = { relayedAddresses: [], peerAddresses: [], dontFragment: false };
  const unknown: number[] = [];
  const unreadable: number[] = [];
  let integrityAt: number | undefined;
  let integritySha256At: number | undefined;
  let hasFingerprint = false;

  for (let at = HEADER_LENGTH; at < bytes.length;) {
    const type = uint16(bytes, at);
    const size = uint16(bytes, at + 2);
    const start = at + 4;
    const next = start + size + (-size & 3);
    if (next > bytes.length) return malformed("an attribute goes past the end");

    if (type === Attribute.FINGERPRINT) {
      // RFC 8489 §14.7: the last attribute, always.
      if (size !== 4 || next !== bytes.length) return malformed("FINGERPRINT is not the last");
      if (uint32(bytes, start) !== fingerprint(bytes, at)) return malformed("FINGERPRINT is wrong");
      hasFingerprint = true;
    } else if (integritySha256At !== undefined) {
      // RFC 8489 §14.6: nothing but FINGERPRINT counts after MESSAGE-INTEGRITY-SHA256.
    } else if (type === Attribute.MESSAGE_INTEGRITY_SHA256) {
      if (size < 16 || size > MAC_LENGTH.sha256 || size % 4 !== 0) {
        return malformed("MESSAGE-INTEGRITY-SHA256 has a wrong length");
      }
      integritySha256At = at;
    } else if (integrityAt !== undefined) {
      // RFC 8489 §14.5: nor anything but those two after MESSAGE-INTEGRITY.
    } else if (type === Attribute.MESSAGE_INTEGRITY) {
      if (size !== MAC_LENGTH.sha1) return malformed("MESSAGE-INTEGRITY has a wrong length");
      integrityAt = at;
    } else {
      const outcome = readAttribute(attributes, type, bytes, start, size);
      if (outcome === "unreadable") unreadable.push(type);
      if (outcome === "unknown" && type < COMPREHENSION_OPTIONAL) unknown.push(type);
    }
    at = next;
  }

  return {
    kind: "message",
    message: {
      class: classOf(uint16(bytes, 0)),
      method: methodOf(uint16(bytes, 0)),
      transactionId: bytes.subarray(8, HEADER_LENGTH),
      bytes,
      attributes,
      unknown,
      unreadable,
      ...(integrityAt !== undefined && { integrityAt }),
      ...(integritySha256At !== undefined && { integritySha256At }),
      fingerprint: hasFingerprint,
    },
  };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Draft = Mutable<Omit<Attributes, "relayedAddresses" | "peerAddresses">> & {
  relayedAddresses: TransportAddress[];
  peerAddresses: TransportAddress[];
};

/** Reads one attribute into the draft; the first of a kind stands, but for lists of addresses. */
function readAttribute(
  draft: Draft,
  type: number,
  bytes: Uint8Array,
  start: number,
  size: number,
): "read" | "unreadable" | "unknown" {
  /** Keeps the first value under `name`; undefined where the value could not be read. */
  const keep = <K extends keyof Draft>(name: K, value: Draft[K] | undefined) => {
    if (value === undefined) return "unreadable";
    draft[name] ??= value;
    return "read";
  };
  switch (type) {
    case Attribute.USERNAME:
      return keep("username", text(bytes, start, size, MAX_USERNAME));
    case Attribute.REALM:
      return keep("realm", text(bytes, start, size, MAX_TEXT));
    case Attribute.NONCE:
      return keep("nonce", text(bytes, start, size, MAX_TEXT));
    case Attribute.SOFTWARE:
      return keep("software", text(bytes, start, size, MAX_TEXT));
    case Attribute.USERHASH:
      return keep("userhash", size === 32 ? bytes.subarray(start, start + size) : undefined);
    case Attribute.PASSWORD_ALGORITHM:
      return keep("passwordAlgorithm", algorithmWithoutParameters(bytes, start, size));
    case Attribute.PASSWORD_ALGORITHMS:
      return keep("passwordAlgorithms", bytes.subarray(start, start + size));
    case Attribute.ERROR_CODE:
      return keep("errorCode", errorCode(bytes, start, size));
    case Attribute.UNKNOWN_ATTRIBUTES:
      return keep("unknownAttributes", size % 2 === 0 ? uint16s(bytes, start, size) : undefined);
    case Attribute.XOR_MAPPED_ADDRESS:
      return keep("mappedAddress", readXorAddress(bytes, start, size));
    case Attribute.XOR_RELAYED_ADDRESS:
      return collect(draft.relayedAddresses, readXorAddress(bytes, start, size));
    case Attribute.XOR_PEER_ADDRESS:
      return collect(draft.peerAddresses, readXorAddress(bytes, start, size));
    case Attribute.CHANNEL_NUMBER:
      return keep("channelNumber", size === 4 ? uint16(bytes, start) : undefined);
    case Attribute.LIFETIME:
      return keep("lifetime", size === 4 ? uint32(bytes, start) : undefined);
    case Attribute.DATA:
      return keep("data", bytes.subarray(start, start + size));
    case Attribute.REQUESTED_TRANSPORT:
      return keep("requestedTransport", size === 4 ? bytes[start] : undefined);
    case Attribute.REQUESTED_ADDRESS_FAMILY:
      return keep("requestedAddressFamily", size === 4 ? bytes[start] : undefined);
    case Attribute.ADDITIONAL_ADDRESS_FAMILY:
      return keep("additionalAddressFamily", size === 4 ? bytes[start] : undefined);
    case Attribute.ADDRESS_ERROR_CODE: {
      const error = errorCode(bytes, start, size);
      return keep("addressErrorCode", error && { ...error, family: bytes[start] ?? 0 });
    }
    case Attribute.EVEN_PORT:
      return keep("evenPort", size === 1 ? ((bytes[start] ?? 0) & 0x80) !== 0 : undefined);
    case Attribute.RESERVATION_TOKEN:
      return keep("reservationToken", size === 8 ? bytes.subarray(start, start + 8) : undefined);
    case Attribute.DONT_FRAGMENT:
      if (size !== 0) return "unreadable";
      draft.dontFragment = true;
      return "read";
    case Attribute.MAPPED_ADDRESS:
      return "read";
    default:
      return "unknown";
  }
}

function collect(list: TransportAddress[], value: TransportAddress | undefined) {
  if (!value) return "unreadable";
  list.push(value);
  return "read";
}

function text(bytes: Uint8Array, start: number, size: number, max: number): string | undefined {
  return size <= max ? utf8.decode(bytes.subarray(start, start + size)) : undefined;
}

/** Neither algorithm of RFC 8489 §18.5.1 has parameters. */
function algorithmWithoutParameters(bytes: Uint8Array, start: number, size: number) {
  return size === 4 && uint16(bytes, start + 2) === 0 ? uint16(bytes, start) : undefined;
}

/** RFC 8489 §14.8; ADDRESS-ERROR-CODE has the same shape with a family in its first byte. */
function errorCode(bytes: Uint8Array, start: number, size: number): ErrorCode | undefined {
  const reason = size >= 4 ? text(bytes, start + 4, size - 4, MAX_TEXT) : undefined;
  if (reason === undefined) return undefined;
  return { code: ((bytes[start + 2] ?? 0) & 7) * 100 + (bytes[start + 3] ?? 0), reason };
}

function uint16s(bytes: Uint8Array, start: number, size: number): number[] {
  return Array.from({ length: size / 2 }, (_, i) => uint16(bytes, start + 2 * i));
}

function malformed(why: string): Decoded {
  return { kind: "malformed", why };
}

function uint16(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0);
}

function uint32(bytes: Uint8Array, offset: number): number {
  return uint16(bytes, offset) * 0x1_0000 + uint16(bytes, offset + 2);
}
