/** What the client reads of the protocol (docs/protocol.md). The server is trusted to keep to it. */
import type { IceServer, RoomListing, RoomState } from "../api.ts";
import type { Ends } from "./pair.ts";

export interface PeerView {
  readonly id: string;
  readonly name?: string;
  readonly polite: boolean;
  readonly away?: boolean;
}

export interface IceGrant {
  readonly iceServers: readonly IceServer[];
  /** In Unix seconds. */
  readonly iceExpiresAt: number;
}

export interface RoomView extends RoomState, IceGrant {
  readonly room: string;
  readonly id: string;
  readonly peers: readonly PeerView[];
  readonly host: { readonly id: string; readonly term: number };
}

/** `null` is no limit. */
export interface Limits {
  readonly maxMessageBytes: number | null;
  readonly messagesPerSecond: number | null;
  readonly relayBytesPerSecond: number | null;
  readonly idleSeconds: number | null;
}

type Rid = { readonly rid?: number };

export type ServerMessage =
  & { readonly seq?: number }
  & (
    | Rid & RoomView & { type: "joined"; resume: string; limits: Limits }
    | Rid & IceGrant & { type: "resumed"; resume: string; seq: number; lost: 0 }
    | PeerView & { type: "peer-joined" }
    | { type: "peer-left"; id: string; reason: string }
    | { type: "peer-away" | "peer-back"; id: string }
    | { type: "host-changed"; id: string; term: number }
    | RoomState & { type: "room-changed" }
    | Rid & IceGrant & { type: "ice"; restart?: boolean }
    | Rid & { type: "list"; rooms: readonly RoomListing[]; next?: number }
    | { type: "rooms"; changed: readonly RoomListing[]; gone: readonly string[]; lost?: true }
    | { type: "ack"; rid: number }
    | Rid & { type: "error"; code: string; message: string }
    | { type: "bye"; code: string; message: string; reconnect: boolean; retryAfter?: number }
    | { type: "ping" | "pong" }
    | { type: "hearth-signal"; from: string; payload: Signal }
  );

/** `resumed` after a loss carries the whole state of the room. */
export type LossyResume = RoomView & { type: "resumed"; resume: string; seq: number; lost: number };

/** As `RTCSessionDescriptionInit` has it. */
export interface Description {
  readonly type: "offer" | "answer" | "pranswer" | "rollback";
  readonly sdp?: string;
}

/**
 * What two clients tell each other to connect. `generation` counts the RTCPeerConnections of the
 * pair, so that nothing meant for an old one reaches the new.
 */
export type Signal =
  & Ends
  & { readonly generation: number }
  & ({ readonly description: Description } | { readonly candidate: unknown });
