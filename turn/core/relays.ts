import {
  address,
  type Family,
  familyOf,
  type Ip,
  parseIp,
  type RelayedAddress,
} from "../address.ts";
import type { TurnConfig } from "../config.ts";
import type { Effects, Relay } from "./api.ts";
import { OpenRelay } from "./allocation.ts";

/** How often one request may ask the driver for a port before the answer is 508. */
const MAX_TRIES = 64;

/** Every relayed transport address that is open, found by its port. */
export class Relays {
  readonly #effects: Effects;
  readonly #random: () => number;
  readonly #first: number;
  readonly #last: number;
  readonly #external = new Map<Family, Ip>();
  /** By `slot`: the families have ports apart. */
  readonly #open = new Map<number, OpenRelay>();

  /** `random` gives 32 random bits. */
  constructor(
    config: Pick<TurnConfig, "relayPorts" | "externalIps">,
    effects: Effects,
    random: () => number,
  ) {
    this.#effects = effects;
    this.#random = random;
    this.#first = config.relayPorts.first;
    this.#last = config.relayPorts.last;
    for (const text of config.externalIps) {
      const ip = parseIp(text);
      if (ip === undefined) throw new Error(`Cannot read the external address "${text}"`);
      this.#external.set(familyOf(ip), ip);
    }
  }

  supports(family: Family): boolean {
    return this.#external.has(family);
  }

  /** The relay at that port, whichever of this machine's addresses it is asked for by. */
  at(family: Family, port: number): OpenRelay | undefined {
    return this.#open.get(slot(family, port));
  }

  /** Whether it still is this relay that is open, and not a later one at its port. */
  find(relay: Relay): OpenRelay | undefined {
    const found = this.at(relay.family, relay.address.port);
    return found === relay ? found : undefined;
  }

  /** Opens a relay at a random port (RFC 8656 §21.1.7: one that cannot be guessed). */
  open(family: Family): OpenRelay | undefined {
    return this.#search(this.#first, 1, (port) => this.#openAt(family, port));
  }

  openEven(family: Family): OpenRelay | undefined {
    return this.#search(this.#firstEven, 2, (port) => this.#openAt(family, port));
  }

  /** An even port and the next one: RFC 8656 §7.2, EVEN-PORT with its R bit. */
  openPair(family: Family): [even: OpenRelay, next: OpenRelay] | undefined {
    return this.#search(this.#firstEven, 2, (port) => {
      if (this.at(family, port + 1) || port + 1 > this.#last) return undefined;
      const even = this.#openAt(family, port);
      const next = even && this.#openAt(family, port + 1);
      if (even && next) return [even, next];
      if (even) this.close(even);
      return undefined;
    });
  }

  close(relay: OpenRelay): void {
    this.#open.delete(slot(relay.family, relay.address.port));
    relay.owner = undefined;
    this.#effects.closeRelay(relay);
  }

  get #firstEven(): number {
    return this.#first + this.#first % 2;
  }

  /** Goes round the ports from a random one, until `attempt` has something. */
  #search<T>(first: number, step: number, attempt: (port: number) => T | undefined): T | undefined {
    const count = Math.floor((this.#last - first) / step) + 1;
    if (count < 1) return undefined;
    const start = this.#random() % count;
    for (let i = 0; i < Math.min(count, MAX_TRIES); i++) {
      const found = attempt(first + (start + i) % count * step);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #openAt(family: Family, port: number): OpenRelay | undefined {
    const external = this.#external.get(family);
    if (external === undefined || this.at(family, port)) return undefined;
    const relay = new OpenRelay(address<RelayedAddress>(external, port));
    if (!this.#effects.openRelay(relay)) return undefined;
    this.#open.set(slot(family, port), relay);
    return relay;
  }
}

function slot(family: Family, port: number): number {
  return (family === 6 ? 0x1_0000 : 0) + port;
}
