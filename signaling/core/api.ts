/** What drives the core, and what the core asks of its driver. Both sides are synchronous. */
import type { ByeCode, ErrorCode, RefusalCode } from "../codes.ts";
import type { SignalingLimits } from "../limits.ts";
import type { IceGrant, LeaveReason } from "../messages.ts";

/** A WebSocket, known to the core by this number only. Never used twice. */
export type ConnectionId = number & { readonly brand: "connection" };

/** Who is logged in, as the token has it. */
export interface Player {
  /** The account across rooms and connections: what is kicked, revoked and disconnected. */
  readonly subject: string;
  /** Unique among accounts, at most 254 bytes of UTF-8. In rooms it has an `@` before it. */
  readonly id: string;
  /** For other players to read. */
  readonly name: string;
}

export type Authentication =
  | { readonly kind: "player"; readonly player: Player }
  | {
    readonly kind: "refused";
    readonly code: "unauthorized" | "token-expired";
    readonly message: string;
  };

export interface Effects {
  /** Sends one frame; answers how many bytes now wait for this reader. */
  send(connection: ConnectionId, frame: string | Uint8Array): number;
  /** Starts the closing handshake. The core has forgotten the connection already. */
  close(connection: ConnectionId, code: number, reason: string): void;
  iceServers(subject: string, host: string): IceGrant;
  /** Ends what this subject's TURN credentials hold, and the credentials. */
  revokeRelay(subject: string): void;
  /** From a cryptographic source. */
  randomBytes(length: number): Uint8Array;
  note(event: SignalingEvent): void;
}

export interface HubOptions {
  readonly limits: SignalingLimits;
  /** `required`: nobody enters without a valid token. `open`: guests may. */
  readonly auth: "open" | "required";
  readonly effects: Effects;
}

/** What an operator counts or reads. Holds no token, password, address or payload. */
export type SignalingEvent =
  | { readonly kind: "refused"; readonly code: RefusalCode }
  | { readonly kind: "room-made" | "room-freed"; readonly room: string }
  | { readonly kind: "joined" | "away"; readonly room: string; readonly id: string }
  | {
    readonly kind: "back";
    readonly room: string;
    readonly id: string;
    readonly replayed: number;
    readonly lost: number;
  }
  | {
    readonly kind: "left";
    readonly room: string;
    readonly id: string;
    readonly reason: LeaveReason;
  }
  /** One message was refused. */
  | { readonly kind: "fault"; readonly code: ErrorCode }
  /** The server ended a connection. */
  | { readonly kind: "ended"; readonly code: ByeCode }
  /** A defect of this program; the connection that met it was closed. */
  | { readonly kind: "failed"; readonly error: unknown };

/** Counters only grow; gauges are named in the singular or count what is there now. */
export interface HubStats {
  readonly rooms: number;
  readonly peers: number;
  readonly peersAway: number;
  readonly received: number;
  readonly sent: number;
  /** Bytes of game data taken in to be relayed. */
  readonly relayedBytes: number;
  readonly faultsByCode: Readonly<Partial<Record<ErrorCode, number>>>;
  readonly endsByCode: Readonly<Partial<Record<ByeCode, number>>>;
}
