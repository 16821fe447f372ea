import { networkOf } from "../../ip/mod.ts";
import type { SignalingLimits } from "../limits.ts";
import { Bucket } from "./bucket.ts";

/** As much as so many connections may send comes from one network: fewer than it may open. */
export const CONNECTIONS_WORTH = 8;

/**
 * To how many each message may go, over a while: 64 players in rooms of eight, who each send 50 times
 * a second, have room.
 */
const HEARERS = 4;

/** The least that relayed data costs, in bytes, so that tiny pieces are bounded too. */
export const LEAST_RELAY_COST = 64;

/** What all connections from one network may still do together. */
export interface Network {
  /** What they may send. */
  readonly messages: Bucket;
  /** What may be sent to anybody on account of that, as `Lines` counts it. */
  readonly deliveries: Bucket;
}

/** Whether anything that comes from there is read. */
export function isHeard({ messages, deliveries }: Network, now: number): boolean {
  return messages.afford(0, now) && deliveries.afford(0, now);
}

/** The networks that connections come from, whatever is spoken on them. */
export class Networks {
  readonly #limits: SignalingLimits;
  readonly #networks = new Map<string, Network & { connections: number }>();

  constructor(limits: SignalingLimits) {
    this.#limits = limits;
  }

  /** Of one connection more. */
  enter(address: string, now: number): Network {
    const key = networkOf(address);
    let network = this.#networks.get(key);
    if (!network) {
      network = {
        messages: new Bucket(...this.#messages(), now),
        deliveries: new Bucket(...this.#deliveries(), now),
        connections: 0,
      };
      this.#networks.set(key, network);
    }
    network.connections++;
    return network;
  }

  /** The last to leave takes the debt along: the driver keeps those that flooded out for a while. */
  leave(address: string): void {
    const key = networkOf(address);
    const network = this.#networks.get(key);
    if (network && --network.connections === 0) this.#networks.delete(key);
  }

  /** All go on at the rates that the limits have now. */
  limitsChanged(now: number): void {
    for (const { messages, deliveries } of this.#networks.values()) {
      messages.limit(...this.#messages(), now);
      deliveries.limit(...this.#deliveries(), now);
    }
  }

  #messages(): [rate: number, burst: number] {
    const { messagesPerSecond, messageBurst } = this.#limits;
    return [CONNECTIONS_WORTH * messagesPerSecond, CONNECTIONS_WORTH * messageBurst];
  }

  /** All at once, as though each message and each piece of game data went to one. */
  #deliveries(): [rate: number, burst: number] {
    const pieces = CONNECTIONS_WORTH * this.#limits.relayBytesPerSecond / LEAST_RELAY_COST;
    const [rate, burst] = this.#messages();
    return [HEARERS * (rate + pieces), burst + pieces];
  }
}
