/**
 * How long the program takes until players may come (`/readyz`), from the sources and from the compiled
 * file, in turns; and its resident memory then, and with players. Linux only.
 *
 *     deno task bench:start [--rounds N] [--players N] [--rest SECONDS] [--binary FILE]
 */
import { parseArgs } from "node:util";
import { progressLine } from "../progress/mod.ts";
import type { PlayersOrder } from "./load/players.ts";
import { Child, freePort, readUsage } from "./process.ts";
import { startHearth } from "./servers.ts";
import { orderOf, summarize } from "./stats.ts";
import { table } from "./table.ts";

/** A way to start the server. */
interface Way {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
}

const ROOT = new URL("../", import.meta.url).pathname;
const POLL_MS = 5;
const GIVE_UP_MS = 60_000;
/** Packets a second of one player, as of a game with voice. */
const RATE = 50;
const SECONDS = 5;

/** Milliseconds from its start until `/readyz` is 200. */
async function timeOf({ program, args }: Way): Promise<number> {
  const [httpPort, turnPort] = [freePort(), freePort()];
  const data = await Deno.makeTempDir();
  const began = performance.now();
  const server = new Deno.Command(program, {
    args: [...args],
    cwd: ROOT,
    env: {
      HEARTH_HTTP_PORT: `${httpPort}`,
      HEARTH_TURN_PORT: `${turnPort}`,
      HEARTH_EXTERNAL_IP: "127.0.0.1",
      HEARTH_ROUTER: "off",
      HEARTH_DATA_DIR: data,
    },
    stdout: "null",
    stderr: "null",
  }).spawn();
  let ended: Deno.CommandStatus | undefined;
  const status = server.status.then((status) => ended = status);
  try {
    await untilReady(httpPort, () => {
      if (ended) throw new Error(`${program} ended with ${ended.code} before it was ready`);
    });
    return performance.now() - began;
  } finally {
    // The task passes it on to the server, which a SIGKILL would leave behind.
    if (!ended) server.kill("SIGTERM");
    await status;
    await Deno.remove(data, { recursive: true });
  }
}

/** `checkAlive` throws where there is nothing to wait for. */
async function untilReady(port: number, checkAlive: () => void): Promise<void> {
  const began = performance.now();
  while (performance.now() - began < GIVE_UP_MS) {
    checkAlive();
    try {
      const answer = await fetch(`http://127.0.0.1:${port}/readyz`);
      await answer.body?.cancel();
      if (answer.ok) return;
    } catch {
      // It does not listen yet.
    }
    await pause(POLL_MS);
  }
  throw new Error(`It was not ready within ${GIVE_UP_MS / 1_000} s`);
}

/** What the server itself takes, without the tasks before it. */
interface Use {
  /** Until it was ready, in milliseconds: what a busy machine does not lengthen. */
  readonly cpuMs: number;
  /** Resident memory at rest, and with players, in MiB. */
  readonly alone: number;
  readonly full: number;
}

/** `restMs` is what a server is given to come to rest. */
async function useWith(players: number, restMs: number): Promise<Use> {
  await using scope = new AsyncDisposableStack();
  const { process, httpPort, turnPort } = await startHearth(scope, { HEARTH_ROUTER: "off" });
  await untilReady(httpPort, () => process.mustRun());
  const { cpuMs } = await readUsage(process.pid);
  await pause(restMs);
  const alone = (await readUsage(process.pid)).rssMiB;
  const url = `ws://127.0.0.1:${httpPort}/ws`;
  const order: PlayersOrder = {
    url,
    turnPort,
    clients: players,
    rate: players * RATE,
    seconds: SECONDS,
  };
  const path = new URL("load/players.ts", import.meta.url).pathname;
  const flags = ["run", "--no-prompt", "--unstable-net", "--allow-net=127.0.0.1"];
  const load = scope.use(new Child(Deno.execPath(), [...flags, path, JSON.stringify(order)]));
  await load.line();
  await pause(restMs);
  const full = (await readUsage(process.pid)).rssMiB;
  await load.say("go");
  return { cpuMs, alone, full };
}

/** Bytes, or undefined where there is no such file. */
async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await Deno.stat(path)).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function spread(values: readonly number[], digits: number): string {
  const { median, low, high } = summarize(values);
  return `${median.toFixed(digits)} (${low.toFixed(digits)}–${high.toFixed(digits)})`;
}

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "7" },
    players: { type: "string", default: "100" },
    rest: { type: "string", default: "3" },
    binary: { type: "string", default: `${ROOT}hearth` },
  },
});
const [rounds, players] = [Number(values.rounds), Number(values.players)];
const size = await sizeOf(values.binary);
const ways: Way[] = [
  { name: "deno task start", program: Deno.execPath(), args: ["task", "start"] },
  ...size === undefined
    ? []
    : [{ name: `${values.binary} start`, program: values.binary, args: ["start"] }],
];

const progress = progressLine();
const times = new Map(ways.map(({ name }) => [name, [] as number[]]));
// The first round warms the caches of Deno and of the disk.
for (let round = 0; round <= rounds; round++) {
  for (const way of orderOf(ways, round)) {
    progress(`round ${round} of ${rounds}, ${way.name}`);
    const time = await timeOf(way);
    if (round > 0) times.get(way.name)?.push(time);
  }
}
const uses: Use[] = [];
for (let round = 0; round < Math.min(rounds, 3); round++) {
  progress(`${players} players, ${round + 1} of ${Math.min(rounds, 3)}`);
  uses.push(await useWith(players, Number(values.rest) * 1_000));
}
progress("");

console.log(`${navigator.hardwareConcurrency} cores, Deno ${Deno.version.deno}\n`);
console.log(table(
  ["start until /readyz is 200", "ms, median (quartiles)"],
  [
    ...[...times].map(([name, ms]) => [name, spread(ms, 0)]),
    ["CPU time of the server in that", spread(uses.map(({ cpuMs }) => cpuMs), 0)],
  ],
));
console.log();
console.log(table(
  ["resident memory", "MiB, median (quartiles)"],
  [
    ["at rest", spread(uses.map(({ alone }) => alone), 0)],
    [
      `${players} players, each relayed ${RATE} packets a second`,
      spread(uses.map(({ full }) => full), 0),
    ],
  ],
));
console.log(
  size === undefined
    ? `\nNo compiled program at ${values.binary}: deno task compile makes it.`
    : `\nThe compiled program has ${(size / 2 ** 20).toFixed(0)} MiB.`,
);
Deno.exit(0);
