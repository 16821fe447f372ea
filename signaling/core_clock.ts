import type { Core } from "./core/mod.ts";

/** Tells a core the time: at each step, and by one timer at its next deadline. */
export class CoreClock {
  readonly core: Core;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #armedFor = Infinity;

  constructor(core: Core) {
    this.core = core;
  }

  step<T>(act: (core: Core, now: number) => T): T {
    try {
      return act(this.core, performance.now());
    } finally {
      this.#arm();
    }
  }

  #arm(): void {
    const deadline = this.core.deadline();
    if (deadline === this.#armedFor) return;
    clearTimeout(this.#timer);
    this.#armedFor = deadline;
    if (deadline === Infinity) return; // `setTimeout` takes Infinity for 0.
    this.#timer = setTimeout(() => {
      this.#armedFor = Infinity;
      this.step((core, now) => core.tick(now));
    }, Math.min(Math.max(deadline - performance.now(), 0), 2 ** 31 - 1));
  }
}
