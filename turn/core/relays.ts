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
import type { Allocation } from "./allocation.ts";

/** How often one request may ask the driver for a port before the answer is 508. */
const MAX_TRIES = 64;

/** A relay that knows whose it is: nobody's while it is reserved, and after it was closed. */
interface Owned extends Relay {
  owner: Allocation | undefined;
}

/** Every relayed transport address that is open, found by its port. */
export class Relays {
  readonly #effects: Effects;
  readonly #random: () => number;
  readonly #first: number;
  readonly #last: number;
  #external: ReadonlyMap<Family, Ip> = new Map();
  /** By `slot`: the families have ports apart. */
  readonly #open = new Map<number, Owned>();

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
    this.advertise(config.externalIps);
  }

  /** New relayed addresses have these external ones; those that are open keep what they had. */
  advertise(externalIps: readonly string[]): void {
    this.#external = new Map(externalIps.map((text) => {
      const ip = parseIp(text);
      if (ip === undefined) throw new Error(`Cannot read the external address "${text}"`);
      return [familyOf(ip), ip];
    }));
  }

  supports(family: Family): boolean {
    return this.#external.has(family);
  }

  /** Whose the relay at that port is, whichever of this machine's addresses is asked for. */
  ownerAt(family: Family, port: number): Allocation | undefined {
    return this.#open.get(slot(family, port))?.owner;
  }

  /** Whose the relay is, which was opened here. */
  ownerOf(relay: Relay): Allocation | undefined {
    return (relay as Owned).owner;
  }

  give(relay: Relay, owner: Allocation): void {
    const open = this.#open.get(slotOf(relay));
    if (open !== relay) throw new Error(`Relay port ${relay.address.port} is not open`);
    open.owner = owner;
  }

  /** Opens a relay at a random port (RFC 8656 §21.1.7: one that cannot be guessed). */
  open(family: Family): Relay | undefined {
    return this.#search(family, this.#first, 1, (port) => this.#openAt(family, port));
  }

  openEven(family: Family): Relay | undefined {
    return this.#search(family, this.#firstEven, 2, (port) => this.#openAt(family, port));
  }

  /** An even port and the next one: RFC 8656 §7.2, EVEN-PORT with its R bit. */
  openPair(family: Family): [even: Relay, next: Relay] | undefined {
    return this.#search(family, this.#firstEven, 2, (port) => {
      if (port + 1 > this.#last || this.#isOpen(family, port + 1)) return undefined;
      const even = this.#openAt(family, port);
      const next = even && this.#openAt(family, port + 1);
      if (even && next) return [even, next];
      if (even) this.close(even);
      return undefined;
    });
  }

  close(relay: Relay): void {
    this.#open.delete(slotOf(relay));
    (relay as Owned).owner = undefined;
    this.#effects.closeRelay(relay);
  }

  get #firstEven(): number {
    return this.#first + this.#first % 2;
  }

  /** Goes round the ports from a random one, past those open here, until `attempt` has something. */
  #search<T>(
    family: Family,
    first: number,
    step: number,
    attempt: (port: number) => T | undefined,
  ): T | undefined {
    const count = Math.floor((this.#last - first) / step) + 1;
    if (count < 1) return undefined;
    const start = this.#random() % count;
    for (let i = 0, tries = 0; i < count && tries < MAX_TRIES; i++) {
      const port = first + (start + i) % count * step;
      if (this.#isOpen(family, port)) continue;
      const found = attempt(port);
      if (found !== undefined) return found;
      tries++;
    }
    return undefined;
  }

  #openAt(family: Family, port: number): Relay | undefined {
    const external = this.#external.get(family);
    if (external === undefined) return undefined;
    const where = address<RelayedAddress>(external, port);
    const relay: Owned = { family, address: where, owner: undefined };
    if (!this.#effects.openRelay(relay)) return undefined;
    this.#open.set(slot(family, port), relay);
    return relay;
  }

  #isOpen(family: Family, port: number): boolean {
    return this.#open.has(slot(family, port));
  }
}

function slotOf({ family, address }: Relay): number {
  return slot(family, address.port);
}

function slot(family: Family, port: number): number {
  return (family === 6 ? 0x1_0000 : 0) + port;
}
