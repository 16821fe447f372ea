import type { TurnConfig } from "../config.ts";
import { createTurnCore, type TurnDeps, type TurnStats } from "../core/mod.ts";
import { type IoStats, open } from "../io/mod.ts";
import type { Engine, EngineStats, Note, Opening } from "./engine.ts";

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
  const { core, addresses, port, insidePort } = driver;
  const engine: Engine = {
    listening: {
      ...addresses,
      port,
      remarks: driver.remarks,
      ...insidePort !== undefined && { insidePort },
    },
    stats: () => statsOf(core.stats(), driver.stats()),
    revoke: (user, at) => core.revoke(user, at - wallAhead()),
    ban: (bans) => core.ban(bans, performance.now()),
    drain: () => core.drain(),
    move: (to) => core.move(to),
    configure: (settings) => driver.configure(settings),
    close: () => driver.close(),
  };
  return Promise.resolve({ kind: "open", engine });
}

function statsOf(core: TurnStats, io: IoStats): EngineStats {
  const limitedBy = {
    ...core.limitedBy,
    tcpConnections: io.tcpRefused,
    tcpConnectionsPerAddress: io.tcpRefusedToAddress,
    tcpIdleSeconds: io.tcpIdle,
    tcpBufferBytes: io.tcpLostFrames + io.tcpSlowReaders,
  };
  return { ...core, ...io, limitedBy };
}
