import type { NamedPassword } from "./kinds.ts";
import type { general, signalingLimits, turnLimits, Values } from "./options.ts";
import type { Secret } from "./secret.ts";

type General = Values<typeof general>;

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
    readonly engine: General["turnEngine"];
    readonly io: General["turnIo"];
    readonly credentialLifeSeconds: number;
    readonly limits: Values<typeof turnLimits>;
  };
  readonly signaling: { readonly limits: Values<typeof signalingLimits> };
  readonly auth: { readonly mode: General["auth"]; readonly tokenLifeSeconds: number };
  /** Web origins allowed beside the server's own. */
  readonly origins: readonly string[];
  readonly dataDir: string;
  /** Whether rate limits hold. */
  readonly limits: General["limits"];
  readonly log: General["log"];
  readonly graceSeconds: number;
}

/** Puts the options' values where the parts look for them. */
export function arrange(
  general: General,
  signaling: Config["signaling"]["limits"],
  turn: Config["turn"]["limits"],
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
      engine: general.turnEngine,
      io: general.turnIo,
      credentialLifeSeconds: general.turnCredentialLife,
      limits: turn,
    },
    signaling: { limits: signaling },
    auth: { mode: general.auth, tokenLifeSeconds: general.tokenLife },
    origins: general.origins,
    dataDir,
    limits: general.limits,
    log: general.log,
    graceSeconds: general.grace,
  };
}
