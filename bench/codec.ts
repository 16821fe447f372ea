/**
 * Wire formats of STUN and TURN, on one core of this process: `deno task bench codec` starts it. Told
 * the number of rounds; prints JSON with `--json`.
 */
import { cpuUsage } from "node:process";
import { CODECS, WORKS } from "./codecs.ts";
import { orderOf, pairedRatio, summarize, type Summary } from "./stats.ts";
import { table } from "./table.ts";

export interface CodecReport {
  readonly name: "codec";
  readonly rounds: number;
  readonly rows: readonly Row[];
}

interface Row {
  readonly work: string;
  readonly name: string;
  readonly perSecond: Summary;
  /** Of the CPU time to the first codec's in the same round. */
  readonly ratio: Summary;
}

/** Of CPU time, for one codec in one round. */
const ROUND_MICROS = 200_000;
/** Done between two looks at the clock. */
const BATCH = 500;

/** CPU time of one operation, in microseconds. */
function costOf(once: () => unknown): number {
  const begin = cpuUsage();
  for (let done = BATCH;; done += BATCH) {
    for (let i = 0; i < BATCH; i++) once();
    const { user, system } = cpuUsage(begin);
    if (user + system >= ROUND_MICROS) return (user + system) / done;
  }
}

function measure({ name: work, of }: typeof WORKS[number], rounds: number): Row[] {
  const entrants = CODECS.flatMap((codec) => {
    const once = of(codec);
    return once ? [{ codec, once, costs: [] as number[] }] : [];
  });
  for (let round = 0; round <= rounds; round++) {
    for (const { once, costs } of orderOf(entrants, round)) {
      const cost = costOf(once);
      if (round > 0) costs.push(cost);
    }
  }
  const reference = entrants[0]?.costs ?? [];
  return entrants.flatMap(({ codec, costs }) => {
    const ratio = pairedRatio(costs, reference);
    const perSecond = summarize(costs.map((cost) => 1_000_000 / cost));
    return ratio ? [{ work, name: codec.name, perSecond, ratio }] : [];
  });
}

function cellsOf({ name, perSecond, ratio }: Row): string[] {
  const thousands = (value: number) => Math.round(value / 1_000).toString();
  const { median, low, high } = perSecond;
  return [
    name,
    `${thousands(median)} [${thousands(low)}–${thousands(high)}]`,
    `${ratio.median.toFixed(1)} [${ratio.low.toFixed(1)}–${ratio.high.toFixed(1)}]`,
  ];
}

function textOf({ rounds, rows }: CodecReport): string {
  const intro =
    `codec: ${rounds} rounds of ${
      ROUND_MICROS / 1_000
    } ms of CPU time each, after one thrown away ` +
    `(Deno ${Deno.version.deno}); medians, with the quartiles of the rounds in brackets.`;
  const tables = WORKS.map(({ name }) => {
    const header = [name, "thousands/s", `CPU × ${CODECS[0]?.name}`];
    return table(header, rows.filter(({ work }) => work === name).map(cellsOf));
  });
  return [intro, ...tables].join("\n\n");
}

if (import.meta.main) {
  const rounds = Number(Deno.args[0]);
  const rows = WORKS.flatMap((work) => measure(work, rounds));
  const report: CodecReport = { name: "codec", rounds, rows };
  console.log(Deno.args.includes("--json") ? JSON.stringify(report) : textOf(report));
}
