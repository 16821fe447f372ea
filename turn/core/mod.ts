/**
 * The relay's core: what a STUN/TURN server does, without sockets, clock or chance. A driver feeds it
 * datagrams and frames, and carries out its effects.
 */
import type { TurnConfig } from "../config.ts";
import type { Effects, TurnCore } from "./api.ts";
import { type TurnDeps, TurnServer } from "./server.ts";

export type * from "./api.ts";
export type { TurnDeps };
export { parseCidr } from "./cidr.ts";
export { readTimeLimitedName } from "./credentials.ts";
export { flowKey, MAX_LISTENERS } from "./flow_key.ts";
export { type Source, sourceOf } from "./source.ts";

/** A core for a configuration that was checked: an address or range in it that is none throws. */
export function createTurnCore(config: TurnConfig, effects: Effects, deps: TurnDeps): TurnCore {
  return new TurnServer(config, effects, deps);
}
