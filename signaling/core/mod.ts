/** Rooms and peers without sockets and clock. */
export { addressGroup, Admission } from "./admission.ts";
export type {
  Authentication,
  ConnectionId,
  Effects,
  HubOptions,
  HubStats,
  Player,
  SignalingEvent,
} from "./api.ts";
export { Hub } from "./hub.ts";
