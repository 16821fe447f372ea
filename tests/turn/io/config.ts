import type { TurnConfig, TurnLimits } from "../../../turn/config.ts";
import { permittedLibraries } from "../../../turn/io/fast/mod.ts";

export const USER = "tester";
export const PASSWORD = "correct horse";
export const SECRET = "a secret of this test alone";
export const REALM = "game";

export const LIMITS: TurnLimits = {
  allocations: 500,
  allocationsPerUser: 100,
  allocationsPerRoom: 100,
  allocationsPerAddress: 100,
  permissionsPerAllocation: 20,
  channelsPerAllocation: 20,
  maxLifetimeSeconds: 3_600,
  tcpConnections: 100,
  tcpConnectionsPerAddress: 100,
  tcpIdleSeconds: 60,
  tcpBufferBytes: 1_048_576,
  unauthenticatedPerSecond: 1_000,
  bindingsPerSecond: 1_000,
  bytesPerSecond: 100_000_000,
  packetsPerSecond: 100_000,
  newPeersPerSecond: 100,
};

export type Io = TurnConfig["io"];

/** Registers a test once for each driver; the fast one where this system and run may have it. */
export function testEachDriver(
  name: string,
  run: (io: Io) => Promise<void>,
  { ignore = false } = {},
): void {
  Deno.test({ name, ignore, fn: () => run("plain") });
  Deno.test({ name: `${name} (fast)`, ignore: ignore || lacksFast(), fn: () => run("fast") });
}

export function lacksFast(): boolean {
  return Deno.build.os !== "linux" || permittedLibraries().length === 0;
}

/** A server on loopback, on any free port, whose peers may be on loopback too. */
export function testConfig(changes: Partial<TurnConfig> = {}): TurnConfig {
  return {
    engine: "native",
    io: "plain",
    hosts: ["127.0.0.1"],
    port: 0,
    realm: REALM,
    externalIps: ["127.0.0.1"],
    relayPorts: { first: 49_152, last: 65_535 },
    users: [{ name: USER, password: PASSWORD }],
    secrets: [SECRET],
    peerAllow: ["127.0.0.0/8"],
    peerDeny: [],
    ownIps: ["127.0.0.1"],
    broadcastIps: ["127.0.0.0", "127.255.255.255"],
    limits: LIMITS,
    ...changes,
  };
}
