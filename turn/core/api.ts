/** What drives the core, and what the core asks of its driver. Both sides are synchronous. */
import type { ClientBan, TurnSettings, Whereabouts } from "../config.ts";
import type {
  ClientAddress,
  Family,
  PeerAddress,
  RelayedAddress,
  ServerAddress,
  TransportAddress,
} from "../address.ts";
import type { LimitName } from "./limits.ts";

export type Transport = "udp" | "tcp";

/**
 * A client's five-tuple (RFC 8656 §3). The driver makes one for each TCP connection, and one for
 * each UDP datagram whose `key` the core does not know yet.
 */
export interface FiveTuple {
  readonly transport: Transport;
  readonly client: ClientAddress;
  readonly server: ServerAddress;
  /** Unique for each five-tuple: what flows are looked up by. See `flowKey`. */
  readonly key: FlowKey;
}

/** A safe integer for IPv4, a string for IPv6. */
export type FlowKey = number | string;

/**
 * One relayed transport address. The core makes it, the driver binds a socket for it; both know it
 * by this object.
 */
export interface Relay {
  readonly family: Family;
  /** As peers see it: the external address and the bound port. */
  readonly address: RelayedAddress;
}

/**
 * What the core asks of its driver. Each call is carried out before it returns, as bind(2) and
 * sendto(2) are; bytes are only lent, so a driver that sends later takes a copy.
 */
export interface Effects {
  toClient(flow: FiveTuple, bytes: Uint8Array): void;
  /** Sends from the relay's socket. The peer has passed the gate. */
  toPeer(relay: Relay, peer: PeerAddress, bytes: Uint8Array): void;
  /** Binds the relay's port; false where that port is taken, and the core tries another. */
  openRelay(relay: Relay): boolean;
  closeRelay(relay: Relay): void;
  /** Ends a TCP connection; a UDP flow needs no ending. */
  closeClient(flow: FiveTuple): void;
  /** Something an operator counts or reads. Never holds a secret. */
  note(event: TurnEvent): void;
}

export type TurnEvent =
  | {
    readonly kind: "allocated";
    readonly flow: FiveTuple;
    readonly user: string;
    readonly relays: readonly Relay[];
  }
  | {
    readonly kind: "released";
    readonly flow: FiveTuple;
    readonly user: string;
    readonly reason: ReleaseReason;
  }
  /** An error answer: RFC code, method, and the sentence that says why. */
  | {
    readonly kind: "refused";
    readonly flow: FiveTuple;
    readonly user?: string;
    /** The USERNAME of somebody who has not shown that it is theirs. */
    readonly claimed?: string;
    readonly method: string;
    readonly code: number;
    readonly why: string;
    /** The limit that forbids it, where one does. */
    readonly limit?: LimitName;
    /** The peer that is not relayed to, where it is for that. */
    readonly peer?: TransportAddress;
  }
  /** A datagram that got no answer and no relaying. `why` is one of a small, fixed set. */
  | { readonly kind: "dropped"; readonly why: DropReason };

export type ReleaseReason =
  | "expired"
  | "refreshed-to-zero"
  | "credential-expired"
  | "revoked"
  | "banned"
  | "connection-closed"
  | "shutdown";

export type DropReason =
  | "not-stun"
  | "malformed"
  | "no-allocation"
  | "no-permission"
  | "unbound-channel"
  | "peer-denied"
  | "rate-limited"
  | "too-large";

/** The STUN/TURN server without sockets and clock. `now` is monotonic, in milliseconds. */
export interface TurnCore {
  /** One whole datagram or one frame of a TCP stream: STUN or ChannelData. */
  fromClient(flow: FiveTuple, bytes: Uint8Array, now: number): void;
  /** A datagram that came to a relay's socket. */
  fromPeer(relay: Relay, peer: PeerAddress, bytes: Uint8Array, now: number): void;
  /** The client's TCP connection has ended. */
  clientGone(flow: FiveTuple, now: number): void;
  /** Whether this flow holds an allocation: what keeps an idle TCP connection open. */
  hasAllocation(flow: FiveTuple): boolean;
  /** Lets go of whatever is due. Call it at `deadline()`. */
  wake(now: number): void;
  /** When `wake` is next needed; Infinity where nothing waits. */
  deadline(): number;
  /** Ends every allocation of this user and refuses the credentials issued to it until now. Returns how many ended. */
  revoke(user: string, now: number): number;
  /** Ends the allocations of clients in these ranges and refuses new ones; earlier bans are over. */
  ban(bans: readonly ClientBan[], now: number): void;
  /** From now on new allocations are refused: by 300 where an alternate server is known, or 486. */
  drain(): void;
  /** This machine has other addresses: from now on new relayed ones have these external ones. */
  move(to: Whereabouts): void;
  /**
   * Takes other settings. Allocations stay, also beyond a lower limit, and go on at the new rates;
   * what they may do with peers that are denied now ends.
   */
  configure(settings: TurnSettings, now: number): void;
  /** Ends everything. */
  shutdown(now: number): void;
  stats(): TurnStats;
}

/** Counters only grow; gauges are named in the singular. */
export interface TurnStats {
  readonly allocations: number;
  readonly permissions: number;
  readonly channels: number;
  readonly allocated: number;
  readonly clientBytes: number;
  readonly clientPackets: number;
  readonly peerBytes: number;
  readonly peerPackets: number;
  /** Packets that went from one allocation of this server to another without a socket. */
  readonly inProcessPackets: number;
  readonly refusedByCode: Readonly<Record<number, number>>;
  readonly droppedByReason: Readonly<Partial<Record<DropReason, number>>>;
  /** Requests refused and datagrams dropped by a limit, by its name in the configuration. */
  readonly limitedBy: Readonly<Partial<Record<LimitName, number>>>;
}
