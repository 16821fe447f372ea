import type { SignalingLimits } from "../limits.ts";

/** How long nobody may come from where a flood came from, in milliseconds. */
const PENALTY = 5_000;

/** Counts open connections, in all and by where they come from, before a WebSocket is opened. */
export class Admission {
  readonly #limits: SignalingLimits;
  readonly #byGroup = new Map<string, number>();
  /** Until when nobody may come from there. All wait equally long, so the first is the first over. */
  readonly #flooders = new Map<string, number>();
  #total = 0;

  constructor(limits: SignalingLimits) {
    this.#limits = limits;
  }

  get connections(): number {
    return this.#total;
  }

  /** Takes a place for one more connection, or says what forbids it. */
  enter(
    group: string,
    now: number,
  ): "admitted" | "flooding" | "too-many-connections" | "server-full" {
    if ((this.#flooders.get(group) ?? -Infinity) > now) return "flooding";
    const held = this.#byGroup.get(group) ?? 0;
    if (held >= this.#limits.connectionsPerAddress) return "too-many-connections";
    if (this.#total >= this.#limits.connections) return "server-full";
    this.#byGroup.set(group, held + 1);
    this.#total++;
    return "admitted";
  }

  /** A connection from there was ended for flooding; at once again it would flood on. */
  punish(group: string, now: number): void {
    for (const [other, until] of this.#flooders) {
      if (until > now) break;
      this.#flooders.delete(other);
    }
    this.#flooders.delete(group);
    this.#flooders.set(group, now + PENALTY);
  }

  leave(group: string): void {
    const held = this.#byGroup.get(group) ?? 0;
    if (held > 1) this.#byGroup.set(group, held - 1);
    else this.#byGroup.delete(group);
    this.#total--;
  }
}
