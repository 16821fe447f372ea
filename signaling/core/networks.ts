import { networkOf } from "../../ip/mod.ts";
import type { SignalingLimits } from "../limits.ts";
import { Bucket } from "./bucket.ts";

/** As much as so many connections may send comes from one network: fewer than it may open. */
export const CONNECTIONS_WORTH = 8;

/** What all connections from one network may still send together. */
export interface Network {
  readonly messages: Bucket;
  /** Bytes of game data. */
  readonly relayed: Bucket;
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
        relayed: new Bucket(...this.#relayed(), now),
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
    for (const { messages, relayed } of this.#networks.values()) {
      messages.limit(...this.#messages(), now);
      relayed.limit(...this.#relayed(), now);
    }
  }

  #messages(): [rate: number, burst: number] {
    const { messagesPerSecond, messageBurst } = this.#limits;
    return [CONNECTIONS_WORTH * messagesPerSecond, CONNECTIONS_WORTH * messageBurst];
  }

  #relayed(): [rate: number, burst: number] {
    const worth = CONNECTIONS_WORTH * this.#limits.relayBytesPerSecond;
    return [worth, worth];
  }
}
