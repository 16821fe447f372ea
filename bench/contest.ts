/** A comparison: the same load on each server in turn, round after round, as ratios to one of them. */
import { cpuMicrosOf, type Measure, type Running, type Sample, type Settings } from "./measure.ts";
import type { Progress } from "../progress/mod.ts";
import { orderOf, pairedRatio, summarize, type Summary } from "./stats.ts";

export interface Contest {
  readonly name: string;
  /** The contestant that the others' cost is divided by. */
  readonly reference: string;
  readonly contestants: readonly Contestant[];
  readonly scenarios: readonly Scenario[];
  readonly defaults: Pick<Settings, "clients" | "rate"> & Partial<Pick<Settings, "seconds">>;
  /** What a report says in place of a rate, where the measure sets its own and asks for none. */
  readonly pace?: string;
  /** Whether it runs only where it is named. */
  readonly onlyByName?: boolean;
}

export interface Contestant {
  readonly name: string;
  /** Starts it and answers when it serves; what it needs is cleared away with `scope`. */
  start(scope: AsyncDisposableStack, signal: AbortSignal): Promise<Running>;
}

export interface Scenario {
  readonly name: string;
  /** What is counted, in the singular. */
  readonly unit: string;
  readonly measure: Measure;
}

export interface Report extends Pick<Contest, "pace"> {
  readonly name: string;
  readonly reference: string;
  readonly settings: Settings;
  readonly scenarios: readonly ScenarioReport[];
  readonly absent: readonly Absence[];
}

export interface ScenarioReport {
  readonly name: string;
  readonly unit: string;
  readonly rows: readonly Row[];
}

/** All measured rounds of one contestant. */
export interface Row {
  readonly name: string;
  readonly sent: number;
  readonly received: number;
  /** CPU time of the server for each one received, in microseconds. */
  readonly cpuMicros: Summary;
  /** Of the CPU time to the reference's in the same round; not where a run was too short to tell. */
  readonly ratio?: Summary;
  /** In milliseconds, medians over the rounds; not where the load tool cannot tell. */
  readonly delay?: { readonly p50: number; readonly p99: number };
  /** What else the measure told, by name. */
  readonly figures?: Readonly<Record<string, Summary>>;
  /** Resident memory after the last round. */
  readonly rssMiB: number;
}

/** A contestant that could not run, or not to the end. */
export interface Absence {
  readonly name: string;
  readonly reason: string;
}

type Entrant = Running & Pick<Contestant, "name">;

export async function hold(
  contest: Contest,
  settings: Settings,
  progress: Progress,
  signal: AbortSignal,
): Promise<Report> {
  await using scope = new AsyncDisposableStack();
  const absent: Absence[] = [];
  /** A contestant that fails is left out, with the reason, and the others go on. */
  const attempt = async <T>(name: string, work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      absent.push({ name, reason: error instanceof Error ? error.message : String(error) });
      return undefined;
    }
  };

  const entrants: Entrant[] = [];
  for (const contestant of contest.contestants) {
    progress(`${contest.name}: starting ${contestant.name}`);
    const { name } = contestant;
    const running = await attempt(name, () => contestant.start(scope, signal));
    if (running) entrants.push({ ...running, name });
  }

  const scenarios: ScenarioReport[] = [];
  for (const scenario of contest.scenarios) {
    const samples = new Map(entrants.map((entrant) => [entrant, [] as Sample[]]));
    for (let round = 0; round <= settings.rounds; round++) {
      for (const entrant of orderOf([...samples.keys()], round)) {
        const what = `${contest.name}, ${scenario.name}: ${entrant.name}`;
        progress(`${what}, ${round === 0 ? "warm-up" : `round ${round} of ${settings.rounds}`}`);
        const sample = await attempt(what, () => scenario.measure(entrant, settings, signal));
        if (!sample) samples.delete(entrant);
        else if (round > 0) samples.get(entrant)?.push(sample);
      }
    }
    const { name, unit } = scenario;
    scenarios.push({ name, unit, rows: rowsOf(samples, contest.reference) });
  }
  const { name, reference, pace } = contest;
  return { name, reference, ...(pace && { pace }), settings, scenarios, absent };
}

function rowsOf(samples: ReadonlyMap<Entrant, readonly Sample[]>, reference: string): Row[] {
  const divisor = [...samples].find(([{ name }]) => name === reference)?.[1];
  return [...samples].map(([{ name }, of]) => {
    const cpuMicros = of.map(cpuMicrosOf);
    const ratio = divisor && pairedRatio(cpuMicros, divisor.map(cpuMicrosOf));
    const delays = of.flatMap(({ delay }) => delay ?? []);
    return {
      name,
      sent: of.reduce((sum, { sent }) => sum + sent, 0),
      received: of.reduce((sum, { received }) => sum + received, 0),
      cpuMicros: summarize(cpuMicros),
      ...(ratio && { ratio }),
      ...(delays.length > 0 && {
        delay: {
          p50: summarize(delays.map(({ p50 }) => p50)).median,
          p99: summarize(delays.map(({ p99 }) => p99)).median,
        },
      }),
      ...(of[0]?.figures && { figures: figuresOf(of) }),
      rssMiB: of.at(-1)?.rssMiB ?? NaN,
    };
  });
}

function figuresOf(samples: readonly Sample[]): Record<string, Summary> {
  const names = Object.keys(samples[0]?.figures ?? {});
  const valuesOf = (name: string) => samples.flatMap(({ figures }) => figures?.[name] ?? []);
  return Object.fromEntries(names.map((name) => [name, summarize(valuesOf(name))]));
}
