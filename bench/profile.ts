/** Where a server's time goes while it is loaded: `perf` (Linux) tells by whose code it runs. */
import type { Progress } from "../progress/mod.ts";
import type { Contest } from "./contest.ts";
import { cpuMicrosOf, type Settings } from "./measure.ts";
import { output } from "./process.ts";
import { orHint, temporaryFolder } from "./servers.ts";
import { table } from "./table.ts";

/** Parts of the whole, in percent. `compiled` is what V8 made of our code. */
export interface Shares {
  readonly kernel: number;
  readonly runtime: number;
  readonly compiled: number;
}

/** Reads `perf report --sort dso`: one line for each object file, with its share. */
export function parseShares(report: string): Shares {
  const shares = { kernel: 0, runtime: 0, compiled: 0 };
  for (const [, percent, object = ""] of report.matchAll(/^\s*([\d.]+)%\s+(\S.*)$/gm)) {
    if (object.startsWith("[kernel")) shares.kernel += Number(percent);
    else if (object.startsWith("[JIT]")) shares.compiled += Number(percent);
    else shares.runtime += Number(percent);
  }
  return shares;
}

/** One run of each scenario on each contestant, as a table for people. */
export async function profile(
  contest: Contest,
  settings: Settings,
  progress: Progress,
  signal: AbortSignal,
): Promise<string> {
  const rows: string[][] = [];
  for (const contestant of contest.contestants) {
    await using scope = new AsyncDisposableStack();
    const server = await contestant.start(scope, signal);
    const file = `${await temporaryFolder(scope)}/perf.data`;
    for (const { name, measure } of contest.scenarios) {
      progress(`profile, ${name}: ${contestant.name}`);
      // V8 compiles what is hot in the first run.
      await measure(server, settings, signal);
      const record = ["record", "-q", "-e", "cpu-clock", "-F", "1999", "-o", file];
      const pid = String(server.process.pid);
      const [, sample] = await Promise.all([
        orHint(
          "apt-get install linux-perf",
          () => output("perf", [...record, "-p", pid, "--", "sleep", `${settings.seconds}`]),
        ),
        measure(server, settings, signal),
      ]);
      const report = ["report", "-i", file, "--sort", "dso", "--stdio", "-q"];
      const { kernel, runtime, compiled } = parseShares(await output("perf", report));
      rows.push([
        `${contestant.name}, ${name}`,
        cpuMicrosOf(sample).toFixed(1),
        ...[kernel, runtime, compiled].map((share) => share.toFixed(0)),
      ]);
    }
  }
  const header = [
    contest.name,
    "CPU µs",
    "kernel %",
    "own binary and libraries %",
    "compiled JS %",
  ];
  return table(header, rows);
}
