import type { Config } from "../config/mod.ts";
import { routerAnswer } from "../ops/mod.ts";
import { portsToForward, type Router, type RouterNews, startRouter } from "../router/mod.ts";
import * as turn from "../turn/mod.ts";

/** What the running server adds to its configuration. */
export interface RelayParts extends turn.TurnOptions {
  readonly secrets: readonly string[];
  /** By which the relay knows this program's own TLS. */
  readonly insideToken: string | undefined;
  /** This machine's addresses, and the broadcast addresses of its networks. */
  readonly machine: { readonly own: readonly string[]; readonly broadcast: readonly string[] };
}

export interface OpenedRelay {
  readonly relay: turn.TurnHandle;
  readonly listening: turn.Listening;
  /** Ends what is relayed for whom; a relay that is down is told at its restart. */
  readonly sendOff: {
    revokeRelay(user: string, at?: number): void;
    banRelay(bans: readonly turn.ClientBan[]): void;
  };
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
  const { ips, warnings } = externalIps(config);
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
    return { kind: "open", value: { relay, listening, sendOff, addressWarnings: warnings } };
  } catch (error) {
    return { kind: "failed", message: error instanceof Error ? error.message : String(error) };
  }
}

/** What listens, once it does. */
export type Running = Config & {
  readonly httpPort: number;
  readonly turnPort: number;
  readonly tlsPort: number | undefined;
};

/** A router that is asked, and what it said last, if it said anything yet. */
export type AskedRouter = Router & { readonly news: () => RouterNews | undefined };

/**
 * Asks the router to forward what players need; the relay advertises the address that it tells, and
 * `onMove` is called when that is another one than before.
 */
export function openRouter(
  running: Running,
  relay: turn.TurnHandle,
  secret: string,
  onMove: () => void,
): AskedRouter {
  const ports = portsToForward(running);
  let advertised = externalIps(running.turn).ips.join();
  let last: RouterNews | undefined;
  const router = startRouter({ setting: running.router, ports, secret }, (news) => {
    last = news;
    const { ips, warnings } = externalIps(running.turn, news.externalIp);
    // A relay that is down is told at its restart.
    relay.advertise(ips).catch(() => {});
    if (advertised !== ips.join()) onMove();
    advertised = ips.join();
    console.log(routerAnswer(news, warnings).join("\n"));
  });
  return {
    asks: router.asks,
    close: () => router.close(),
    leave: () => router.leave(),
    news: () => last,
  };
}

/** The IPv6 address by which players reach the relay, where it listens on one. */
export function relayIpv6(config: Config["turn"]): string | undefined {
  const isIpv6 = (ip: string) => ip.includes(":");
  return config.hosts.some(isIpv6) ? externalIps(config).ips.find(isIpv6) : undefined;
}

function externalIps(config: Config["turn"], routerIp?: string): turn.ExternalIps {
  return turn.chooseExternalIps({ ...config, interfaces: Deno.networkInterfaces(), routerIp });
}
