import { type Auth, type AuthEvent, loadOrMakeSecret, openAuth, type Opened } from "../auth/mod.ts";
import type { Config } from "../config/mod.ts";

/** The secrets of relay credentials: those configured, or the one kept in the data folder. */
export async function openSecrets(
  config: Config,
): Promise<Opened<readonly [string, ...string[]]>> {
  const [first, ...more] = config.turn.secrets.map((secret) => secret.reveal());
  if (first !== undefined) return { kind: "open", value: [first, ...more] };
  const kept = await loadOrMakeSecret(config.dataDir);
  return kept.kind === "open" ? { kind: "open", value: [kept.value] } : kept;
}

/**
 * Opens accounts and keys as configured. `turnPort` is where the relay listens, or will;
 * `endSessions` is told whose tokens hold no longer.
 */
export async function openAccounts(
  config: Config,
  turnPort: number = config.turn.port,
  log: (event: AuthEvent) => void = () => {},
  endSessions: (subject: string) => void = () => {},
): Promise<Opened<Auth>> {
  const secrets = await openSecrets(config);
  if (secrets.kind === "failed") return secrets;
  const { publicHost } = config.http;
  return await openAuth({
    dataDir: config.dataDir,
    realm: config.turn.realm,
    auth: config.auth.mode,
    tokenLifeSeconds: config.auth.tokenLifeSeconds,
    credentialLifeSeconds: config.turn.credentialLifeSeconds,
    turn: {
      port: turnPort,
      secrets: secrets.value,
      udp: true,
      tcp: config.turn.engine === "native",
      ...publicHost !== undefined && { publicHost },
    },
    origins: config.origins,
    limits: config.limits,
    clock: Date.now,
    monotonic: () => performance.now(),
    note(event) {
      log(event);
      if (event.kind === "sessions-ended") endSessions(event.subject);
    },
  });
}
