import { after, every } from "../beat/mod.ts";
import { History, type Reading, refusalsOf } from "./history.ts";
import type { MetricSources } from "./metrics.ts";

const EVERY_MS = 1_000;
/** While nobody looks: each reading wakes the program and the relay. */
const UNSEEN_MS = 15_000;
/** A host has a few pages open; more would be a mistake. */
const MOST_LISTENERS = 16;

/**
 * What happens here, told to whoever looks, as server-sent events: `history` at first, the last hour
 * in `Columns`, and then one `sample` after the other.
 */
export class Live {
  readonly #history = new History();
  readonly #until: AbortSignal;
  readonly #onWish: () => void;
  readonly #listeners = new Set<object>();
  #next = Promise.withResolvers<Uint8Array<ArrayBuffer> | undefined>();

  /** It ends, and all that listen, with `until`. `onWish`: somebody waits for the next sample. */
  constructor(until: AbortSignal, onWish: () => void = () => {}) {
    this.#until = until;
    this.#onWish = onWish;
    until.addEventListener("abort", () => this.#next.resolve(undefined), { once: true });
  }

  tell(reading: Reading): void {
    const now = this.#history.add(reading);
    const { resolve } = this.#next;
    this.#next = Promise.withResolvers();
    resolve(frame("sample", { now, refusals: refusalsOf(reading) }));
  }

  /**
   * The events; undefined where too many listen. `holds` is asked before each whether who listens
   * may still. A reader that is slow misses samples: nothing waits for it here.
   */
  listen(holds: () => Promise<boolean>): ReadableStream<Uint8Array<ArrayBuffer>> | undefined {
    if (this.#until.aborted || this.#listeners.size >= MOST_LISTENERS) return undefined;
    const listener = {};
    this.#listeners.add(listener);
    let first = true;
    return new ReadableStream({
      pull: async (controller) => {
        const bytes = first ? frame("history", this.#history.columns()) : await this.#sample();
        first = false;
        const goesOn = bytes !== undefined && !this.#until.aborted && await holds();
        if (!this.#listeners.has(listener)) return;
        if (goesOn) return controller.enqueue(bytes);
        this.#listeners.delete(listener);
        controller.close();
      },
      cancel: () => void this.#listeners.delete(listener),
    }, { highWaterMark: 0 });
  }

  #sample(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    this.#onWish();
    return this.#next.promise;
  }
}

/** What readings are timed by, in milliseconds; a test gives another. */
export interface Timing {
  now(): number;
  /** Both answer the function that ends it. */
  after(ms: number, action: () => void): () => void;
  every(ms: number, action: () => void): () => void;
}

const REAL: Timing = {
  now: () => performance.now(),
  after,
  every,
};

/** Reads every second while somebody waits for it, and seldom otherwise, until `until`. */
export function startLive(
  sources: MetricSources,
  until: AbortSignal,
  { now, after, every }: Timing = REAL,
): Live {
  let last = now();
  let isReading = false;
  let cancel = () => {};
  const wait = (): void => {
    if (isReading || until.aborted) return;
    cancel();
    cancel = after(Math.max(last + EVERY_MS - now(), 0), read);
  };
  const live = new Live(until, wait);
  const read = async () => {
    cancel();
    isReading = true;
    const turn = await sources.turn();
    [isReading, last] = [false, now()];
    if (until.aborted) return;
    live.tell({
      at: Date.now(),
      signaling: sources.signaling(),
      turn,
      process: sources.process(),
    });
  };
  void read();
  const stop = every(UNSEEN_MS, () => {
    if (!isReading && now() - last >= EVERY_MS) void read();
  });
  until.addEventListener("abort", stop, { once: true });
  return live;
}

/** One event (HTML §9.2.6). */
function frame(event: "history" | "sample", data: object): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}
