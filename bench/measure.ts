/** One run of a load on one server, with what it cost the server. */
import { type LoadResult, LONG_MS } from "./load/meter.ts";
import type { Order } from "./load/run.ts";
import { PASSWORD, USERNAME } from "./load/turn_client.ts";
import { Child, cpuMsBetween, output, readUsage } from "./process.ts";
import { orHint } from "./servers.ts";

export interface Running {
  readonly process: Child;
  /** Where the load goes. */
  readonly url: string;
}

export interface Settings {
  /** Measured rounds: one more comes first and is thrown away. */
  readonly rounds: number;
  readonly seconds: number;
  readonly clients: number;
  /** Messages a second, of all clients together. */
  readonly rate: number;
}

export interface Sample {
  readonly sent: number;
  readonly received: number;
  /** CPU time of the server during the run. */
  readonly cpuMs: number;
  /** Resident memory of the server after it. */
  readonly rssMiB: number;
  /** From sending to receiving, in milliseconds, where the load tool can tell. */
  readonly delay?: { readonly p50: number; readonly p99: number };
  /** What else a measure tells, by a name with its unit. */
  readonly figures?: Readonly<Record<string, number>>;
}

/** CPU time of the server for each message received, in microseconds. */
export function cpuMicrosOf({ cpuMs, received }: Sample): number {
  return cpuMs * 1_000 / received;
}

export type Measure = (
  server: Running,
  settings: Settings,
  signal: AbortSignal,
) => Promise<Sample>;

/** With a load tool of ours, a script in this folder that is told the order. */
export function withTool(script: string): Measure {
  const path = new URL(script, import.meta.url).pathname;
  return async ({ process, url }, { clients, rate, seconds }, signal) => {
    const order: Order = { url, clients, rate, seconds };
    await using load = new Child(
      Deno.execPath(),
      ["run", "--no-prompt", "--allow-net=127.0.0.1", path, JSON.stringify(order)],
      { signal: AbortSignal.any([signal, deadline(seconds)]) },
    );
    const { sample } = await loadBy(load, process);
    return sample;
  };
}

/**
 * Lets a load tool that is warming up begin, and waits until it has ended. The server's time is read
 * as the load begins and as it ends, so joining or allocating is not part of it.
 */
export async function loadBy<Result extends LoadResult>(tool: Child, server: Child) {
  await tool.line();
  const before = await readUsage(server.pid);
  await tool.say("go");
  const result: Result = JSON.parse(await tool.line());
  const after = await readUsage(server.pid);
  await tool.end();
  const { sent, received, p50, p99, longest, long } = result;
  const figures = { "longest ms": longest, [`‰ over ${LONG_MS} ms`]: 1_000 * long / received };
  const cpuMs = cpuMsBetween(before, after);
  const sample: Sample = {
    sent,
    received,
    cpuMs,
    rssMiB: after.rssMiB,
    delay: { p50, p99 },
    figures,
  };
  return { result, sample };
}

/** What servers take before anybody has come: kept from the first run on each. */
const emptyKiB = new WeakMap<Child, number>();

/** Until V8 has collected what allocating left behind, which it puts off by some 25 s. */
const SETTLING_SECONDS = 40;

/** Allocations that carry nothing: what each holds in memory, and what all cost while idle. */
export const whileHolding: Measure = async ({ process, url }, { clients, seconds }, signal) => {
  const empty = emptyKiB.get(process) ?? (await readUsage(process.pid)).rssMiB * 1_024;
  emptyKiB.set(process, empty);
  const path = new URL("load/hold.ts", import.meta.url).pathname;
  await using load = new Child(
    Deno.execPath(),
    [
      "run",
      "--no-prompt",
      "--allow-net=127.0.0.1,127.0.0.2",
      path,
      JSON.stringify({ url, clients }),
    ],
    { signal: AbortSignal.any([signal, deadline(SETTLING_SECONDS + seconds + clients / 20)]) },
  );
  const held = Number(await load.line());
  await sleep(SETTLING_SECONDS, signal);
  const before = await readUsage(process.pid);
  await sleep(seconds, signal);
  const after = await readUsage(process.pid);
  await load.say("release");
  await load.end();
  const cpuMs = cpuMsBetween(before, after);
  const figures = {
    "KiB/allocation": (after.rssMiB * 1_024 - empty) / held,
    "idle CPU %": cpuMs / (seconds * 10),
  };
  return { sent: clients, received: held, cpuMs, rssMiB: after.rssMiB, figures };
};

function sleep(seconds: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, seconds * 1_000);
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    reject(signal.reason);
  }, { once: true });
  return promise;
}

/**
 * With coturn's own `turnutils_uclient`, clients to each other: a check of our load tool by one that
 * nobody here wrote. It cannot be stopped before the load, so its allocating is part of the cost.
 */
export const withUclient: Measure = async ({ process, url }, settings, signal) => {
  const { clients, rate, seconds } = settings;
  const each = Math.max(1, Math.round(rate * seconds / clients));
  const interval = Math.max(1, Math.round(1_000 * clients / rate));
  const args = [
    ...["-y", "-c", "-u", USERNAME, "-w", PASSWORD, "-L", "127.0.0.1", "-l", "160"],
    ...["-m", `${clients}`, "-n", `${each}`, "-z", `${interval}`],
    ...["-p", url.replace(/^.*:/, ""), "127.0.0.1"],
  ];
  const before = await readUsage(process.pid);
  const printed = await orHint(
    "apt-get install coturn",
    () =>
      output("turnutils_uclient", args, { signal: AbortSignal.any([signal, deadline(seconds)]) }),
  );
  const after = await readUsage(process.pid);
  const { sent, received } = parseUclient(printed);
  return { sent, received, cpuMs: cpuMsBetween(before, after), rssMiB: after.rssMiB };
};

/** The totals at the end of what `turnutils_uclient` prints. */
export function parseUclient(printed: string): Pick<Sample, "sent" | "received"> {
  const totals = [...printed.matchAll(/tot_send_msgs=(\d+), tot_recv_msgs=(\d+)/g)].at(-1);
  const [sent, received] = [Number(totals?.[1]), Number(totals?.[2])];
  if (sent > 0 && received > 0) return { sent, received };
  throw new Error(`turnutils_uclient received nothing: ${printed.trim().split("\n").at(-1)}`);
}

/** Far beyond what a run can take, so that one that hangs ends. */
export function deadline(seconds: number): AbortSignal {
  return AbortSignal.timeout(60_000 + 4_000 * seconds);
}
