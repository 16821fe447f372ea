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

/**
 * Whose connection it is, for counting: an IPv4 address (also where it is mapped into IPv6), or the
 * /64 of an IPv6 address, which one household or one attacker has whole.
 */
export function addressGroup(address: string): string {
  if (!address.includes(":")) return address;
  const url = URL.parse(`http://[${address.split("%")[0]}]`);
  if (url === null) return address;
  const [head = "", tail] = url.hostname.slice(1, -1).split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const groups = [...before, ...Array(8 - before.length - after.length).fill("0"), ...after];
  if (groups.slice(0, 6).join(":") !== "0:0:0:0:0:ffff") {
    return `${groups.slice(0, 4).join(":")}/64`;
  }
  return groups.slice(6).flatMap((group) => {
    const value = parseInt(group, 16);
    return [value >> 8, value & 0xff];
  }).join(".");
}
