/** A comparison: the same load on each server in turn, round after round, as ratios to one of them. */
import type { LoadResult } from "./load/meter.ts";
import type { Order } from "./load/run.ts";
import { Child, readUsage } from "./process.ts";
import { orderOf, pairedRatio, summarize, type Summary } from "./stats.ts";

export interface Contest {
  readonly name: string;
  /** The contestant that the others' cost is divided by. */
  readonly reference: string;
  readonly contestants: readonly Contestant[];
  readonly scenarios: readonly Scenario[];
  readonly defaults: { readonly clients: number; readonly rate: number };
}

export interface Contestant {
  readonly name: string;
  /** Starts it and answers when it serves; what it needs is cleared away with `scope`. */
  start(scope: AsyncDisposableStack, signal: AbortSignal): Promise<Running>;
}

export interface Running {
  readonly process: Child;
  /** Where the load tool goes. */
  readonly url: string;
}

export interface Scenario {
  readonly name: string;
  /** What is counted, in the singular. */
  readonly unit: string;
  /** The load tool, from this folder. */
  readonly tool: string;
  /** What the tool is told beyond the common order. */
  readonly extra: Readonly<Record<string, string>>;
}

export interface Settings {
  /** Measured rounds: one more comes first and is thrown away. */
  readonly rounds: number;
  readonly seconds: number;
  readonly clients: number;
  /** Messages a second, of all clients together. */
  readonly rate: number;
}

export interface Report {
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
  /** In milliseconds, medians over the rounds. */
  readonly delayP50: number;
  readonly delayP99: number;
  /** Resident memory after the last round. */
  readonly rssMiB: number;
}

/** A contestant that could not run, or not to the end. */
export interface Absence {
  readonly name: string;
  readonly reason: string;
}

/** Whoever follows a long run: a terminal's one line, or nobody. */
export type Progress = (line: string) => void;

type Entrant = Running & Pick<Contestant, "name">;
type Sample = LoadResult & Pick<Row, "rssMiB"> & { readonly cpuMicros: number };

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
        const sample = await attempt(what, () => measure(scenario, entrant, settings, signal));
        if (!sample) samples.delete(entrant);
        else if (round > 0) samples.get(entrant)?.push(sample);
      }
    }
    const { name, unit } = scenario;
    scenarios.push({ name, unit, rows: rowsOf(samples, contest.reference) });
  }
  return { name: contest.name, reference: contest.reference, settings, scenarios, absent };
}

/** One run of the load tool; the server's time is read as the load begins and as it ends. */
async function measure(
  scenario: Scenario,
  { process, url }: Entrant,
  { clients, rate, seconds }: Settings,
  signal: AbortSignal,
): Promise<Sample> {
  const order: Order = { url, clients, rate, seconds };
  const tool = new URL(scenario.tool, import.meta.url).pathname;
  const argument = JSON.stringify({ ...order, ...scenario.extra });
  const deadline = AbortSignal.timeout(60_000 + 4_000 * seconds);
  await using load = new Child(
    Deno.execPath(),
    ["run", "--no-prompt", "--allow-net=127.0.0.1", tool, argument],
    { signal: AbortSignal.any([signal, deadline]) },
  );
  await load.line();
  const before = await readUsage(process.pid);
  await load.say("go");
  const result: LoadResult = JSON.parse(await load.line());
  const after = await readUsage(process.pid);
  await load.end();
  const cpuMicros = (after.cpuMs - before.cpuMs) * 1_000 / result.received;
  return { ...result, cpuMicros, rssMiB: after.rssMiB };
}

function rowsOf(samples: ReadonlyMap<Entrant, readonly Sample[]>, reference: string): Row[] {
  const costs = (of: readonly Sample[]) => of.map(({ cpuMicros }) => cpuMicros);
  const divisor = [...samples].find(([{ name }]) => name === reference)?.[1];
  return [...samples].map(([{ name }, of]) => {
    const ratio = divisor && pairedRatio(costs(of), costs(divisor));
    return {
      name,
      sent: of.reduce((sum, { sent }) => sum + sent, 0),
      received: of.reduce((sum, { received }) => sum + received, 0),
      cpuMicros: summarize(costs(of)),
      ...(ratio ? { ratio } : {}),
      delayP50: summarize(of.map(({ p50 }) => p50)).median,
      delayP99: summarize(of.map(({ p99 }) => p99)).median,
      rssMiB: of.at(-1)?.rssMiB ?? NaN,
    };
  });
}
