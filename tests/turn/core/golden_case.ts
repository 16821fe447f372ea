/** A table of cases as data: what is asked, and exactly what comes back. */
import type { Family } from "../../../turn/address.ts";
import type { TurnConfig } from "../../../turn/config.ts";
import { Attribute, Method } from "../../../turn/stun/mod.ts";
import { UNIX_START } from "../../support/turn_harness.ts";

/** An attribute: its type and its value as bytes, or a transport address that is yet to be XORed. */
export type Attr = readonly [type: number, value: readonly number[] | string];

/** How a request is signed; what is not said is as it ought to be, for alice, as browsers do it. */
export interface Signed {
  readonly username?: string | null;
  readonly userhash?: boolean;
  readonly password?: string;
  readonly realm?: string | null;
  /** `other`: one that another client got. `old`: one from 30 minutes ago. */
  readonly nonce?: "other" | "old" | "made up" | "forged" | null;
  readonly hash?: "md5" | "sha256";
  readonly mac?: "sha1" | "sha256" | "both" | "cut";
  readonly algorithm?: number;
  readonly algorithms?: readonly number[];
  readonly key?: "wrong";
}

export interface Message {
  readonly method: keyof typeof METHODS;
  readonly class?: "indication" | "success";
  readonly attributes: readonly Attr[];
  readonly signed: Signed | "not";
  /** Attributes put after the integrity code. */
  readonly after?: readonly Attr[];
  readonly fingerprint?: boolean;
  /** The last byte of the transaction id, where the same is to be used again. */
  readonly transaction?: number;
}

export type Step =
  | Message
  | { readonly bytes: readonly number[] }
  | { readonly peer: string; readonly data: readonly number[] }
  | { readonly wait: number }
  | { readonly drain: true };

export interface Case {
  /** The section and the rule. */
  readonly rule: string;
  readonly given?: readonly Step[];
  readonly then: Step;
  /** `code:` or `success:` and the attributes in order, or what was relayed, or `silence`. */
  readonly expect: string;
  readonly config?: Partial<TurnConfig>;
  /** Where it holds only for clients of that address family. */
  readonly from?: Family;
}

export const METHODS = {
  Binding: Method.BINDING,
  Allocate: Method.ALLOCATE,
  Refresh: Method.REFRESH,
  Send: Method.SEND,
  Data: Method.DATA,
  CreatePermission: Method.CREATE_PERMISSION,
  ChannelBind: Method.CHANNEL_BIND,
  Connect: 0x00a,
} as const;

export const ask = (
  method: keyof typeof METHODS,
  attributes: readonly Attr[] = [],
  signed: Signed | "not" = {},
  more: { after?: readonly Attr[]; fingerprint?: boolean; transaction?: number } = {},
): Step => ({ method, attributes, signed, ...more });
export const indicate = (
  method: keyof typeof METHODS,
  attributes: readonly Attr[] = [],
): Step => ({ method, class: "indication", attributes, signed: "not" });

export const uint32 = (type: number, value: number): Attr => [
  type,
  [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255],
];
export const UDP: Attr = [Attribute.REQUESTED_TRANSPORT, [17, 0, 0, 0]];
export const lifetime = (seconds: number) => uint32(Attribute.LIFETIME, seconds);
export const peer = (text: string): Attr => [Attribute.XOR_PEER_ADDRESS, text];
export const channel = (number: number): Attr =>
  uint32(Attribute.CHANNEL_NUMBER, number * 0x1_0000);
export const data = (...bytes: number[]): Attr => [Attribute.DATA, bytes];
export const family = (number: number): Attr => [
  Attribute.REQUESTED_ADDRESS_FAMILY,
  [number, 0, 0, 0],
];
export const additional = (number: number): Attr => [
  Attribute.ADDITIONAL_ADDRESS_FAMILY,
  [number, 0, 0, 0],
];
export const evenPort = (reserve: boolean): Attr => [Attribute.EVEN_PORT, [reserve ? 0x80 : 0]];

/** A time-limited username that lasts so many seconds from the start. */
export const lasting = (seconds: number, user = "carol") => `${UNIX_START + seconds}:${user}`;
