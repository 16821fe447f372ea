/** What the host of a server sees of it: the greeting, the log, health and metrics. */
export { addressesOf, type MachineAddresses } from "./addresses.ts";
export { eventLog } from "./events.ts";
export { exit, orExit } from "./exit.ts";
export { greeting, type GreetingFacts } from "./greeting.ts";
export { opsRoutes, type OpsSources } from "./http.ts";
export { logger, type LogSettings, startLogs, startServerLogs, stopLogs } from "./logs.ts";
export {
  metricsOf,
  type MetricSources,
  type ProcessNumbers,
  processNumbers,
  type SignalingNumbers,
  type TurnNumbers,
} from "./metrics.ts";
export { programName } from "./program.ts";
export { type RouterAnswer, routerAnswer } from "./router_answer.ts";
export { type Caller, type Handler, type HttpServer, serve, type Served } from "./serve.ts";
export { stopSignal } from "./stop.ts";
