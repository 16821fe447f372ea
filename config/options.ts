/** Every option there is, and nothing else knows one: the only source of names, defaults and help. */
import * as kinds from "./kinds.ts";
import type { Kind } from "./kinds.ts";

export interface Option<T> {
  readonly kind: Kind<T>;
  /** As a person would write it; undefined where the default depends on more than this table. */
  readonly fallback: string | undefined;
  /** What it does, and what its default means where the value does not say it. */
  readonly help: string;
  /** Read from the environment alone. */
  readonly environmentOnly: boolean;
}

function option<T>(kind: Kind<T>, fallback: string, help: string): Option<T> {
  return { kind, fallback, help, environmentOnly: false };
}

function optional<T>(kind: Kind<T>, help: string): Option<T | undefined> {
  return { kind: kind as Kind<T | undefined>, fallback: undefined, help, environmentOnly: false };
}

export const general = {
  httpHost: option(kinds.host, "0.0.0.0", "Address that HTTP and WebSocket listen on."),
  httpPort: option(kinds.port, "8080", "Port of HTTP and WebSocket."),
  tlsPort: option(
    kinds.port,
    "443",
    "Port of HTTPS, WebSocket and TURN under TLS, where there is a certificate.",
  ),
  tlsCertificate: {
    ...optional(
      kinds.filePath,
      "PEM file of the certificate and its chain; by default `certificate.pem` in the data folder, " +
        "where it is there. Only the environment sets it and the key, for the same reason as HEARTH_DATA_DIR.",
    ),
    environmentOnly: true,
  },
  tlsKey: {
    ...optional(
      kinds.filePath,
      "PEM file of the certificate's key; by default `key.pem` in the data folder.",
    ),
    environmentOnly: true,
  },
  publicHost: optional(
    kinds.host,
    "Name or address that players reach this server by; the one they asked for where none is given.",
  ),
  origins: option(
    kinds.origins,
    "",
    "Web origins, beside the server's own, whose pages may use `/ws` and `/api`.",
  ),
  trustedProxies: option(
    kinds.cidrs,
    "",
    "Ranges of the reverse proxies in front of this server: from them alone `X-Forwarded-For`, " +
      "`Forwarded` and `X-Forwarded-Proto` are believed.",
  ),
  auth: option(
    kinds.oneOf("open", "required"),
    "open",
    "`open`: guests may join; `required`: only players with an account.",
  ),
  registration: option(
    kinds.oneOf("closed", "invite", "open"),
    "closed",
    "Who may make an account: nobody but the host, whoever has an invitation, or everybody.",
  ),
  tokenLife: option(
    kinds.duration,
    "15m",
    "How long an access token lasts; a client that stays gets new ones by itself.",
  ),
  sessionLife: option(kinds.duration, "30d", "How long a login lasts that nobody uses."),
  peerjsPath: option(
    kinds.doorPath,
    "/peerjs",
    "The `path` that PeerJS clients are given; empty closes the door to them.",
  ),
  peerjsDiscovery: option(
    kinds.oneOf("on", "off"),
    "off",
    "Whether anybody may read which PeerJS ids are connected; never where `HEARTH_AUTH` is `required`.",
  ),
  yWebrtcPath: option(
    kinds.doorPath,
    "/y-webrtc",
    "Path of y-webrtc's signaling; empty closes the door to its clients.",
  ),
  turnHost: option(kinds.ips, "0.0.0.0", "Addresses that STUN and TURN listen on, UDP and TCP."),
  turnPort: option(kinds.port, "3478", "Port of STUN and TURN, UDP and TCP."),
  realm: option(kinds.realm, "game", "Realm of TURN credentials."),
  externalIp: option(
    kinds.externalIps,
    "auto",
    "Address that relayed addresses are advertised with, at most one for each family.",
  ),
  router: option(
    kinds.router,
    "auto",
    "Whether the home router is asked to forward the ports that players need, until the stop. " +
      "`auto` asks where this machine has no public address of its own; an address names the router.",
  ),
  checkStun: option(
    kinds.stunServers,
    "",
    "STUN servers that `check` may ask which address the internet sees. Without any, nobody is.",
  ),
  relayPorts: option(kinds.portRange, "49152-65535", "UDP ports that relaying uses."),
  turnUsers: option(
    kinds.namedPasswords,
    "",
    "Users with a lasting password, as `name:password`: for testers and old clients.",
  ),
  turnSecret: option(
    kinds.secrets,
    "",
    "Shared secrets of time-limited credentials: the first signs, all verify. " +
      "Without any, one is made and kept in the data folder.",
  ),
  turnCredentialLife: option(kinds.duration, "12h", "How long a player's TURN credential lasts."),
  peerAllow: option(
    kinds.cidrs,
    "",
    "Ranges that may be relayed to although the default policy closes them.",
  ),
  peerDeny: option(
    kinds.cidrs,
    "",
    "Ranges that are never relayed to; they win over allowed ones.",
  ),
  turnOldChannels: option(
    kinds.oneOf("on", "off"),
    "on",
    "Static users may bind RFC 5766's channels 0x5000-0x7FFF, as old clients do.",
  ),
  turnAlternateServer: optional(
    kinds.ipAndPort,
    "Relay that new clients of its address family are sent to while this one is about to stop.",
  ),
  turnEngine: option(kinds.oneOf("native", "node-turn"), "native", "Which TURN server runs."),
  turnIo: option(
    kinds.oneOf("plain", "fast"),
    "plain",
    "`fast` sends and receives in batches; it needs a permission of its own.",
  ),
  limits: option(
    kinds.oneOf("on", "off"),
    "on",
    "`off` lifts rate limits: for measuring, never for players.",
  ),
  grace: option(kinds.duration, "5s", "How long a stop waits for what is under way."),
  log: option(
    kinds.oneOf("trace", "debug", "info", "warning", "error", "fatal"),
    "info",
    "The least severe log line that is written: text on a terminal, JSON otherwise.",
  ),
  dataDir: {
    ...optional(
      kinds.path,
      "Folder of accounts and keys; by default the user's data folder, `hearth` in it. " +
        "Only the environment sets it, since the permission to write there is given before flags and files are read.",
    ),
    environmentOnly: true,
  },
};

