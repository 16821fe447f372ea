import type { NamedPassword } from "./kinds.ts";
import type { general, signalingLimits, turnLimits, Values } from "./options.ts";
import type { Secret } from "./secret.ts";

type General = Values<typeof general>;
type SignalingLimits = Values<typeof signalingLimits>;
type TurnLimits = Values<typeof turnLimits>;

/** The configuration that everything runs by: read once, valid, never changed. */
export interface Config {
  readonly http: {
    readonly host: string;
    /** 0 takes any free port. */
    readonly port: number;
    /** Name or address that players reach this server by; absent where the request says it. */
    readonly publicHost?: string;
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
  };
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
  dataDir: string,
): Config {
  return {
    http: {
      host: general.httpHost,
      port: general.httpPort,
      ...general.publicHost !== undefined && { publicHost: general.publicHost },
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
    },
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
