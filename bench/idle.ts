/**
 * Memory of connections that are joined and idle, beside what a bare Deno WebSocket takes: each
 * server started anew in each round, in turn. They rest until all have been pinged and V8 has
 * collected what their coming left: what is held before depends on when it last did. Both ends of a
 * connection need a descriptor each in their process (`ulimit -n`).
 *
 *     deno task bench:idle [--rounds N] [--clients N] [--rest SECONDS]
 */
import { parseArgs } from "node:util";
import { progressLine } from "../progress/mod.ts";
import { Child, readUsage } from "./process.ts";
import { floor, hearth, likeFloor } from "./signaling.ts";
import { orderOf, summarize } from "./stats.ts";
import { table } from "./table.ts";
import type { Contestant } from "./contest.ts";
import type { Order } from "./load/run.ts";

/**
 * KiB of resident memory for each connection past the first few. `restMs` is what a server is given
 * to come to rest after the last has joined.
 */
async function memoryOf(contestant: Contestant, clients: number, restMs: number): Promise<number> {
  await using scope = new AsyncDisposableStack();
  const { process, url } = await contestant.start(scope, new AbortController().signal);
  const order: Order = { url, clients, rate: 0, seconds: 0 };
  const path = new URL("load/idle.ts", import.meta.url).pathname;
  const args = ["run", "--no-prompt", "--allow-net=127.0.0.1", path, JSON.stringify(order)];
  const load = scope.use(new Child(Deno.execPath(), args));
  const held = async () => {
    const count = Number((await load.line()).split(" ")[1]);
    await new Promise((resolve) => setTimeout(resolve, restMs));
    return { count, rssMiB: (await readUsage(process.pid)).rssMiB };
  };
  const first = await held();
  await load.say("go on");
  const all = await held();
  return 1_024 * (all.rssMiB - first.rssMiB) / (all.count - first.count);
}

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    clients: { type: "string", default: "10000" },
    rest: { type: "string", default: "35" },
  },
});
const progress = progressLine();
const contestants = [hearth, floor, likeFloor];
const restMs = Number(values.rest) * 1_000;
const samples = new Map(contestants.map(({ name }) => [name, [] as number[]]));
for (let round = 0; round < Number(values.rounds); round++) {
  for (const contestant of orderOf(contestants, round)) {
    progress(`round ${round + 1} of ${values.rounds}, ${contestant.name}`);
    samples.get(contestant.name)?.push(await memoryOf(contestant, Number(values.clients), restMs));
  }
}
progress("");
console.log(table(
  [`${values.clients} idle connections`, "KiB each", "low", "high"],
  [...samples].map(([name, kib]) => {
    const { median, low, high } = summarize(kib);
    return [name, ...[median, low, high].map((value) => value.toFixed(1))];
  }),
));
Deno.exit(0);
