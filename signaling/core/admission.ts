import { Places } from "../../ip/mod.ts";
import type { SignalingLimits } from "../limits.ts";

/** How long nobody may come from where a flood came from, at most, in milliseconds. */
const LONGEST_PENALTY = 5_000;

const REFUSALS = { "network-full": "too-many-connections", "all-full": "server-full" } as const;

/** Counts open connections, in all and by where they come from, before a WebSocket is opened. */
export class Admission {
  readonly #limits: SignalingLimits;
  readonly #places: Places;
  /** Until when nobody may come from there. The first are over first, save after a reload. */
  readonly #flooders = new Map<string, number>();

  constructor(limits: SignalingLimits) {
    this.#limits = limits;
    this.#places = new Places(limits);
  }

  /** Those that wait to come in are among them. */
  get connections(): number {
    return this.#places.taken;
  }

  /** Takes a place for one more connection, or says what forbids it. */
  enter(
    group: string,
    now: number,
  ): "admitted" | "flooding" | "too-many-connections" | "server-full" {
    const place = this.#places.take(group);
    if (place === "taken") return "admitted";
    return this.penalty(group, now) > 0 ? "flooding" : REFUSALS[place];
  }

  /** How long nobody may come from there yet, in milliseconds. */
  penalty(group: string, now: number): number {
    return Math.max((this.#flooders.get(group) ?? now) - now, 0);
  }

  /**
   * A connection from there was ended for flooding; at once again it would flood on. What it owes
   * would come back meanwhile.
   */
  punish(group: string, now: number): void {
    for (const [other, until] of this.#flooders) {
      if (until > now) break;
      this.#flooders.delete(other);
    }
    this.#flooders.delete(group);
    const { messageBurst, messagesPerSecond } = this.#limits;
    const owed = messageBurst / messagesPerSecond * 1_000;
    this.#flooders.set(group, now + Math.min(owed, LONGEST_PENALTY));
  }

  leave(group: string): void {
    this.#places.leave(group);
  }
}
