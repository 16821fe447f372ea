import { Places } from "../../ip/mod.ts";
import type { SignalingLimits } from "../limits.ts";

/** How long nobody may come from where a flood came from, in milliseconds. */
const PENALTY = 5_000;

const REFUSALS = { "network-full": "too-many-connections", "all-full": "server-full" } as const;

/** Counts open connections, in all and by where they come from, before a WebSocket is opened. */
export class Admission {
  readonly #places: Places;
  /** Until when nobody may come from there. All wait equally long, so the first is the first over. */
  readonly #flooders = new Map<string, number>();

  constructor(limits: SignalingLimits) {
    this.#places = new Places(limits);
  }

  get connections(): number {
    return this.#places.taken;
  }

  /** Takes a place for one more connection, or says what forbids it. */
  enter(
    group: string,
    now: number,
  ): "admitted" | "flooding" | "too-many-connections" | "server-full" {
    if ((this.#flooders.get(group) ?? -Infinity) > now) return "flooding";
    const place = this.#places.take(group);
    return place === "taken" ? "admitted" : REFUSALS[place];
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
    this.#places.leave(group);
  }
}
