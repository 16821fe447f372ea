import type { ClientBan, TurnConfig, TurnLimits, TurnSettings, Whereabouts } from "../config.ts";
import type { TurnEvent, TurnStats } from "../core/mod.ts";
import type { IoStats, Trouble } from "../io/mod.ts";

/** Where the engine can be reached. */
export interface Listening {
  readonly udp: readonly Deno.NetAddr[];
  readonly tcp: readonly Deno.NetAddr[];
  /** The same for every address and both transports. */
  readonly port: number;
  /** Where `TurnConfig.insideToken` opens the way for streams, on 127.0.0.1. */
  readonly insidePort?: number;
  /** What the host should know about this engine as it runs now, one sentence each. */
  readonly remarks: readonly string[];
}

export interface EngineStats extends Omit<TurnStats, "limitedBy">, IoStats {
  /** What each limit refused, by its name in the configuration. */
  readonly limitedBy: Readonly<Partial<Record<keyof TurnLimits, number>>>;
}

/** A running STUN/TURN server, whoever wrote it. */
export interface Engine {
  readonly listening: Listening;
  stats(): EngineStats;
  /**
   * Ends what this user has and refuses what was issued to it until `at` (Unix milliseconds).
   * Returns how many allocations ended.
   */
  revoke(user: string, at: number): number;
  /** Ends what clients in these ranges have and refuses them more; earlier bans are over. */
  ban(bans: readonly ClientBan[]): void;
  /** Refuses new allocations from now on; those that are stay. */
  drain(): void;
  /** This machine has other addresses: from now on new relayed ones have these external ones. */
  move(to: Whereabouts): void;
  /** Takes other settings and keeps its allocations, as `TurnCore.configure` does. */
  configure(settings: TurnSettings): void;
  /** Ends everything; resolves when every port is free. */
  close(): Promise<void>;
}

export type Opening =
  | { readonly kind: "open"; readonly engine: Engine }
  /** The host has to change something first. */
  | { readonly kind: "unable"; readonly reason: string };

export type Note = (event: TurnEvent | Trouble) => void;

export type OpenEngine = (config: TurnConfig, note: Note) => Promise<Opening>;
