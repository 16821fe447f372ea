/** The servers that can do the relaying, behind one interface. */
import type { TurnConfig } from "../config.ts";
import type { OpenEngine } from "./engine.ts";
import { openNative } from "./native.ts";

export type { Engine, EngineStats, Listening, Note, Opening } from "./engine.ts";
export { type Notice, NoticeFolder, WINDOW_MS } from "./notices.ts";

const ENGINES: Record<TurnConfig["engine"], OpenEngine> = {
  native: openNative,
  // Only a host who asks for this package runs its code.
  "node-turn": async (config, note) => (await import("./node_turn.ts")).openNodeTurn(config, note),
};

/** Opens the engine that the configuration names. */
export const openEngine: OpenEngine = (config, note) => ENGINES[config.engine](config, note);
