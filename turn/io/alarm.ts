/** `setTimeout` takes no more, and fires at once for what is longer. */
const LONGEST_MS = 2 ** 31 - 1;

/** One timer for the nearest of all deadlines, in milliseconds of `clock`. */
export class Alarm {
  readonly #clock: () => number;
  readonly #ring: (now: number) => void;
  #due = Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(clock: () => number, ring: (now: number) => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** Rings at `deadline`, unless it rings earlier anyway. */
  setBy(deadline: number): void {
    if (deadline >= this.#due) return;
    this.clear();
    this.#due = deadline;
    const wait = Math.max(0, Math.ceil(deadline - this.#clock()));
    this.#timer = setTimeout(() => {
      this.#due = Infinity;
      this.#ring(this.#clock());
    }, Math.min(wait, LONGEST_MS));
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#due = Infinity;
  }
}