export const signalingLimits = {
  maxMessageBytes: option(kinds.bytes, "64KiB", "Longest message."),
  messagesPerSecond: option(kinds.count, "50", "Messages a second from one connection."),
  messageBurst: option(kinds.count, "200", "Messages at once from one connection."),
  relayBytesPerSecond: option(
    kinds.bytes,
    "64KiB",
    "Bytes a second of game data from one connection through the server.",
  ),
  peersPerRoom: option(kinds.count, "64", "Peers in a room."),
  rooms: option(kinds.count, "10000", "Rooms."),
  watchers: option(kinds.count, "200", "Connections that watch the list of public rooms."),
  connections: option(kinds.count, "10000", "Connections."),
  connectionsPerAddress: option(kinds.count, "64", "Connections from one address."),
  sendBufferBytes: option(kinds.bytes, "1MiB", "Bytes waiting for a slow reader."),
  joinSeconds: option(kinds.count, "30", "Seconds from connecting to joining a room."),
  idleSeconds: option(kinds.count, "60", "Seconds of silence after which a connection is dead."),
  resumeSeconds: option(kinds.count, "30", "Seconds that a lost peer's place is kept."),
  resumeMessages: option(kinds.count, "256", "Messages kept for a lost peer."),
};

export const tlsLimits = {
  connections: option(kinds.count, "2000", "Connections to the port of TLS."),
  connectionsPerAddress: option(kinds.count, "128", "Those from one address."),
};

export const turnLimits = {
  allocations: option(kinds.count, "10000", "Allocations."),
  allocationsPerUser: option(kinds.count, "128", "Allocations of one user."),
  allocationsPerRoom: option(
    kinds.count,
    "2000",
    "Allocations with credentials that players got in one room.",
  ),
  allocationsPerAddress: option(kinds.count, "512", "Allocations from one address."),
  permissionsPerAllocation: option(kinds.count, "64", "Permissions of an allocation."),
  channelsPerAllocation: option(kinds.count, "64", "Channels of an allocation."),
  maxLifetimeSeconds: option(kinds.count, "3600", "Longest lifetime of an allocation, in seconds."),
  tcpConnections: option(kinds.count, "2000", "TCP connections."),
  tcpConnectionsPerAddress: option(kinds.count, "256", "TCP connections from one address."),
  tcpIdleSeconds: option(kinds.count, "30", "Seconds that TCP may stay without an allocation."),
  tcpBufferBytes: option(
    kinds.bytes,
    "256KiB",
    "Bytes waiting for a slow reader of TCP; data beyond them is lost.",
  ),
  unauthenticatedPerSecond: option(
    kinds.count,
    "50",
    "Answers a second to one address that has not shown a credential.",
  ),
  bindingsPerSecond: option(kinds.count, "50", "STUN Binding answers a second to one address."),
  bytesPerSecond: option(
    kinds.bytes,
    "2500000",
    "Relayed bytes a second of one allocation, each way.",
  ),
  packetsPerSecond: option(
    kinds.count,
    "5000",
    "Relayed packets a second of one allocation, each way.",
  ),
  newPeersPerSecond: option(kinds.count, "30", "New peer addresses a second of one allocation."),
};

/** The options in the order they are shown, in groups whose names begin alike. */
export const groups = [
  { prefix: "", options: general },
  { prefix: "signaling", options: signalingLimits },
  { prefix: "turn", options: turnLimits },
  { prefix: "tls", options: tlsLimits },
] as const;

export type Options = Readonly<Record<string, Option<unknown>>>;

export type Values<Group> = {
  readonly [Name in keyof Group]: Group[Name] extends Option<infer T> ? T : never;
};

/** The one name of an option in the three ways it is written. */
export interface Spelling {
  /** `httpPort`, in the file. */
  readonly key: string;
  /** `HEARTH_HTTP_PORT` */
  readonly variable: string;
  /** `--http-port`, without the dashes. */
  readonly flag: string;
}

/** Spells the option `name` of the group with this prefix. */
export function spell(prefix: string, name: string): Spelling {
  const key = prefix === "" ? name : prefix + name.charAt(0).toUpperCase() + name.slice(1);
  const flag = key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return { key, flag, variable: `HEARTH_${flag.toUpperCase().replaceAll("-", "_")}` };
}

export interface NamedOption extends Spelling {
  readonly option: Option<unknown>;
}

/** Every option with its names, in order. */
export const allOptions: readonly NamedOption[] = groups.flatMap(({ prefix, options }) =>
  Object.entries<Option<unknown>>(options).map(([name, option]) => ({
    ...spell(prefix, name),
    option,
  }))
);
