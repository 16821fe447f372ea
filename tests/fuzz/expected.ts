/** What the model says must come of one datagram: one of these, or nothing at all. */
import type { Family, TransportAddress } from "../../turn/address.ts";
import type { FiveTuple } from "../../turn/core/mod.ts";
import type { MacAlgorithm } from "../../turn/stun/mod.ts";

export type Expected = Answer | Replay | ToPeer | ToClient;

/** How a known client's answers are signed. */
export interface Signature {
  readonly username: string;
  readonly password: string;
  readonly hash: "md5" | "sha256";
  readonly mac: MacAlgorithm;
}

/** A relayed transport address that was asked for; which port it got, the answer says. */
export interface WantedRelay {
  readonly family: Family;
  readonly even: boolean;
}

export interface Answer {
  readonly kind: "answer";
  readonly flow: FiveTuple;
  readonly request: Uint8Array;
  /** 0 is success. */
  readonly code: number;
  /** Types of the attributes, in order. */
  readonly attributes: readonly number[];
  readonly signature?: Signature;
  readonly unknown?: readonly number[];
  readonly lifetime?: number;
  readonly addressError?: { readonly family: Family; readonly code: number };
  readonly relays?: readonly WantedRelay[];
  /** Called with what only the answer could say. */
  readonly learn?: (learned: Learned) => void;
}

export interface Learned {
  readonly answer: Uint8Array;
  readonly nonce?: string;
  readonly ports: readonly number[];
  /** In hexadecimal. */
  readonly token?: string;
}

/** A retransmission's: the very bytes of the first answer. */
export interface Replay {
  readonly kind: "replay";
  readonly flow: FiveTuple;
  readonly bytes: Uint8Array;
}

export interface ToPeer {
  readonly kind: "to peer";
  readonly family: Family;
  readonly port: number;
  readonly peer: TransportAddress;
  readonly data: Uint8Array;
}

export interface ToClient {
  readonly kind: "to client";
  readonly flow: FiveTuple;
  /** In a Data indication where there is none. */
  readonly channel: number | undefined;
  readonly from: TransportAddress;
  readonly data: Uint8Array;
}
