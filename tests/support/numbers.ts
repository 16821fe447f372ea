import type { SignalingNumbers } from "../../ops/mod.ts";

/** Of a server where nothing has happened. */
export const NO_SIGNALING: SignalingNumbers = {
  connections: 0,
  rooms: 0,
  peers: 0,
  peersAway: 0,
  received: 0,
  sent: 0,
  relayedBytes: 0,
  faultsByCode: {},
  endsByCode: {},
};
