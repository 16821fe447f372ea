/** The load of the relay comparison: allocations made here, datagrams by `load/datagrams.c`. */
import type { LoadResult } from "./load/meter.ts";
import type { Address } from "./load/stun.ts";
import { listen, TurnClient } from "./load/turn_client.ts";
import { cpuMicrosOf, deadline, loadBy, type Measure, type Running } from "./measure.ts";
import { Child } from "./process.ts";
import { buildC } from "./servers.ts";

/**
 * `echo`: client → server → echo peer → server → client. `pair`: client → server → client, both with
 * an allocation on it.
 */
export type Way = "echo" | "pair";

/** `rate` packets a second. */
export function datagrams(way: Way): Measure {
  return async (server, { clients, rate, seconds }, signal) => {
    const { sample } = await load(server, { way, clients, rate, seconds }, signal);
    return sample;
  };
}

/** How long a server is given as much as comes back, in seconds, to see what it carries. */
const FULL_SECONDS = 2;

/** What it carries a second where each packet that comes back sends the next; then half of that. */
export function datagramsAtHalfCapacity(way: Way): Measure {
  return async (server, { clients, seconds }, signal) => {
    const full = await load(server, { way, clients, rate: "full", seconds: FULL_SECONDS }, signal);
    const rate = Math.round(full.perSecond / 2);
    const { sample } = await load(server, { way, clients, rate, seconds }, signal);
    const figures = {
      "capacity/s": full.perSecond,
      "CPU µs at capacity": cpuMicrosOf(full.sample),
    };
    return { ...sample, figures: { ...sample.figures, ...figures } };
  };
}

interface Load {
  readonly way: Way;
  readonly clients: number;
  readonly rate: number | "full";
  readonly seconds: number;
}

interface FullResult extends LoadResult {
  /** How many came back in a second. */
  readonly perSecond: number;
}

async function load(
  { process, url }: Running,
  { way, clients: count, rate, seconds }: Load,
  signal: AbortSignal,
) {
  await using scope = new AsyncDisposableStack();
  const program = await buildC("load/datagrams.c", scope, signal);
  const { hostname, port } = new URL(url.replace("turn:", "http://"));
  const { clients, ports } = await allocate({ hostname, port: Number(port) }, count, way);
  await using tool = new Child(
    program,
    [port, rate === "full" ? 0 : rate, seconds, ...ports].map(String),
    { signal: AbortSignal.any([signal, deadline(seconds)]) },
  );
  const { sample, result } = await loadBy<FullResult>(tool, process);
  if (sample.received === 0) throw new Error(`Nothing came back of ${sample.sent} sent`);
  for (const client of clients) await client.release();
  return { sample, perSecond: result.perSecond };
}

/** Clients with a channel each, and the ports that the load tool takes over: a client's, its peer's. */
async function allocate(server: Address, count: number, way: Way) {
  const clients: TurnClient[] = [];
  const relayed: Address[] = [];
  for (let index = 0; index < count; index++) {
    const allocation = await TurnClient.allocate(server);
    clients.push(allocation.client);
    relayed.push(allocation.relayed);
  }
  // Held until all are there, so that none is given twice.
  const echoes = way === "echo" ? clients.map(() => listen("127.0.0.1")) : [];
  const ports: number[] = [];
  for (const [index, client] of clients.entries()) {
    const echo = echoes[index]?.addr as Deno.NetAddr | undefined;
    // Of two neighbours each is the other's peer.
    const peer = echo ?? relayed[index ^ 1];
    if (!peer) throw new RangeError("Clients come in pairs");
    await client.bind(peer);
    ports.push(client.lendPort(), echo?.port ?? 0);
  }
  for (const echo of echoes) echo.close();
  return { clients, ports };
}
