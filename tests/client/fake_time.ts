/** A clock that only a test moves. */
import { setImmediate } from "node:timers";

interface Timer {
  at: number;
  readonly every: number | undefined;
  readonly action: () => void;
}

export class FakeTime {
  now = 0;
  /** Called when time has passed, before the timers of that moment. */
  onPass: () => void = () => {};
  readonly #timers = new Set<Timer>();

  after(ms: number, action: () => void): () => void {
    return this.#add({ at: this.now + ms, every: undefined, action });
  }

  every(ms: number, action: () => void): () => void {
    return this.#add({ at: this.now + ms, every: ms, action });
  }

  /** How many timers run, of those that run once. */
  get waiting(): number {
    return [...this.#timers].filter(({ every }) => every === undefined).length;
  }

  /** Lets time pass, and everything happen that is due. */
  async pass(ms: number): Promise<void> {
    const end = this.now + ms;
    for (;;) {
      await settled();
      const [next] = [...this.#timers].sort((a, b) => a.at - b.at);
      if (!next || next.at > end) break;
      this.#moveTo(next.at);
      if (next.every === undefined) this.#timers.delete(next);
      else next.at += next.every;
      next.action();
    }
    this.#moveTo(end);
    await settled();
  }

  #moveTo(at: number): void {
    this.now = at;
    this.onPass();
  }

  #add(timer: Timer): () => void {
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }
}

/** Everything has happened that needs no time: a turn of the event loop comes after all promises. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
