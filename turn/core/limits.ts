import type { TurnLimits } from "../config.ts";

/** A rate or a number that nothing real reaches, and that arithmetic still takes. */
const LIFTED = 1e12;

/** What holds where the configuration says `off`: for benchmarks. Memory is then the host's affair. */
export const NO_LIMITS: TurnLimits = {
  allocations: LIFTED,
  allocationsPerUser: LIFTED,
  allocationsPerAddress: LIFTED,
  permissionsPerAllocation: LIFTED,
  channelsPerAllocation: LIFTED,
  maxLifetimeSeconds: 3_600,
  tcpConnections: LIFTED,
  tcpConnectionsPerAddress: LIFTED,
  tcpIdleSeconds: LIFTED,
  tcpBufferBytes: LIFTED,
  unauthenticatedPerSecond: LIFTED,
  bindingsPerSecond: LIFTED,
  bytesPerSecond: LIFTED,
  packetsPerSecond: LIFTED,
  newPeersPerSecond: LIFTED,
};
