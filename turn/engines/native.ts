import type { TurnConfig } from "../config.ts";
import { createTurnCore, type TurnDeps } from "../core/mod.ts";
import { open } from "../io/mod.ts";
import type { Engine, Note, Opening } from "./engine.ts";

/** How far the wall clock is ahead of the monotonic one, in milliseconds; it may be set meanwhile. */
const wallAhead = () => Date.now() - performance.now();

/** Our own engine: the core of this project on the sockets of this machine. */
export function openNative(config: TurnConfig, note: Note): Promise<Opening> {
  const deps: TurnDeps = {
    random: (bytes) => void crypto.getRandomValues(bytes as Uint8Array<ArrayBuffer>),
    nonceKey: crypto.getRandomValues(new Uint8Array(32)),
    unixSeconds: (now) => (now + wallAhead()) / 1_000,
  };
  const opened = open({
    config,
    note,
    createCore: (effects) => createTurnCore(config, effects, deps),
  });
  if (opened.kind === "unable") return Promise.resolve(opened);

  const { driver } = opened;
  const { core, addresses, port } = driver;
  const engine: Engine = {
    listening: { ...addresses, port, remarks: remarksOn(config) },
    stats: () => ({ ...core.stats(), ...driver.stats() }),
    revoke: (user, at) => core.revoke(user, at - wallAhead()),
    drain: () => core.drain(),
    advertise: (externalIps) => core.advertise(externalIps),
    close: () => driver.close(),
  };
  return Promise.resolve({ kind: "open", engine });
}

function remarksOn({ io }: TurnConfig): string[] {
  return io === "fast"
    ? ["HEARTH_TURN_IO=fast is not part of this version: plain sockets are used."]
    : [];
}
