/** The plain message that configures the engine: `main.ts` sends it to the worker as it stands. */
export interface TurnConfig {
  readonly engine: "native" | "node-turn";
  readonly io: "plain" | "fast";
  /** Addresses to listen on, UDP and TCP alike, for instance `0.0.0.0` and `::`. */
  readonly hosts: readonly string[];
  /** 0 takes any free port, the same for UDP and TCP of every host. */
  readonly port: number;
  /**
   * Streams that this program's own TLS passes on come from inside this machine; this token, which
   * it says first, is how they are known.
   */
  readonly insideToken?: string | undefined;
  readonly realm: string;
  /** The addresses that relayed addresses are advertised with, at most one for each family. */
  readonly externalIps: readonly string[];
  readonly relayPorts: { readonly first: number; readonly last: number };
  /** Static long-term users: for testers and old clients. */
  readonly users: readonly { readonly name: string; readonly password: string }[];
  /** Whether static users may bind RFC 5766's channels too; see `LAST_OLD_CHANNEL`. */
  readonly oldChannels?: boolean;
  /**
   * Shared secrets of time-limited credentials: the first signs elsewhere, all verify here. Their
   * usernames are `expiry:user`, or `expiry:user/room` where the room is to be counted too.
   */
  readonly secrets: readonly string[];
  /** Those that sign no more, for as long as there may be credentials that they signed. */
  readonly retiredSecrets?: readonly RetiredSecret[];
  /**
   * How long the issuer makes time-limited credentials last. With it `revoke` refuses all that were
   * issued before, and none issued after; without it, those that were used here.
   */
  readonly credentialSeconds?: number;
  /** CIDRs opened and closed beyond the default peer policy; a closed one wins. */
  readonly peerAllow: readonly string[];
  readonly peerDeny: readonly string[];
  /** This machine's own addresses: reached in process where a relay is, and never otherwise. */
  readonly ownIps: readonly string[];
  /** Where this machine's networks are addressed as a whole: never a peer, even in `peerAllow`. */
  readonly broadcastIps: readonly string[];
  readonly limits: TurnLimits | "off";
  /** Where new clients of its family are sent while this server drains: `address:port`. */
  readonly alternateServer?: string;
  /** Text of the SOFTWARE attribute; none is sent without it (it would make answers larger). */
  readonly software?: string;
}

/** A shared secret that was replaced: it verifies what it signed before, and nothing newer. */
export interface RetiredSecret {
  readonly secret: string;
  /** Unix seconds: a credential that ends later was not signed by the issuer. */
  readonly until: number;
}

/** What a relay that runs takes anew; all else needs a new start. */
export type TurnSettings = Pick<
  TurnConfig,
  "secrets" | "retiredSecrets" | "peerAllow" | "peerDeny" | "limits"
>;

/** A range whose clients get no relay for a while. */
export interface ClientBan {
  /** CIDR. */
  readonly network: string;
  /** Unix milliseconds. */
  readonly until: number;
}

/** What one stranger, one player and all together may hold. Counts, unless named otherwise. */
export interface TurnLimits {
  readonly allocations: number;
  readonly allocationsPerUser: number;
  /** Counts what was allocated with credentials that name the room. */
  readonly allocationsPerRoom: number;
  readonly allocationsPerAddress: number;
  readonly permissionsPerAllocation: number;
  readonly channelsPerAllocation: number;
  readonly maxLifetimeSeconds: number;
  readonly tcpConnections: number;
  readonly tcpConnectionsPerAddress: number;
  /** How long a TCP connection may stay without an allocation. */
  readonly tcpIdleSeconds: number;
  /** Bytes that may wait for a slow reader before data for it is lost. */
  readonly tcpBufferBytes: number;
  /** 401 and 438 answers, and Binding answers, for each source address. */
  readonly unauthenticatedPerSecond: number;
  readonly bindingsPerSecond: number;
  /** For each allocation, in each direction. */
  readonly bytesPerSecond: number;
  readonly packetsPerSecond: number;
  /** New peer addresses for each allocation. */
  readonly newPeersPerSecond: number;
}

/** What of the configuration changes while the server runs: where this machine is. */
export type Whereabouts = Pick<TurnConfig, "externalIps" | "ownIps" | "broadcastIps">;
