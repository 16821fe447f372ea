/** STUN and TURN for the program's players, in a worker of its own. */
export { askBinding } from "./binding_client.ts";
export type { ClientBan, TurnConfig, TurnLimits, TurnSettings, Whereabouts } from "./config.ts";
export type { EngineStats, Listening, Notice } from "./engines/mod.ts";
export {
  chooseExternalIps,
  type ExternalIpQuestion,
  type ExternalIps,
  type ExternalWarning,
} from "./external_ip.ts";
export { start, type TurnHandle, type TurnOptions, WORKER_PERMISSIONS } from "./handle.ts";
export type { TurnState } from "./supervisor.ts";
