/** Rooms and peers without sockets and clock. */
export { addressGroup, Admission } from "./admission.ts";
export type {
  Authentication,
  ConnectionId,
  Core,
  Counts,
  Effects,
  HubOptions,
  HubStats,
  IceReason,
  Player,
  Present,
  SignalingEvent,
} from "./api.ts";
export { Bucket } from "./bucket.ts";
export { Hub } from "./hub.ts";
export { type Line, type LineEffects, Lines } from "./lines.ts";
