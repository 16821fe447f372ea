import type { Emits } from "./api.ts";

export class Emitter<Events extends object> implements Emits<Events> {
  readonly #listeners = new Map<keyof Events, Set<(event: never) => void>>();

  on<T extends keyof Events>(type: T, listener: (event: Events[T]) => void): () => void {
    const listeners = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, listeners.add(listener));
    return () => void listeners.delete(listener);
  }

  /** A listener that throws is reported as uncaught and keeps nobody else from hearing. */
  emit<T extends keyof Events>(type: T, event: Events[T]): void {
    for (const listener of this.#listeners.get(type) ?? []) {
      try {
        (listener as (event: Events[T]) => void)(event);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
