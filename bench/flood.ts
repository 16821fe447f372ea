/**
 * What a flood from one address does to everybody else: the delay between players with and without
 * it, in turn, with all limits on. The players come by IPv4 and the flood by IPv6: two addresses.
 *
 *     deno task bench:flood [--rounds N] [--seconds S] [--clients N] [--rate N] [--flooders N]
 */
import { parseArgs } from "node:util";
import { progressLine } from "../progress/mod.ts";
import type { Order } from "./load/run.ts";
import { withTool } from "./measure.ts";
import { answersHttp, Child, ready } from "./process.ts";
import { startHearth } from "./servers.ts";
import { pairedRatio, summarize } from "./stats.ts";
import { table } from "./table.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
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

const progress = progressLine();
await using scope = new AsyncDisposableStack();
const { signal } = new AbortController();
const { process, httpPort } = await startHearth(scope, {
  HEARTH_LIMITS: "on",
  HEARTH_HTTP_HOST: "::",
});
await ready(process, signal, () => answersHttp(httpPort));
const server = { process, url: `ws://127.0.0.1:${httpPort}/ws` };
const measure = withTool("load/websocket.ts");
const settings = { rounds, seconds, clients, rate };

async function delay(flooded: boolean): Promise<number> {
  await using flood = new AsyncDisposableStack();
  if (flooded) {
    const url = `ws://[::1]:${httpPort}/ws`;
    const order: Order = { url, clients: flooders, rate: 0, seconds: 0 };
    const path = new URL("load/flood.ts", import.meta.url).pathname;
    const args = ["run", "--no-prompt", "--allow-net=[::1]", path, JSON.stringify(order)];
    // A real one comes from another machine: it takes no processor time from server and players.
    await flood.use(new Child("nice", ["-n", "19", Deno.execPath(), ...args])).line();
  }
  const sample = await measure(server, settings, signal);
  return sample.delay?.p99 ?? NaN;
}

const [calm, flooded]: [number[], number[]] = [[], []];
progress("warm-up");
await delay(false);
for (let round = 0; round < rounds; round++) {
  const order = round % 2 === 0 ? [false, true] : [true, false];
  for (const under of order) {
    progress(`round ${round + 1} of ${rounds}, ${under ? "flooded" : "calm"}`);
    (under ? flooded : calm).push(await delay(under));
  }
}
progress("");
const ratio = pairedRatio(flooded, calm);
console.log(table(["p99 between players", "ms", "low", "high"], [
  row("calm", calm),
  row(`flooded by ${flooders} connections`, flooded),
]));
console.log(
  `× calm: ${ratio?.median.toFixed(2)} [${ratio?.low.toFixed(2)}–${ratio?.high.toFixed(2)}]`,
);

function row(name: string, sample: readonly number[]): string[] {
  const { median, low, high } = summarize(sample);
  return [name, ...[median, low, high].map((value) => value.toFixed(1))];
}
