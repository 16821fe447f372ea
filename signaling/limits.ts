/** Limits that what is open was made by: they stay while the server runs. */
export const LASTING_LIMITS = ["sendBufferBytes", "idleSeconds"] as const;

/** Every bound of the signaling server. `Infinity` lifts one. */
export interface SignalingLimits {
  /** Bytes of one message, text (as UTF-8) or binary. */
  readonly maxMessageBytes: number;
  /** Messages a connection may send each second, after its burst. */
  readonly messagesPerSecond: number;
  /** Messages a connection may send at once; as many refused ones in a row close it. */
  readonly messageBurst: number;
  readonly peersPerRoom: number;
  readonly rooms: number;
  /** Connections that are told of each change of the public rooms. */
  readonly watchers: number;
  readonly connections: number;
  /** Connections from one IPv4 address, or from one IPv6 /64. */
  readonly connectionsPerAddress: number;
  /** Bytes that may wait for a slow reader, and bytes kept for a peer to resume with. */
  readonly sendBufferBytes: number;
  /** Time from connecting to joining a room, in seconds. */
  readonly joinSeconds: number;
  /** How long an absent peer keeps its place, in seconds. */
  readonly resumeSeconds: number;
  /** Messages kept for a peer to resume with. */
  readonly resumeMessages: number;
  /** Game data a connection may send through the server each second, in bytes. */
  readonly relayBytesPerSecond: number;
  /** A connection silent for so long, pings unanswered, is lost, in seconds. 0 never checks. */
  readonly idleSeconds: number;
}
