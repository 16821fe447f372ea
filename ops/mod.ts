/** What the host of a server sees of it: the greeting, the log, health and metrics. */
export { addressesOf, type MachineAddresses } from "./addresses.ts";
export { eventLog, relayLog } from "./events.ts";
export { exit, orExit } from "./exit.ts";
export { type Caller } from "./forwarding.ts";
export { greeting, type GreetingFacts } from "./greeting.ts";
export { obstacles, opsRoutes, type OpsSources, type Ways } from "./http.ts";
export type { Columns, Reading, Refusal, Sample } from "./history.ts";
export { Live, startLive } from "./live.ts";
export { logger, type LogSettings, startLogs, startServerLogs, stopLogs } from "./logs.ts";
export {
  metricsOf,
  type MetricSources,
  metricsTable,
  type ProcessNumbers,
  processNumbers,
  type SignalingNumbers,
  type TurnNumbers,
} from "./metrics.ts";
export { programName } from "./program.ts";
export { movedLine, type RouterAnswer, routerAnswer } from "./router_answer.ts";
export { type Handler, type HttpServer, serve, type ServeAt, type Served } from "./serve.ts";
export { type NotifyEvent, type NotifyRequest, readNotifyRequest, tellSystemd } from "./systemd.ts";
export { onReload, type Stop, stopOnSignal } from "./stop.ts";
