/**
 * What a flood from one address does to everybody else: the delay between players with all limits on.
 * The players come by IPv4 and the flood by IPv6: two addresses.
 *
 * A real flood comes from another machine, and takes of the server's nothing but what it makes it do.
 * Here both share the cores, so the server has one to itself, and the flood is `SCHED_IDLE`: the
 * kernel runs it where nothing else wants to run, and whatever wakes takes its place at once. (A nice
 * of 19 leaves it slices of milliseconds, which is what is measured; a network namespace changes
 * nothing about who runs.) What it takes nevertheless shows `elsewhere`, where the same flood goes to
 * another Hearth, which is as idle: what it says and hears, and how often it comes back, is the same.
 * So `flooded` over `elsewhere` is what the flood does by way of the server, and nothing else.
 *
 *     deno task bench:flood [--message signaling|game-data]
 *         [--rounds N] [--seconds S] [--clients N] [--rate N] [--flooders N]
 */
import { parseArgs } from "node:util";
import { progressLine } from "../progress/mod.ts";
import type { FloodOrder } from "./load/flood.ts";
import { type Running, type Sample, withTool } from "./measure.ts";
import { answersHttp, Child, output, ready } from "./process.ts";
import { orHint, startHearth } from "./servers.ts";
import { orderOf, pairedRatio, summarize, withSpread } from "./stats.ts";
import { table } from "./table.ts";

const { values } = parseArgs({
  options: {
    message: { type: "string", default: "signaling" },
    rounds: { type: "string", default: "5" },
    /** Players share an address, which may send 1,600 messages at once and 400 a second. */
    seconds: { type: "string", default: "5" },
    clients: { type: "string", default: "50" },
    rate: { type: "string", default: "500" },
    /** As many as one address may have by default. */
    flooders: { type: "string", default: "64" },
  },
});
const [rounds, seconds, clients, rate, flooders] = [
  values.rounds,
  values.seconds,
  values.clients,
  values.rate,
  values.flooders,
].map(Number) as [number, number, number, number, number];
if (values.message !== "signaling" && values.message !== "game-data") {
  throw new Error("--message is signaling or game-data");
}
const { message } = values;

const PHASES = ["calm", "elsewhere", "flooded"] as const;
type Phase = typeof PHASES[number];

const progress = progressLine();
await using scope = new AsyncDisposableStack();
const { signal } = new AbortController();
const measure = withTool("load/websocket.ts");
const cores = navigator.hardwareConcurrency;
/** The last core is the server's. Whatever this process starts has the others. */
await pin(Deno.pid, `0-${Math.max(cores - 2, 0)}`);
const here = await serve();
await pin(here.process.pid, `${cores - 1}`);
const elsewhere = await serve();
await giveWay(elsewhere.process);

const samples: Record<Phase, Sample[]> = { calm: [], elsewhere: [], flooded: [] };
progress("warm-up");
await run("calm");
for (let round = 0; round < rounds; round++) {
  for (const phase of orderOf(PHASES, round)) {
    progress(`round ${round + 1} of ${rounds}, ${phase}`);
    samples[phase].push(await run(phase));
  }
}
progress("");
console.log(table(
  ["", "p99 ms", "low", "high", "longest", "CPU ms/s"],
  PHASES.map((phase) => [phase, ...figuresOf(samples[phase])]),
));
for (
  const [phase, reference] of [["flooded", "calm"], ["elsewhere", "calm"], [
    "flooded",
    "elsewhere",
  ]] as const
) {
  const ratio = pairedRatio(p99(samples[phase]), p99(samples[reference]));
  console.log(`${phase} × ${reference}: ${ratio ? withSpread(ratio, 2) : "–"}`);
}

async function serve(): Promise<Running & { readonly floodUrl: string }> {
  const env = { HEARTH_LIMITS: "on", HEARTH_HTTP_HOST: "::" };
  const { process, httpPort } = await startHearth(scope, env);
  await ready(process, signal, () => answersHttp(httpPort));
  return {
    process,
    url: `ws://127.0.0.1:${httpPort}/ws`,
    floodUrl: `ws://[::1]:${httpPort}/ws`,
  };
}

async function run(phase: Phase): Promise<Sample> {
  await using flood = new AsyncDisposableStack();
  if (phase !== "calm") {
    const { floodUrl } = phase === "flooded" ? here : elsewhere;
    const order: FloodOrder = { url: floodUrl, clients: flooders, rate: 0, seconds: 0, message };
    const path = new URL("load/flood.ts", import.meta.url).pathname;
    const args = ["run", "--no-prompt", "--allow-net=[::1]", path, JSON.stringify(order)];
    await flood.use(new Child("chrt", ["--idle", "0", Deno.execPath(), ...args])).line();
  }
  const sample = await measure(here, { rounds, seconds, clients, rate }, signal);
  if (sample.received < sample.sent) {
    throw new Error(`Players lost ${sample.sent - sample.received} of ${sample.sent} messages`);
  }
  return sample;
}

async function pin(pid: number, cores: string): Promise<void> {
  const args = ["--all-tasks", "--cpu-list", "--pid", cores, `${pid}`];
  await orHint("apt-get install util-linux", () => output("taskset", args));
}

/** To whatever else wants to run. */
async function giveWay({ pid }: Child): Promise<void> {
  const args = ["--all-tasks", "--idle", "--pid", "0", `${pid}`];
  await orHint("apt-get install util-linux", () => output("chrt", args));
}

function p99(runs: readonly Sample[]): number[] {
  return runs.map(({ delay }) => delay?.p99 ?? NaN);
}

function figuresOf(runs: readonly Sample[]): string[] {
  const { median, low, high } = summarize(p99(runs));
  const longest = Math.max(...runs.map(({ figures }) => figures?.["longest ms"] ?? NaN));
  const cpu = summarize(runs.map(({ cpuMs }) => cpuMs / seconds)).median;
  return [...[median, low, high, longest].map((value) => value.toFixed(1)), cpu.toFixed(0)];
}
