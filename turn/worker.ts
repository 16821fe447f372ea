/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />
/** The worker's entry: runs one engine, and speaks with the thread that started it. */
import type { ClientBan, TurnConfig, TurnSettings, Whereabouts } from "./config.ts";
import {
  type Engine,
  type EngineStats,
  type Listening,
  type Notice,
  NoticeFolder,
  openEngine,
  WINDOW_MS,
} from "./engines/mod.ts";

/** What the worker is told. */
export type ToWorker =
  | {
    readonly kind: "start";
    readonly config: TurnConfig;
    /** Users and when they were revoked (Unix milliseconds): what a worker before this one knew. */
    readonly revoked: ReadonlyMap<string, number>;
    readonly bans: readonly ClientBan[];
    readonly isDraining: boolean;
  }
  | { readonly kind: "call"; readonly id: number; readonly call: Call }
  /** Answered by `pong` at once: a sign of life. */
  | { readonly kind: "ping" };

export type Call =
  | { readonly kind: "stats" }
  | { readonly kind: "revoke"; readonly user: string; readonly at: number }
  | { readonly kind: "ban"; readonly bans: readonly ClientBan[] }
  | { readonly kind: "drain" }
  | { readonly kind: "move"; readonly to: Whereabouts }
  | { readonly kind: "configure"; readonly settings: TurnSettings }
  | { readonly kind: "close" };

/** What the worker tells. */
export type FromWorker =
  | { readonly kind: "listening"; readonly listening: Listening }
  | { readonly kind: "unable"; readonly reason: string }
  | { readonly kind: "notice"; readonly notice: Notice }
  | { readonly kind: "pong" }
  | {
    readonly kind: "answer";
    readonly id: number;
    readonly answer: EngineStats | number | undefined;
  };

type Answer = EngineStats | number | undefined;

let engine: Engine | undefined;
const folder = new NoticeFolder();
let window: ReturnType<typeof setTimeout> | undefined;

self.onmessage = async ({ data }: MessageEvent<ToWorker>) => {
  if (data.kind === "start") return await start(data);
  if (data.kind === "ping") return tell({ kind: "pong" });
  // Calls come after `listening` was told, and so never before the engine.
  if (engine) tell({ kind: "answer", id: data.id, answer: await answer(engine, data.call) });
};

async function start(
  { config, revoked, bans, isDraining }: ToWorker & { kind: "start" },
): Promise<void> {
  const opening = await openEngine(config, (event) => {
    const notice = folder.add(event);
    if (notice) tell({ kind: "notice", notice });
    window ??= setTimeout(closeWindow, WINDOW_MS);
  });
  if (opening.kind === "unable") return tell(opening);
  engine = opening.engine;
  for (const [user, at] of revoked) engine.revoke(user, at);
  engine.ban(bans);
  if (isDraining) engine.drain();
  tell({ kind: "listening", listening: engine.listening });
}

async function answer(engine: Engine, call: Call): Promise<Answer> {
  switch (call.kind) {
    case "stats":
      return engine.stats();
    case "revoke":
      return engine.revoke(call.user, call.at);
    case "ban":
      engine.ban(call.bans);
      return undefined;
    case "drain":
      engine.drain();
      return undefined;
    case "move":
      engine.move(call.to);
      return undefined;
    case "configure":
      engine.configure(call.settings);
      return undefined;
    case "close":
      await engine.close();
      closeWindow();
      return undefined;
  }
}

function closeWindow(): void {
  clearTimeout(window);
  window = undefined;
  for (const notice of folder.close()) tell({ kind: "notice", notice });
}

function tell(message: FromWorker): void {
  self.postMessage(message);
}
