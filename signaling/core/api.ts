/** What drives the core, and what the core asks of its driver. Both sides are synchronous. */
import type { ByeCode, ErrorCode, RefusalCode } from "../codes.ts";
import type { SignalingLimits } from "../limits.ts";
import type { Networks } from "./networks.ts";
import type { IceGrant, LeaveReason, RoomState } from "../messages.ts";

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
  /** Which of the account's logins it is, where there may be several. */
  readonly session?: string;
}

/** Whence a connection comes. */
export interface Origin {
  /** The client's IP address. */
  readonly address: string;
  /** The login that it came in by. */
  readonly session: string | undefined;
}

/** How a connection comes in. Without `authentication` no token came with it. */
export interface Entry {
  readonly origin: Origin;
  readonly authentication: Authentication | undefined;
}

export type Authentication =
  | { readonly kind: "player"; readonly player: Player }
  | {
    readonly kind: "refused";
    readonly code: "unauthorized" | "token-expired";
    readonly message: string;
  };

/**
 * A protocol as its driver sees it: WebSockets come in by their ids, time by `now`, which is
 * monotonic, in milliseconds.
 */
export interface Core {
  /** One frame: text or bytes. */
  message(id: ConnectionId, data: string | Uint8Array, now: number): void;
  /** The WebSocket has ended; `clean` where the client ended it on purpose. */
  closed(id: ConnectionId, clean: boolean, now: number): void;
  /** Does what is due. Call it at `deadline()`. */
  tick(now: number): void;
  /** When `tick` is next needed; Infinity where nothing waits. */
  deadline(): number;
  /** Ends whatever this subject has here. Returns how many connections ended. */
  disconnect(subject: string, code: ByeCode, reason: string, now: number): number;
  /**
   * Ends the connections from wherever `test` says, and the places that were lost from there.
   * Returns whose they were, where somebody's.
   */
  endFrom(
    test: (origin: Origin) => boolean,
    code: ByeCode,
    reason: string,
    now: number,
  ): string[];
  /** The limits that it was made with have other numbers now: open connections go on at those. */
  limitsChanged(now: number): void;
  /** Tells everybody to come back after so many seconds, ends all, and lets nobody in any more. */
  drain(retryAfter: number, now: number): void;
  stats(): Counts;
}

export interface Effects {
  /** Sends one frame; answers how many bytes now wait for this reader. */
  send(connection: ConnectionId, frame: string | Uint8Array): number;
  /** Starts the closing handshake. The core has forgotten the connection already. */
  close(connection: ConnectionId, code: number, reason: string): void;
  /** `lifeSeconds`: how long the grant holds from now. */
  iceServers(
    subject: string,
    host: string,
    room: string,
  ): IceGrant & { readonly lifeSeconds: number };
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
  /** Those of all cores. */
  readonly networks: Networks;
}

/** Why peers get other ICE servers than they have. */
export type IceReason = "expiring" | "address-changed" | "credentials-ended";

/** What an operator counts or reads. Holds no token, password, address or payload. */
export type SignalingEvent =
  /** No WebSocket opened. `why` is what the client was told, cut short. */
  | { readonly kind: "refused"; readonly code: RefusalCode; readonly why: string }
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

/** Somebody in a room. */
export interface Present {
  readonly room: string;
  readonly id: string;
  readonly name: string | undefined;
  readonly subject: string;
  /** False while its connection is lost and its place is kept. */
  readonly here: boolean;
  /** Where it is connected from, or was last. */
  readonly address: string | undefined;
  /** Who may come into the room. */
  readonly access: RoomState["access"];
}

/** What happened on connections so far. */
export interface Counts {
  readonly received: number;
  readonly sent: number;
  readonly faultsByCode: Readonly<Partial<Record<ErrorCode, number>>>;
  readonly endsByCode: Readonly<Partial<Record<ByeCode, number>>>;
}

/** Counters only grow; gauges are named in the singular or count what is there now. */
export interface HubStats extends Counts {
  readonly rooms: number;
  readonly peers: number;
  readonly peersAway: number;
  /** Connections that watch the public rooms. */
  readonly watchers: number;
  /** Bytes of game data taken in to be relayed. */
  readonly relayedBytes: number;
}
