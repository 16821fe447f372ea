/**
 * Comparisons with other servers: on one machine, in one run, in turn, as ratios.
 *
 *     deno task bench [relay|relay-floor|relay-delay|relay-capacity|relay-held|signaling|uclient|codec…] [--rounds N] [--seconds S] [--clients N] [--rate N] [--json] [--write] [--profile]
 */
import { parseArgs } from "node:util";
import type { CodecReport } from "./codec.ts";
import { progressLine } from "../progress/mod.ts";
import { type Contest, hold, type Report } from "./contest.ts";
import type { Settings } from "./measure.ts";
import { output } from "./process.ts";
import { capacity, delay, floor, held, relay, uclient } from "./relay.ts";
import { signaling } from "./signaling.ts";
import { plotOf } from "./plot.ts";
import { profile } from "./profile.ts";
import { markdownOf, textOf } from "./report.ts";

const CONTESTS: readonly Contest[] = [relay, signaling, uclient, floor, delay, capacity, held];
/** No servers are compared here, but wire formats, in a process of their own. */
const CODEC = "codec";

interface Request {
  readonly contests: readonly Contest[];
  /** Whether wire formats are compared as well. */
  readonly codec: boolean;
  readonly rounds: number;
  readonly json: boolean;
  /** Whether a page and a plot of each comparison go to `docs/bench/`. */
  readonly write: boolean;
  /** Where the time goes, in place of the comparison. */
  readonly profile: boolean;
  settings(contest: Contest): Settings;
}

/** Reads the command line; throws a message for a person where it makes no sense. */
export function parse(args: readonly string[]): Request {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      rounds: { type: "string", default: "6" },
      seconds: { type: "string" },
      clients: { type: "string" },
      rate: { type: "string" },
      json: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
      profile: { type: "boolean", default: false },
    },
  });
  const contests = positionals.filter((name) => name !== CODEC).map((name) => {
    const contest = CONTESTS.find((contest) => contest.name === name);
    if (contest) return contest;
    const known = [...CONTESTS.map(({ name }) => name), CODEC].join(", ");
    throw new Error(`There is no comparison "${name}"; there are ${known}`);
  });
  const rounds = within("--rounds", values.rounds, 1, 1_000);
  if (!Number.isInteger(rounds)) throw new Error(`--rounds must be whole, not ${rounds}`);
  // Permissions end after 300 s and no load tool renews them (RFC 8656 §9).
  const seconds = values.seconds === undefined
    ? undefined
    : within("--seconds", values.seconds, 0.1, 240);
  const clients = values.clients === undefined
    ? undefined
    : within("--clients", values.clients, 2, 12_000);
  if (clients !== undefined && clients % 2 !== 0) {
    throw new Error(`--clients must be even, since they come in pairs, not ${clients}`);
  }
  const rate = values.rate === undefined ? undefined : within("--rate", values.rate, 1, 100_000);
  const paced = contests.find(({ pace }) => pace);
  if (rate !== undefined && paced) {
    throw new Error(`--rate says nothing to ${paced.name}: there it is ${paced.pace}`);
  }
  return {
    contests: positionals.length > 0 ? contests : CONTESTS.filter(({ onlyByName }) => !onlyByName),
    codec: positionals.length === 0 || positionals.includes(CODEC),
    rounds,
    json: values.json,
    write: values.write,
    profile: values.profile,
    settings: ({ defaults }) => ({
      rounds,
      seconds: seconds ?? defaults.seconds ?? 5,
      clients: clients ?? defaults.clients,
      rate: rate ?? defaults.rate,
    }),
  };
}

function within(option: string, text: string, least: number, most: number): number {
  const value = text.trim() === "" ? NaN : Number(text);
  if (value >= least && value <= most) return value;
  throw new Error(`${option} must be a number from ${least} to ${most}, not "${text}"`);
}

/** What the comparison of wire formats printed; its packages read the environment as they load. */
async function codecReport({ rounds, json }: Request, signal: AbortSignal): Promise<string> {
  const script = new URL("codec.ts", import.meta.url).pathname;
  const args = [script, `${rounds}`, ...json ? ["--json"] : []];
  const how = ["run", "--no-prompt", "--frozen", "--allow-env"];
  return await output(Deno.execPath(), [...how, ...args], { signal });
}

async function main(): Promise<number> {
  let request;
  try {
    request = parse(Deno.args);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 2;
  }
  const interrupt = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(name, () => interrupt.abort());
  }
  const progress = progressLine();
  try {
    const reports: (Report | CodecReport)[] = [];
    for (const contest of request.contests) {
      const settings = request.settings(contest);
      if (request.profile) {
        const found = await profile(contest, settings, progress, interrupt.signal);
        progress("");
        console.log(found + "\n");
        continue;
      }
      const report = await hold(contest, settings, progress, interrupt.signal);
      progress("");
      reports.push(report);
      if (request.write) {
        Deno.mkdirSync("docs/bench", { recursive: true });
        Deno.writeTextFileSync(`docs/bench/${report.name}.md`, markdownOf(report));
        Deno.writeTextFileSync(`docs/bench/${report.name}.svg`, plotOf(report));
      }
      if (!request.json) console.log(textOf(report) + "\n");
    }
    if (request.codec) {
      progress(CODEC);
      const printed = await codecReport(request, interrupt.signal);
      progress("");
      if (request.json) reports.push(JSON.parse(printed));
      else console.log(printed);
    }
    if (request.json) console.log(JSON.stringify(reports, undefined, 2));
    return 0;
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    progress("");
    console.error("Stopped.");
    return 130;
  }
}

if (import.meta.main) Deno.exit(await main());
