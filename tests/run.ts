/**
 * Runs the whole suite and closes with one plain line, `N passed, N failed, N skipped`. It first
 * names each tool this machine lacks, what goes untested without it, and how to get it.
 *
 *     deno task test [FILTER-OR-FLAGS…]
 */
import { LIBRARIES } from "../turn/io/fast/libraries.ts";
import { allTools } from "./support/needs.ts";

/** Tests start the server, browsers and coturn's tools, so they may do what those need, by name. */
const PERMISSIONS = [
  "--allow-net",
  "--allow-read",
  "--allow-write",
  "--allow-env",
  "--allow-sys",
  "--allow-run",
  `--allow-ffi=${LIBRARIES}`,
];

const missing = allTools().filter((tool) => !tool.present);
for (const tool of missing) {
  console.log(`Skipping ${tool.covers}: ${tool.name} is not here. To get it: ${tool.get}`);
}

/** End to end, most of the time is spent waiting: so that goes beside all else. */
const LANES = [["--ignore=tests/e2e"], ["tests/e2e"]];

interface Lane {
  /** Kept until it is asked for. */
  readonly output: ReadableStream<string>;
  readonly status: Promise<Deno.CommandStatus>;
}

function start(args: readonly string[]): Lane {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["test", "--frozen", "--no-prompt", ...PERMISSIONS, ...args],
    env: { NO_COLOR: "1" },
    stdout: "piped",
  }).spawn();
  const output = child.stdout.pipeThrough(new TextDecoderStream())
    .pipeThrough(new TransformStream<string, string>({}, {}, { highWaterMark: Infinity }));
  return { output, status: child.status };
}

interface Outcome {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Prints what it says, as it says it, and counts. */
async function follow({ output, status }: Lane): Promise<Outcome> {
  let tail = "";
  for await (const text of output) {
    await Deno.stdout.write(new TextEncoder().encode(text));
    tail = (tail + text).slice(-4_000);
  }
  const { success } = await status;
  const summary = tail.match(/(\d+) passed.*?\| (\d+) failed(?:.*?\| (\d+) ignored)?/);
  const [passed = 0, failed = 0, skipped = 0] = [1, 2, 3].map((i) => Number(summary?.[i] ?? 0));
  // A suite that did not even start (a type error, say), or ran nothing, has failed.
  const isHonest = success && passed > 0;
  return { passed, failed: isHonest ? failed : Math.max(failed, 1), skipped };
}

const lanes = (Deno.args.length > 0 ? [Deno.args] : LANES).map(start);
const outcomes: Outcome[] = [];
for (const lane of lanes) outcomes.push(await follow(lane));
const sum = (count: keyof Outcome) =>
  outcomes.reduce((total, outcome) => total + outcome[count], 0);
console.log(`\n${sum("passed")} passed, ${sum("failed")} failed, ${sum("skipped")} skipped`);
Deno.exit(sum("failed") === 0 ? 0 : 1);
