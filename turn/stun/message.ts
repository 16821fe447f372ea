import type { Attributes } from "./attributes.ts";

export const HEADER_LENGTH = 20;
export const MAGIC_COOKIE = 0x2112_a442;

/** RFC 8489 §18.2, RFC 8656 §17. */
export const Method = {
  BINDING: 0x001,
  ALLOCATE: 0x003,
  REFRESH: 0x004,
  SEND: 0x006,
  DATA: 0x007,
  CREATE_PERMISSION: 0x008,
  CHANNEL_BIND: 0x009,
} as const;

export type MessageClass = "request" | "indication" | "success" | "error";
const CLASSES: readonly MessageClass[] = ["request", "indication", "success", "error"];

/** The 14 bits of a message type hold the class in bits 4 and 8 (RFC 8489 §5, figure 3). */
export function messageType(messageClass: MessageClass, method: number): number {
  const bits = CLASSES.indexOf(messageClass);
  return (method & 0x000f) | ((method & 0x0070) << 1) | ((method & 0x0f80) << 2) |
    ((bits & 1) << 4) | ((bits & 2) << 7);
}

export function classOf(type: number): MessageClass {
  return CLASSES[((type >> 4) & 1) | ((type >> 7) & 2)] as MessageClass;
}

export function methodOf(type: number): number {
  return (type & 0x000f) | ((type >> 1) & 0x0070) | ((type >> 2) & 0x0f80);
}

/** A STUN message, read. Its bytes are lent: it is good for as long as the buffer it came in. */
export interface StunMessage {
  readonly class: MessageClass;
  readonly method: number;
  /** 12 bytes */
  readonly transactionId: Uint8Array;
  readonly bytes: Uint8Array;
  readonly attributes: Attributes;
  /** Attributes that must be understood and are not (RFC 8489 §6.3.1), in order. */
  readonly unknown: readonly number[];
  /** Attributes that are known, with a value that means nothing. */
  readonly unreadable: readonly number[];
  /** Where the header of MESSAGE-INTEGRITY begins. */
  readonly integrityAt?: number;
  /** Where the header of MESSAGE-INTEGRITY-SHA256 begins. */
  readonly integritySha256At?: number;
  /** Whether it had a FINGERPRINT, which then was right. */
  readonly fingerprint: boolean;
}
