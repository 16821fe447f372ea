import { History, type Reading, refusalsOf } from "./history.ts";
import type { MetricSources } from "./metrics.ts";

const EVERY_MS = 1_000;
/** A host has a few pages open; more would be a mistake. */
const MOST_LISTENERS = 16;

/**
 * What happens here, told each second to whoever looks, as server-sent events: `history` at first,
 * the last hour in `Columns`, and then one `sample` after the other.
 */
export class Live {
  readonly #history = new History();
  readonly #until: AbortSignal;
  readonly #listeners = new Set<object>();
  #next = Promise.withResolvers<Uint8Array<ArrayBuffer> | undefined>();

  /** It ends, and all that listen, with `until`. */
  constructor(until: AbortSignal) {
    this.#until = until;
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
        const bytes = first ? frame("history", this.#history.columns()) : await this.#next.promise;
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
}

/** Reads every second until `until`. */
export function startLive(sources: MetricSources, until: AbortSignal): Live {
  const live = new Live(until);
  const read = async () => {
    const turn = await sources.turn();
    if (until.aborted) return;
    live.tell({
      at: Date.now(),
      signaling: sources.signaling(),
      turn,
      process: sources.process(),
    });
    setTimeout(read, EVERY_MS);
  };
  setTimeout(read, EVERY_MS);
  return live;
}

/** One event (HTML §9.2.6). */
function frame(event: "history" | "sample", data: object): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}
