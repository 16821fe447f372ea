import type { TransportAddress } from "../address.ts";

/** Attribute types: RFC 8489 §18.3, RFC 8656 §18. Those below 0x8000 must be understood. */
export const Attribute = {
  MAPPED_ADDRESS: 0x0001,
  USERNAME: 0x0006,
  MESSAGE_INTEGRITY: 0x0008,
  ERROR_CODE: 0x0009,
  UNKNOWN_ATTRIBUTES: 0x000a,
  CHANNEL_NUMBER: 0x000c,
  LIFETIME: 0x000d,
  XOR_PEER_ADDRESS: 0x0012,
  DATA: 0x0013,
  REALM: 0x0014,
  NONCE: 0x0015,
  XOR_RELAYED_ADDRESS: 0x0016,
  REQUESTED_ADDRESS_FAMILY: 0x0017,
  EVEN_PORT: 0x0018,
  REQUESTED_TRANSPORT: 0x0019,
  DONT_FRAGMENT: 0x001a,
  MESSAGE_INTEGRITY_SHA256: 0x001c,
  PASSWORD_ALGORITHM: 0x001d,
  USERHASH: 0x001e,
  XOR_MAPPED_ADDRESS: 0x0020,
  RESERVATION_TOKEN: 0x0022,
  ADDITIONAL_ADDRESS_FAMILY: 0x8000,
  ADDRESS_ERROR_CODE: 0x8001,
  PASSWORD_ALGORITHMS: 0x8002,
  SOFTWARE: 0x8022,
  ALTERNATE_SERVER: 0x8023,
  FINGERPRINT: 0x8028,
} as const;

/** The first attribute type that may be ignored where it is not understood (RFC 8489 §14). */
export const COMPREHENSION_OPTIONAL = 0x8000;

/** Password algorithms, RFC 8489 §18.5. */
export const PasswordAlgorithm = { MD5: 1, SHA256: 2 } as const;

export interface ErrorCode {
  /** 300–699 */
  readonly code: number;
  readonly reason: string;
}

/**
 * The attributes of one message, read. One that may come once is the first of its type
 * (RFC 8489 §14); one that is absent, or was not readable, is undefined.
 */
export interface Attributes {
  readonly username?: string;
  /** 32 bytes */
  readonly userhash?: Uint8Array;
  readonly realm?: string;
  readonly nonce?: string;
  readonly passwordAlgorithm?: number;
  /** The value as it came: the bid-down check compares it whole (RFC 8489 §9.2.4). */
  readonly passwordAlgorithms?: Uint8Array;
  readonly errorCode?: ErrorCode;
  readonly unknownAttributes?: readonly number[];
  readonly software?: string;
  readonly mappedAddress?: TransportAddress;
  readonly relayedAddresses: readonly TransportAddress[];
  readonly peerAddresses: readonly TransportAddress[];
  readonly channelNumber?: number;
  /** Seconds. */
  readonly lifetime?: number;
  readonly data?: Uint8Array;
  /** The IANA protocol number: 17 is UDP. */
  readonly requestedTransport?: number;
  /** The number on the wire: 1 is IPv4, 2 is IPv6, anything else is nobody's. */
  readonly requestedAddressFamily?: number;
  readonly additionalAddressFamily?: number;
  readonly addressErrorCode?: ErrorCode & { readonly family: number };
  /** Whether the next higher port is to be reserved: the R bit (RFC 8656 §18.6). */
  readonly evenPort?: boolean;
  /** 8 bytes */
  readonly reservationToken?: Uint8Array;
  readonly dontFragment: boolean;
}
