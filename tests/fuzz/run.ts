/** World after world from one seed, until so many datagrams were seen. */
import { Chance } from "./chance.ts";
import { World } from "./world.ts";

/** Steps of one world: long enough for a server to be full, drained and empty again. */
const STEPS = 20_000;

/** All that it takes to have a failure again. */
export interface Case {
  readonly world: number;
  readonly steps: readonly number[];
}

export class Failure extends Error {
  constructor(readonly found: Case, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

export interface Progress {
  readonly datagrams: number;
  readonly outcomes: ReadonlyMap<string, number>;
  readonly worlds: number;
  /** What the last world held when its last step was done. */
  readonly held: string;
}

/** Yields after each world; throws `Failure` where core and model disagree, or anything throws. */
export function* run(seed: number, datagrams: number): Generator<Progress, void, void> {
  const chance = new Chance(seed);
  const outcomes = new Map<string, number>();
  let seen = 0;
  for (let worlds = 1; seen < datagrams; worlds++) {
    const worldSeed = chance.next();
    const steps: number[] = [];
    const world = new World(worldSeed, outcomes);
    try {
      while (steps.length < STEPS && seen + world.datagrams < datagrams) {
        const step = chance.next();
        steps.push(step);
        world.step(step);
      }
      const held = world.held;
      world.finish();
      seen += world.datagrams;
      yield { datagrams: seen, outcomes, worlds, held };
    } catch (error) {
      throw new Failure({ world: worldSeed, steps }, error);
    }
  }
}

/** Plays a case; returns what went wrong, if anything does. */
export function play({ world: seed, steps }: Case): Error | undefined {
  try {
    const world = new World(seed);
    for (const step of steps) world.step(step);
    world.finish();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/**
 * A shorter case that fails too: halves, quarters and so on are left out where they can be. `onRound`
 * is told how many steps are left.
 */
export function shrink(found: Case, onRound: (left: number) => void = () => {}): Case {
  let { steps } = found;
  for (let size = Math.ceil(steps.length / 2); size >= 1; size = Math.floor(size / 2)) {
    onRound(steps.length);
    for (let from = 0; from < steps.length;) {
      const fewer = [...steps.slice(0, from), ...steps.slice(from + size)];
      if (play({ world: found.world, steps: fewer })) steps = fewer;
      else from += size;
    }
  }
  return { world: found.world, steps };
}
