import type { ServerAddress, TransportAddress } from "../address.ts";
import { Attribute, type MessageWriter, type StunMessage } from "../stun/mod.ts";
import type { Allocations } from "./allocations.ts";
import type { Allocation } from "./allocation.ts";
import type { ClientBans } from "./client_bans.ts";
import type { FiveTuple } from "./api.ts";
import type { Authenticated } from "./authenticate.ts";
import type { LimitName, Limits } from "./limits.ts";
import type { PeerGate } from "./peer_gate.ts";
import type { Relays } from "./relays.ts";

/** A request whose sender is known and whose attributes are all understood. */
export interface Request {
  readonly flow: FiveTuple;
  readonly message: StunMessage;
  readonly by: Authenticated;
  readonly now: number;
  readonly unixSeconds: number;
}

/** What a handler works on. */
export interface Engine {
  readonly limits: Limits;
  readonly gate: PeerGate;
  readonly relays: Relays;
  readonly allocations: Allocations;
  readonly bans: ClientBans;
  readonly random: (bytes: Uint8Array) => void;
  readonly isDraining: boolean;
  readonly alternateServer: ServerAddress | undefined;
  readonly oldChannels: boolean;
}

/** RFC 8489 §18.4 and RFC 8656 §19, with their reason phrases. */
export const REASONS = {
  300: "Try Alternate",
  400: "Bad Request",
  401: "Unauthenticated",
  403: "Forbidden",
  420: "Unknown Attribute",
  437: "Allocation Mismatch",
  438: "Stale Nonce",
  440: "Address Family not Supported",
  441: "Wrong Credentials",
  442: "Unsupported Transport Protocol",
  443: "Peer Address Family Mismatch",
  486: "Allocation Quota Reached",
  508: "Insufficient Capacity",
} as const;
export type Code = keyof typeof REASONS;

export interface Refusal {
  readonly kind: "refused";
  readonly code: Code;
  /** For the operator, and for the developer who reads the answer. */
  readonly why: string;
  /** The limit that forbids it, where one does. */
  readonly limit?: LimitName;
  /** The peer that is not relayed to, where it is for that. */
  readonly peer?: TransportAddress;
  /** What the code tells beside itself: UNKNOWN-ATTRIBUTES with 420, ALTERNATE-SERVER with 300. */
  readonly write?: (answer: MessageWriter) => void;
}

/** What a handler made of a request. */
export type Outcome = Refusal | {
  readonly kind: "done";
  /** Whether a retransmission must get this very answer, since the request is not idempotent. */
  readonly once: boolean;
  readonly write?: (answer: MessageWriter) => void;
};

export function refuse(code: Code, why: string): Refusal {
  return { kind: "refused", code, why };
}

export function refuseBeyond(limit: LimitName, code: 486 | 508, why: string): Refusal {
  return { kind: "refused", code, why, limit };
}

/** RFC 8489 §6.3.1: attributes that must be understood and are not. */
export function refuseUnknown(types: readonly number[], why: string): Refusal {
  const write = (answer: MessageWriter) => answer.uint16s(Attribute.UNKNOWN_ATTRIBUTES, types);
  return { kind: "refused", code: 420, why, write };
}

/** RFC 8656 §5: the allocation that a request is about, which must be of the same user. */
export function allocationOf(
  { flow, by, now }: Request,
  allocations: Allocations,
): Allocation | Refusal {
  const allocation = allocations.find(flow, now);
  if (!allocation) return refuse(437, "there is no allocation: it expired, or never was");
  if (allocation.user !== by.user) return refuse(441, "the allocation is another user's");
  return allocation;
}

/** What is known but makes no sense is a bad request (RFC 8489 §6.3.1). */
export function refuseUnreadable({ message }: Request): Refusal | undefined {
  const [type] = message.unreadable;
  if (type === undefined) return undefined;
  return refuse(400, `attribute 0x${type.toString(16).padStart(4, "0")} cannot be read`);
}
