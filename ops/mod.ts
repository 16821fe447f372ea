/** What the host of a server sees of it: the greeting, the log, health and metrics. */
export { addressesOf, externalIpsOf, type MachineAddresses } from "./addresses.ts";
export { greeting, type GreetingFacts } from "./greeting.ts";
export { opsRoutes, type OpsSources, type Readiness } from "./http.ts";
export { logger, type LogSettings, startLogs, stopLogs, toStandardError } from "./logs.ts";
export {
  metricsOf,
  type MetricSources,
  type ProcessNumbers,
  processNumbers,
  type SignalingNumbers,
  type TurnNumbers,
} from "./metrics.ts";
