import type { TurnLimits } from "../config.ts";

/** A rate or a number that nothing real reaches, and that arithmetic still takes. */
const LIFTED = 1e12;

/** The limits that are the core's; those of connections are the driver's. */
export type Limits = Omit<TurnLimits, Extract<keyof TurnLimits, `tcp${string}`>>;

/** What refusals are counted by: the limit's name in the configuration. A lifetime is only cut. */
export type LimitName = Exclude<keyof Limits, "maxLifetimeSeconds">;

/** What holds where the configuration says `off`: for benchmarks. Memory is then the host's affair. */
export const NO_LIMITS: Limits = {
  allocations: LIFTED,
  allocationsPerUser: LIFTED,
  allocationsPerRoom: LIFTED,
  allocationsPerAddress: LIFTED,
  permissionsPerAllocation: LIFTED,
  channelsPerAllocation: LIFTED,
  maxLifetimeSeconds: 3_600,
  unauthenticatedPerSecond: LIFTED,
  bindingsPerSecond: LIFTED,
  bytesPerSecond: LIFTED,
  packetsPerSecond: LIFTED,
  newPeersPerSecond: LIFTED,
};
