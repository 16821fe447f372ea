import { createHmac } from "node:crypto";
import type { Socket } from "node:dgram";
import { once } from "node:events";
import NodeTurn from "node-turn";
import type { TurnConfig } from "../config.ts";
import { readTimeLimitedName } from "../core/mod.ts";
import { zeroCounters } from "../io/mod.ts";
import type { Engine, EngineStats, Note, Opening } from "./engine.ts";
import { NODE_TURN_DEFECTS } from "./node_turn_defects.ts";

/** The part of `npm:node-turn` that is used here; the package comes without types. */
interface NodeTurnServer {
  externalIps: string | undefined;
  readonly allocations: Record<string, NodeTurnAllocation>;
  readonly network: { readonly sockets: readonly Socket[] };
  readonly allocate: { checkQuota(username: string): boolean };
  start(): void;
}

interface NodeTurnAllocation {
  readonly user: { readonly username: string };
  readonly sockets: readonly Socket[];
  readonly timer: ReturnType<typeof setTimeout>;
}

/**
 * The adapter for `npm:node-turn`, with the defects that `NODE_TURN_DEFECTS` lists. It is for the
 * worker, whose end takes with it the timers and sockets that this package loses.
 */
export async function openNodeTurn(config: TurnConfig, _note: Note): Promise<Opening> {
  const hosts = new Set(config.hosts.map((host) => host === "::" ? "0.0.0.0" : host));
  const [host, ...others] = [...hosts].filter((host) => !host.includes(":"));
  if (host === undefined) {
    return {
      kind: "unable",
      reason: "node-turn has no IPv6: put an IPv4 one in HEARTH_TURN_HOST.",
    };
  }
  const port = config.port === 0 ? freePort(host) : config.port;
  const passwords = new Passwords(config);
  const server: NodeTurnServer = new NodeTurn({
    listeningIps: [host, ...others],
    listeningPort: port,
    externalIps: ipv4Of(config.externalIps),
    minPort: config.relayPorts.first,
    maxPort: config.relayPorts.last,
    realm: config.realm,
    authMech: "long-term",
    // Names come from strangers, and the package looks them up as properties.
    credentials: new Proxy({}, { get: (_, username) => passwords.of(String(username)) }),
    debugLevel: "OFF",
  });
  server.start();
  const sockets = server.network.sockets;
  try {
    await Promise.all(sockets.map((socket) => once(socket, "listening")));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const reason =
      `Cannot listen on ${host}:${port} (UDP): ${why}. Stop the program that has this ` +
      "port, or choose another with HEARTH_TURN_PORT.";
    return { kind: "unable", reason };
  }
  return { kind: "open", engine: adapt(server, passwords, config, [host, ...others], port) };
}

function adapt(
  server: NodeTurnServer,
  passwords: Passwords,
  { limits }: TurnConfig,
  hosts: readonly string[],
  port: number,
): Engine {
  const held = () => Object.entries(server.allocations);
  let most = mostOf(limits);
  let isDraining = false;
  server.allocate.checkQuota = () => !isDraining && held().length < most;

  const end = (key: string, allocation: NodeTurnAllocation) => {
    clearTimeout(allocation.timer);
    delete server.allocations[key];
    for (const socket of allocation.sockets) socket.close();
  };
  return {
    listening: {
      udp: hosts.map((hostname) => ({ transport: "udp", hostname, port })),
      tcp: [],
      port,
      remarks: NODE_TURN_DEFECTS,
    },
    stats: () => ({ ...NOTHING_COUNTED, allocations: held().length }),
    revoke(user, at) {
      passwords.revoke(user, at);
      const ended = held().filter(([, { user: { username } }]) => userOf(username) === user);
      for (const [key, allocation] of ended) end(key, allocation);
      return ended.length;
    },
    // It decides about an allocation without knowing whose address asks.
    ban() {},
    drain() {
      isDraining = true;
    },
    move({ externalIps }) {
      server.externalIps = ipv4Of(externalIps);
    },
    configure({ secrets, limits }) {
      passwords.configure(secrets);
      most = mostOf(limits);
    },
    async close() {
      for (const [key, allocation] of held()) end(key, allocation);
      await Promise.all(
        server.network.sockets.map((socket) =>
          new Promise<void>((resolve) => socket.close(() => resolve()))
        ),
      );
    },
  };
}

function mostOf(limits: TurnConfig["limits"]): number {
  return limits === "off" ? Infinity : limits.allocations;
}

function ipv4Of(ips: readonly string[]): string | undefined {
  return ips.find((ip) => !ip.includes(":"));
}

/** The passwords that names have now, as the native engine knows them. */
class Passwords {
  readonly #static: ReadonlyMap<string, string>;
  #secret: string | undefined;
  readonly #credentialMs: number;
  readonly #revoked = new Map<string, number>();

  constructor({ users, secrets, credentialSeconds = 0 }: TurnConfig) {
    this.#static = new Map(users.map(({ name, password }) => [name, password]));
    this.configure(secrets);
    this.#credentialMs = credentialSeconds * 1_000;
  }

  /** It knows one password for a name, so a secret that was replaced verifies nothing more. */
  configure([secret]: readonly string[]): void {
    this.#secret = secret;
  }

  of(username: string): string | undefined {
    const own = this.#static.get(username);
    if (own !== undefined || this.#secret === undefined) return own;
    const name = readTimeLimitedName(username);
    if (!name) return undefined;
    const until = name.expiresAt * 1_000;
    const revokedUntil = this.#revoked.get(name.user) ?? 0;
    if (until <= Math.max(Date.now(), revokedUntil)) return undefined;
    return createHmac("sha1", this.#secret).update(username).digest("base64");
  }

  revoke(user: string, at: number): void {
    this.#revoked.set(user, at + this.#credentialMs);
  }
}

/** The user of a time-limited name, or the name itself. */
function userOf(username: string): string {
  return readTimeLimitedName(username)?.user ?? username;
}

/** The package takes port 0 for 3478. */
function freePort(hostname: string): number {
  const probe = Deno.listenDatagram({ transport: "udp", hostname, port: 0 });
  const { port } = probe.addr as Deno.NetAddr;
  probe.close();
  return port;
}

const NOTHING_COUNTED: EngineStats = {
  allocations: 0,
  permissions: 0,
  channels: 0,
  allocated: 0,
  clientBytes: 0,
  clientPackets: 0,
  peerBytes: 0,
  peerPackets: 0,
  inProcessPackets: 0,
  refusedByCode: {},
  droppedByReason: {},
  limitedBy: {},
  ...zeroCounters(),
  tcpConnections: 0,
  relaySockets: 0,
};
