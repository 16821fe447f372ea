import type { SignalingLimits } from "../limits.ts";

/** Counts open connections, in all and by where they come from, before a WebSocket is opened. */
export class Admission {
  readonly #limits: SignalingLimits;
  readonly #byGroup = new Map<string, number>();
  #total = 0;

  constructor(limits: SignalingLimits) {
    this.#limits = limits;
  }

  get connections(): number {
    return this.#total;
  }

  /** Takes a place for one more connection, or says which bound forbids it. */
  enter(group: string): "admitted" | "too-many-connections" | "server-full" {
    const held = this.#byGroup.get(group) ?? 0;
    if (held >= this.#limits.connectionsPerAddress) return "too-many-connections";
    if (this.#total >= this.#limits.connections) return "server-full";
    this.#byGroup.set(group, held + 1);
    this.#total++;
    return "admitted";
  }

  leave(group: string): void {
    const held = this.#byGroup.get(group) ?? 0;
    if (held > 1) this.#byGroup.set(group, held - 1);
    else this.#byGroup.delete(group);
    this.#total--;
  }
}
