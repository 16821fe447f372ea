/** What becomes of the worker: which state follows which, and how long a restart waits. */
import type { Listening } from "./engines/mod.ts";

export type TurnState =
  | { readonly kind: "starting" }
  | {
    readonly kind: "listening";
    readonly listening: Listening;
    /** Unix milliseconds. */
    readonly since: number;
    /** How often the worker died without having lived long in between. */
    readonly restarts: number;
  }
  | {
    readonly kind: "restarting";
    /** 1 for the first. */
    readonly attempt: number;
    readonly reason: string;
    /** Unix milliseconds. */
    readonly nextAt: number;
  }
  /** For good: somebody has to change something. */
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "closed" };

export type Happening =
  | { readonly kind: "listening"; readonly listening: Listening }
  /** The engine cannot start as it is configured. */
  | { readonly kind: "unable"; readonly reason: string }
  | { readonly kind: "died"; readonly reason: string }
  | { readonly kind: "closed" };

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 30_000;
/** Who lived so long is forgiven its earlier deaths. */
const STABLE_MS = 60_000;

/** `now`: Unix milliseconds. `chance`: from 0 up to 1, so that many servers do not return as one. */
export function follow(
  state: TurnState,
  happening: Happening,
  now: number,
  chance: number,
): TurnState {
  if (state.kind === "failed" || state.kind === "closed") return state;
  switch (happening.kind) {
    case "closed":
      return { kind: "closed" };
    case "listening": {
      const restarts = state.kind === "restarting" ? state.attempt : 0;
      return { kind: "listening", listening: happening.listening, since: now, restarts };
    }
    case "unable":
    case "died": {
      const { reason } = happening;
      // What never ran is not mended by trying again; after that, even a taken port may come free.
      if (state.kind === "starting") return { kind: "failed", reason };
      const attempt = deathsBefore(state, now) + 1;
      return { kind: "restarting", attempt, reason, nextAt: now + waitBefore(attempt, chance) };
    }
  }
}

function deathsBefore(
  state: TurnState & { kind: "listening" | "restarting" },
  now: number,
): number {
  if (state.kind === "restarting") return state.attempt;
  return now - state.since >= STABLE_MS ? 0 : state.restarts;
}

/** Doubles with each attempt, and varies by half either way; milliseconds. */
function waitBefore(attempt: number, chance: number): number {
  const wait = Math.min(FIRST_WAIT_MS * 2 ** (attempt - 1), LONGEST_WAIT_MS);
  return wait * (0.5 + chance);
}
