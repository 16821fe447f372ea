/** How a load tool runs: warm up, say `ready`, wait for `go`, load, answer with one line of JSON. */
import { Meter } from "./meter.ts";

/** What a load tool is asked to do: its one argument, as JSON. */
export interface Order {
  readonly url: string;
  readonly clients: number;
  /** Messages a second of all clients together. */
  readonly rate: number;
  readonly seconds: number;
}

/** At most this many go out at one turn of the loop, or a late timer would overrun socket buffers. */
const BURST = 64;

/** What is still under way this long after the last was sent is lost. */
const STRAGGLERS_MS = 1_000;

/**
 * Carries out the order, after a warm-up of at most 1 s. `begin` is called for each of the two with
 * the meter its arrivals count in, and answers how message `number` is sent. The tool marks what it
 * sends as of this run, so that nothing of the warm-up counts later.
 */
export async function runLoad(
  order: Order,
  begin: (meter: Meter) => (number: number) => void,
): Promise<void> {
  const load = async (seconds: number) => {
    const meter = new Meter(Math.max(1, Math.round(order.rate * seconds)));
    await pace(meter.total, order.rate, begin(meter));
    for (let waited = 0; waited < STRAGGLERS_MS && !meter.complete; waited += 10) await pause(10);
    return meter.result();
  };
  await load(Math.min(1, order.seconds));
  console.log("ready");
  const { value } = await Deno.stdin.readable.getReader().read();
  if (!value) return;
  console.log(JSON.stringify(await load(order.seconds)));
}

/** Sends number 0 to `total - 1`, `rate` a second; slower when it cannot keep up, never in a lump. */
async function pace(
  total: number,
  rate: number,
  send: (number: number) => void,
): Promise<void> {
  const start = performance.now();
  for (let sent = 0; sent < total;) {
    const due = Math.ceil((performance.now() - start) / 1_000 * rate);
    for (const end = Math.min(total, due, sent + BURST); sent < end; sent++) send(sent);
    await pause(1);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
