/** Rooms and peers without sockets and clock. */
export { Admission } from "./admission.ts";
export type {
  Authentication,
  ConnectionId,
  Core,
  Counts,
  Effects,
  Entry,
  HubOptions,
  HubStats,
  IceReason,
  Origin,
  Player,
  Present,
  SignalingEvent,
} from "./api.ts";
export { Bucket } from "./bucket.ts";
export { Hub } from "./hub.ts";
export { type Line, type LineEffects, Lines } from "./lines.ts";
export { isHeard, Networks } from "./networks.ts";
