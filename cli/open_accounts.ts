import {
  type Auth,
  type AuthEvent,
  type AuthOptions,
  loadOrMakeSecret,
  loadSecret,
  openAuth,
  type Opened,
} from "../auth/mod.ts";
import type { Config } from "../config/mod.ts";
import type { RelayEndpoint } from "./open_relay.ts";

/** Shared secrets of relay credentials: the first signs. */
export type Secrets = readonly [string, ...string[]];

/** Those configured, or the one kept in the data folder, which is made where there is none. */
export function openSecrets(config: Config): Promise<Opened<Secrets>> {
  return secretsOf(config, loadOrMakeSecret);
}

/** The same for a server that runs, and may write nothing. */
export function readSecrets(config: Config): Promise<Opened<Secrets>> {
  return secretsOf(config, loadSecret);
}

async function secretsOf(
  { turn, dataDir }: Config,
  load: (dataDir: string) => Promise<Opened<string>>,
): Promise<Opened<Secrets>> {
  const [first, ...more] = turn.secrets.map((secret) => secret.reveal());
  if (first !== undefined) return { kind: "open", value: [first, ...more] };
  const kept = await load(dataDir);
  return kept.kind === "open" ? { kind: "open", value: [kept.value] } : kept;
}

/** What the running server adds: its log, and what it ends when somebody's right to be here does. */
export interface ServerParts extends RelayEndpoint {
  /** Where TURN over TLS listens, if anywhere. */
  readonly tlsPort: number | undefined;
  readonly log: (event: AuthEvent) => void;
  readonly server: NonNullable<AuthOptions["server"]>;
}

/** Opens accounts and keys as configured, for a command or for the server. */
export async function openAccounts(config: Config, parts?: ServerParts): Promise<Opened<Auth>> {
  const secrets = await openSecrets(config);
  if (secrets.kind === "failed") return secrets;
  const { publicHost } = config.http;
  return await openAuth({
    dataDir: config.dataDir,
    realm: config.turn.realm,
    auth: config.auth.mode,
    registration: config.auth.registration,
    tokenLifeSeconds: config.auth.tokenLifeSeconds,
    sessionLifeSeconds: config.auth.sessionLifeSeconds,
    credentialLifeSeconds: config.turn.credentialLifeSeconds,
    turn: {
      port: parts?.turnPort ?? config.turn.port,
      secrets: secrets.value,
      udp: true,
      tcp: config.turn.engine === "native",
      ...parts && { ipv6: parts.ipv6 },
      ...parts?.tlsPort !== undefined && { tlsPort: parts.tlsPort },
      ...publicHost !== undefined && { publicHost },
    },
    origins: config.origins,
    limits: config.limits,
    clock: Date.now,
    monotonic: () => performance.now(),
    note: parts?.log ?? (() => {}),
    ...parts && { server: parts.server },
  });
}
