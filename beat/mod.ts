/** What is done over and over, at the same moments, so that an idle server is seldom woken. */

/** What a beat is timed by; a test gives another. */
export interface Timing {
  /** Milliseconds that never go back. */
  now(): number;
  /** Answers the function that prevents it. */
  after(ms: number, action: () => void): () => void;
}

/** `setTimeout` takes no more, and fires at once for what is longer. */
const LONGEST_MS = 2 ** 31 - 1;

interface Task {
  readonly everyMs: number;
  readonly action: () => void;
  dueAt: number;
}

/**
 * One timer for all that is periodic: what has a period of P milliseconds is done when the clock
 * passes a multiple of P, so that what has the same period, or a multiple of it, is done in one turn
 * of the event loop. Code that has not run for seconds is in no cache, and to be woken costs an idle
 * server far more than what it is woken for.
 */
export class Beat {
  readonly #timing: Timing;
  readonly #tasks = new Set<Task>();
  #armedFor = Infinity;
  #cancel = () => {};

  constructor(timing: Timing) {
    this.#timing = timing;
  }

  /**
   * Does it at each multiple of so many milliseconds, the first time within one period. What a late
   * clock has passed by is done once. Answers the function that ends it.
   */
  every(ms: number, action: () => void): () => void {
    if (!(ms > 0)) throw new RangeError(`A period of ${ms} ms`);
    const everyMs = Math.min(ms, LONGEST_MS);
    const task = { everyMs, action, dueAt: multipleAfter(this.#timing.now(), everyMs) };
    this.#tasks.add(task);
    this.#arm();
    return () => {
      if (this.#tasks.delete(task)) this.#arm();
    };
  }

  #tick(): void {
    this.#armedFor = Infinity;
    const now = this.#timing.now();
    const due = [...this.#tasks].filter(({ dueAt }) => dueAt <= now);
    for (const task of due) task.dueAt = multipleAfter(now, task.everyMs);
    this.#arm();
    for (const task of due) {
      // One before it may have ended it.
      if (this.#tasks.has(task)) attempt(task.action);
    }
  }

  #arm(): void {
    const next = Math.min(...[...this.#tasks].map(({ dueAt }) => dueAt));
    if (next === this.#armedFor) return;
    this.#cancel();
    this.#armedFor = next;
    this.#cancel = next === Infinity
      ? () => {}
      : this.#timing.after(Math.max(Math.ceil(next - this.#timing.now()), 0), () => this.#tick());
  }
}

/** As a timer of its own would have it: an error is nobody's but the program's, and no other's. */
function attempt(action: () => void): void {
  try {
    action();
  } catch (error) {
    reportError(error);
  }
}

function multipleAfter(now: number, period: number): number {
  return (Math.floor(now / period) + 1) * period;
}

/** Does it once, after so many milliseconds. Answers the function that prevents it. */
export function after(ms: number, action: () => void): () => void {
  const timer = setTimeout(action, ms);
  return () => clearTimeout(timer);
}

const beat = new Beat({ now: () => performance.now(), after });

/** `Beat.every` of the one beat that this thread has. */
export function every(ms: number, action: () => void): () => void {
  return beat.every(ms, action);
}
