import type { Config } from "../config/mod.ts";
import * as turn from "../turn/mod.ts";

/** What the running server adds to its configuration. */
export interface RelayParts extends turn.TurnOptions {
  readonly secrets: readonly string[];
  /** By which the relay knows this program's own TLS. */
  readonly insideToken: string | undefined;
  /** This machine's addresses, and the broadcast addresses of its networks. */
  readonly machine: { readonly own: readonly string[]; readonly broadcast: readonly string[] };
}

/** Where players find it. */
export interface RelayEndpoint {
  readonly turnPort: number;
  /** The IPv6 address that it advertises now, where it listens on one. */
  readonly ipv6: () => string | undefined;
}

export interface OpenedRelay {
  readonly relay: turn.TurnHandle;
  readonly listening: turn.Listening;
  /** Ends what is relayed for whom; a relay that is down is told at its restart. */
  readonly sendOff: {
    revokeRelay(user: string, at?: number): void;
    banRelay(bans: readonly turn.ClientBan[]): void;
  };
  readonly endpoint: RelayEndpoint;
  /** What the addresses that it advertises will not do. */
  readonly addressWarnings: readonly turn.ExternalWarning[];
}

export type RelayOpening =
  | { readonly kind: "open"; readonly value: OpenedRelay }
  | { readonly kind: "failed"; readonly message: string };

/** Starts the relay as configured; it listens when this resolves. */
export async function openRelay(
  { turn: config }: Config,
  { secrets, insideToken, machine, ...options }: RelayParts,
): Promise<RelayOpening> {
  const interfaces = Deno.networkInterfaces();
  const { ips, warnings } = turn.chooseExternalIps({ ...config, interfaces });
  const relay = turn.start({
    ...config,
    users: config.users.map(({ name, password }) => ({ name, password: password.reveal() })),
    secrets,
    externalIps: ips,
    insideToken,
    credentialSeconds: config.credentialLifeSeconds,
    ownIps: machine.own,
    broadcastIps: machine.broadcast,
  }, options);
  try {
    const listening = await relay.ready;
    const sendOff = {
      revokeRelay: (user: string, at?: number) => void relay.revoke(user, at).catch(() => {}),
      banRelay: (bans: readonly turn.ClientBan[]) => void relay.ban(bans).catch(() => {}),
    };
    const listensOnIpv6 = config.hosts.some(isIpv6);
    const endpoint = {
      turnPort: listening.port,
      ipv6: () => listensOnIpv6 ? relay.externalIps.find(isIpv6) : undefined,
    };
    const value = { relay, listening, sendOff, endpoint, addressWarnings: warnings };
    return { kind: "open", value };
  } catch (error) {
    return { kind: "failed", message: error instanceof Error ? error.message : String(error) };
  }
}

function isIpv6(ip: string): boolean {
  return ip.includes(":");
}
