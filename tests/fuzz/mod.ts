/**
 * The long fuzz of the TURN core: datagrams by the grammar and against it, with a model beside the
 * core that says what must come of each. Then a million sources that do not exist.
 *
 *     deno task fuzz [COUNT]        SEED=… repeats a run
 *
 * A failure is printed as one line of JSON, shortened: put it into `tests/fuzz/cases.json`, where the
 * suite plays it from then on.
 */
import { progressLine } from "../../progress/mod.ts";
import { Failure, type Progress, run, shrink } from "./run.ts";
import { spoof } from "./spoofed.ts";

const DATAGRAMS = 1_000_000;
const SOURCES = 1_000_000;
/** How many sources between two lines of progress. */
const SOURCES_A_LINE = 10_000;

const show = progressLine();

/** Bytes in use after a collection; what `--v8-flags=--expose-gc` is for. */
function heap(): number {
  (globalThis as { gc?: () => void }).gc?.();
  return Deno.memoryUsage().heapUsed;
}

function fuzz(seed: number, datagrams: number): string {
  const began = performance.now();
  let heapEarly = NaN;
  let last: Progress | undefined;
  for (const progress of run(seed, datagrams)) {
    last = progress;
    // The first worlds fill caches and compile code; growth is counted from there.
    if (progress.worlds === 10) heapEarly = heap();
    const rate = Math.round(progress.datagrams / (performance.now() - began) * 1_000);
    show(`${(100 * progress.datagrams / datagrams).toFixed(1)} %, ${rate}/s, ${progress.held}`);
  }
  show("");
  if (!last) return "Nothing was asked for";
  const seconds = (performance.now() - began) / 1_000;
  const outcomes = [...last.outcomes].sort(([, one], [, other]) => other - one)
    .map(([outcome, count]) => `${outcome} ${count}`).join(", ");
  return [
    `${last.datagrams} datagrams in ${seconds.toFixed(0)} s ` +
    `(${Math.round(last.datagrams / seconds)}/s), SEED=${seed}: nothing unexpected`,
    `  what came of them: ${outcomes}`,
    `  ${last.worlds} servers, each empty at its end; heap since the tenth: ` +
    (Number.isNaN(heapEarly) ? "not measured" : kib(heap() - heapEarly)),
  ].join("\n");
}

function spoofed(seed: number): string {
  const { bytesIn, bytesOut, answers, ...grown } = spoof(SOURCES, seed, heap, (source) => {
    if (source % SOURCES_A_LINE === 0) show(`${source} of ${SOURCES} spoofed sources`);
  });
  show("");
  return [
    `${SOURCES} spoofed sources: ${answers} answers, ` +
    `${(bytesOut / bytesIn).toFixed(2)} bytes out for each byte in`,
    `  table entries: ${grown.entriesBefore} before, ${grown.entriesAfter} after; heap: ` +
    kib(grown.heapGrowth),
  ].join("\n");
}

function kib(bytes: number): string {
  return `${bytes < 0 ? "−" : "+"}${Math.round(Math.abs(bytes) / 1_024)} KiB`;
}

const datagrams = Number(Deno.args[0] ?? DATAGRAMS);
const seed = Number(Deno.env.get("SEED") ?? Math.floor(Math.random() * 2 ** 32));
if (!Number.isSafeInteger(datagrams) || datagrams < 0 || !Number.isSafeInteger(seed)) {
  console.error("COUNT and SEED are whole numbers: deno task fuzz 1000000");
  Deno.exit(2);
}
console.log(`Fuzzing the TURN core: ${datagrams} datagrams, SEED=${seed}`);
try {
  console.log(fuzz(seed, datagrams));
  console.log(spoofed(seed));
} catch (error) {
  show("");
  if (!(error instanceof Failure)) throw error;
  console.error(`Failed: ${error.message}\n${(error.cause as Error).stack}`);
  console.error("Shortening it …");
  console.error(JSON.stringify(shrink(error.found, (left) => show(`${left} steps`))));
  Deno.exit(1);
}
