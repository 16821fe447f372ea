/** What the server says, and how it is written. */
import type { ByeCode, ErrorCode } from "./codes.ts";
import type { SignalingLimits } from "./limits.ts";

/** As `RTCConfiguration.iceServers` has it (W3C WebRTC §4.2.4). */
export interface IceServer {
  readonly urls: string | readonly string[];
  readonly username?: string;
  readonly credential?: string;
}

export interface IceGrant {
  readonly iceServers: readonly IceServer[];
  /** When the credentials end, in Unix seconds. */
  readonly expiresAt: number;
}

export type Rid = string | number;

/** A peer of the room, as one certain other peer sees it. */
export interface PeerView {
  readonly id: string;
  readonly name?: string;
  /** Whether the reader is the one that yields to this peer (perfect negotiation). */
  readonly polite: boolean;
  readonly away?: true;
}

/** The room's leader. `term` grows by one with each change, so a late claim can be told. */
export interface HostTerm {
  readonly id: string;
  readonly term: number;
}

export type Attributes = Readonly<Record<string, string | number | boolean>>;

export interface RoomState {
  readonly access: "open" | "locked" | "password";
  readonly public: boolean;
  readonly attributes: Attributes;
}

/** A public room as the lobby shows it. */
export interface RoomListing extends Omit<RoomState, "public"> {
  readonly room: string;
  readonly peers: number;
}

interface RoomView extends RoomState, IceGrantFields {
  readonly room: string;
  /** The reader's own id. */
  readonly id: string;
  readonly peers: readonly PeerView[];
  readonly host: HostTerm;
}

interface IceGrantFields {
  readonly iceServers: readonly IceServer[];
  readonly iceExpiresAt: number;
}

/** The limits a client should keep to. `null` is no limit. */
export type PublicLimits = Pick<
  SignalingLimits,
  | "maxMessageBytes"
  | "messagesPerSecond"
  | "messageBurst"
  | "peersPerRoom"
  | "relayBytesPerSecond"
  | "resumeSeconds"
  | "resumeMessages"
  | "idleSeconds"
>;

export type LeaveReason = "left" | "timed-out" | "kicked" | "replaced" | "disconnected";

interface Answer {
  readonly rid?: Rid | undefined;
}

/**
 * Each one but `resumed`, `pong` and `bye` also carries `seq` once the peer is in a room: 1 for
 * `joined`, then one more each time.
 */
export type ServerMessage =
  | Answer & RoomView & {
    readonly type: "joined";
    readonly version: number;
    readonly resume: string;
    readonly limits: PublicLimits;
  }
  /** All that was missed follows. `seq` is the last one the client has; the next has one more. */
  | Answer & IceGrantFields & {
    readonly type: "resumed";
    readonly resume: string;
    readonly seq: number;
    readonly lost: 0;
  }
  /** `lost` messages cannot be had again: the room's state stands in for them. */
  | Answer & RoomView & {
    readonly type: "resumed";
    readonly resume: string;
    readonly seq: number;
    readonly lost: number;
  }
  | PeerView & { readonly type: "peer-joined" }
  | { readonly type: "peer-left"; readonly id: string; readonly reason: LeaveReason }
  | { readonly type: "peer-away" | "peer-back"; readonly id: string }
  | HostTerm & { readonly type: "host-changed" }
  | RoomState & { readonly type: "room-changed" }
  | Answer & HostTerm & { readonly type: "host" }
  /** Asked for, or in good time before the old ones end. The one with the later end holds. */
  | Answer & IceGrantFields & {
    readonly type: "ice";
    /** What went through the relay is dead: the server has another address, or the old credentials have ended. */
    readonly restart?: true;
  }
  /** `next` goes into the following `list` as `after`; absent on the last page. */
  | Answer & {
    readonly type: "list";
    readonly rooms: readonly RoomListing[];
    readonly next?: number;
  }
  /**
   * What became of public rooms, `gone` before `changed`. `lost`: more than could be told, so the
   * list has to be asked for again.
   */
  | {
    readonly type: "rooms";
    readonly changed: readonly RoomListing[];
    readonly gone: readonly string[];
    readonly lost?: true;
  }
  | Answer & { readonly type: "pong" }
  | { readonly type: "ack"; readonly rid: Rid }
  | Answer & { readonly type: "error"; readonly code: ErrorCode; readonly message: string }
  | {
    readonly type: "bye";
    readonly code: ByeCode;
    readonly message: string;
    /** Whether coming back by itself makes sense for a client. */
    readonly reconnect: boolean;
    /** Wait so long before, in seconds; differs between clients so that they spread. */
    readonly retryAfter?: number | undefined;
  };

/**
 * A message without its `seq`, so that one text serves every reader: open JSON, or the bytes of a
 * binary frame after its counter.
 */
export type Body = string | Uint8Array;

export function body(message: ServerMessage): string {
  return JSON.stringify(message).slice(0, -1);
}

/** What one peer says to others. All of it is JSON, `payload` as its sender wrote it. */
export function forwardBody(
  type: string,
  from: string,
  to: string | undefined,
  payload: string | undefined,
): string {
  let text = `{"type":${type},"from":${from}`;
  if (to !== undefined) text += `,"to":${to}`;
  return payload === undefined ? text : `${text},"payload":${payload}`;
}

/** Relayed bytes: the sender's id behind its length, then the data. */
export function relayBody(from: string, data: Uint8Array): Uint8Array {
  const id = new TextEncoder().encode(from);
  const bytes = new Uint8Array(1 + id.length + data.length);
  bytes[0] = id.length;
  bytes.set(id, 1);
  bytes.set(data, 1 + id.length);
  return bytes;
}

/** What a reader gets. */
export type Frame = string | Uint8Array;

/** The frame for a reader: text with `seq` as the last member, or bytes after a 64-bit `seq`. */
export function frame(body: Body, seq: number): Frame {
  if (typeof body === "string") return `${body},"seq":${seq}}`;
  const bytes = new Uint8Array(8 + body.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(seq));
  bytes.set(body, 8);
  return bytes;
}
