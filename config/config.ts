import { join } from "node:path";
import type { NamedPassword } from "./kinds.ts";
import type { general, signalingLimits, tlsLimits, turnLimits, Values } from "./options.ts";
import type { Secret } from "./secret.ts";

type General = Values<typeof general>;
type SignalingLimits = Values<typeof signalingLimits>;
type TlsLimits = Values<typeof tlsLimits>;
type TurnLimits = Values<typeof turnLimits>;

/** The configuration that everything runs by: read once, valid, never changed. */
export interface Config {
  readonly http: {
    readonly host: string;
    /** 0 takes any free port. */
    readonly port: number;
    /** Name or address that players reach this server by; absent where the request says it. */
    readonly publicHost?: string;
    /** CIDRs of the proxies whose word on where a request came from is taken. */
    readonly trustedProxies: readonly string[];
  };
  readonly tls: {
    readonly certificate: string;
    readonly key: string;
    /** Whether somebody named the files: else they need not be there. */
    readonly isNamed: boolean;
    readonly host: string;
    /** 0 takes any free port. */
    readonly port: number;
    readonly limits: TlsLimits;
  };
  readonly turn: {
    readonly hosts: readonly string[];
    /** 0 takes any free port. */
    readonly port: number;
    readonly realm: string;
    readonly externalIps: "auto" | readonly string[];
    readonly relayPorts: { readonly first: number; readonly last: number };
    readonly users: readonly NamedPassword[];
    /** The first signs, all verify. Empty where one is to be made and kept in the data folder. */
    readonly secrets: readonly Secret[];
    /** CIDRs. */
    readonly peerAllow: readonly string[];
    readonly peerDeny: readonly string[];
    readonly oldChannels: boolean;
    /** `address:port`; absent where there is none. */
    readonly alternateServer?: string;
    readonly engine: General["turnEngine"];
    readonly io: General["turnIo"];
    readonly credentialLifeSeconds: number;
    readonly limits: TurnLimits | "off";
  };
  readonly signaling: {
    /** `Infinity` where a limit is lifted. */
    readonly limits: SignalingLimits;
    /** For clients of other servers; one that is absent is closed. */
    readonly doors: {
      readonly peerjs?: { readonly path: string; readonly discovery: boolean };
      readonly yWebrtc?: { readonly path: string };
    };
  };
  readonly auth: {
    readonly mode: General["auth"];
    readonly registration: General["registration"];
    readonly tokenLifeSeconds: number;
    readonly sessionLifeSeconds: number;
  };
  /** `auto`, `off`, or the router's address. */
  readonly router: string;
  /** STUN servers that a check may ask. */
  readonly checkStun: General["checkStun"];
  /** Web origins allowed beside the server's own. */
  readonly origins: readonly string[];
  readonly dataDir: string;
  /** Whether rate limits hold; signaling's and the relay's above are lifted where they do not. */
  readonly limits: General["limits"];
  readonly log: General["log"];
  readonly graceSeconds: number;
}

/** Puts the options' values where the parts look for them. */
export function arrange(
  general: General,
  signaling: SignalingLimits,
  turn: TurnLimits,
  tls: TlsLimits,
  dataDir: string,
): Config {
  return {
    http: {
      host: general.httpHost,
      port: general.httpPort,
      trustedProxies: general.trustedProxies,
      ...general.publicHost !== undefined && { publicHost: general.publicHost },
    },
    tls: {
      certificate: general.tlsCertificate ?? join(dataDir, "certificate.pem"),
      key: general.tlsKey ?? join(dataDir, "key.pem"),
      isNamed: (general.tlsCertificate ?? general.tlsKey) !== undefined,
      host: general.httpHost,
      port: general.tlsPort,
      limits: tls,
    },
    turn: {
      hosts: general.turnHost,
      port: general.turnPort,
      realm: general.realm,
      externalIps: general.externalIp,
      relayPorts: general.relayPorts,
      users: general.turnUsers,
      secrets: general.turnSecret,
      peerAllow: general.peerAllow,
      peerDeny: general.peerDeny,
      oldChannels: general.turnOldChannels === "on",
      ...general.turnAlternateServer !== undefined &&
        { alternateServer: general.turnAlternateServer },
      engine: general.turnEngine,
      io: general.turnIo,
      credentialLifeSeconds: general.turnCredentialLife,
      limits: general.limits === "off" ? "off" : turn,
    },
    signaling: {
      limits: general.limits === "off" ? lift(signaling) : signaling,
      doors: {
        ...general.peerjsPath !== "" && {
          peerjs: { path: general.peerjsPath, discovery: general.peerjsDiscovery === "on" },
        },
        ...general.yWebrtcPath !== "" && { yWebrtc: { path: general.yWebrtcPath } },
      },
    },
    auth: {
      mode: general.auth,
      registration: general.registration,
      tokenLifeSeconds: general.tokenLife,
      sessionLifeSeconds: general.sessionLife,
    },
    router: general.router,
    checkStun: general.checkStun,
    origins: general.origins,
    dataDir,
    limits: general.limits,
    log: general.log,
    graceSeconds: general.grace,
  };
}

/** Without what one client may do by itself; sizes and sums still bound the memory. */
function lift(limits: SignalingLimits): SignalingLimits {
  return {
    ...limits,
    messagesPerSecond: Infinity,
    messageBurst: Infinity,
    relayBytesPerSecond: Infinity,
    connectionsPerAddress: Infinity,
  };
}
