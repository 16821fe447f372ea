/** What the model holds at one moment, and whose each relay port is. */
import { type Family, type Ip, type TransportAddress } from "../../turn/address.ts";
import type { TurnConfig, TurnLimits } from "../../turn/config.ts";
import type { FiveTuple, FlowKey } from "../../turn/core/mod.ts";
import type { Bucket, PacketBucket } from "./bucket.ts";

export interface ModelRelay {
  readonly family: Family;
  /** 0 until the answer said which it is. */
  port: number;
}

export interface ModelAllocation {
  readonly flow: FiveTuple;
  readonly user: string;
  relays: readonly ModelRelay[];
  until: number;
  credentialExpiry: number;
  /** Until when. */
  readonly permissions: Map<Ip, number>;
  readonly channels: Map<number, { readonly peer: TransportAddress; until: number }>;
  readonly fromClient: PacketBucket;
  readonly fromPeers: PacketBucket;
  readonly newPeers: Bucket;
}

export interface ModelReservation {
  readonly relay: ModelRelay;
  readonly user: string;
  readonly source: Source;
  readonly until: number;
}

/** An IPv4 address, or the first half of an IPv6 one. */
export type Source = number | string;

export class Holdings {
  readonly allocations = new Map<FlowKey, ModelAllocation>();
  readonly reservations = new Map<string, ModelReservation>();
  readonly #limits: TurnLimits;
  readonly #ports: TurnConfig["relayPorts"];
  /** Ports that something else on the machine has. */
  readonly #taken: ReadonlySet<number>;

  constructor(
    limits: TurnLimits,
    ports: TurnConfig["relayPorts"],
    taken: ReadonlySet<number>,
  ) {
    this.#limits = limits;
    this.#ports = ports;
    this.#taken = taken;
  }

  /** Takes away everything whose time is over. */
  tick(now: number): void {
    for (const [key, allocation] of this.allocations) {
      if (allocation.until <= now) this.allocations.delete(key);
      for (const [ip, until] of allocation.permissions) {
        if (until <= now) allocation.permissions.delete(ip);
      }
      for (const [number, { until }] of allocation.channels) {
        if (until <= now) allocation.channels.delete(number);
      }
    }
    forget(this.reservations, now);
  }

  find(flow: FiveTuple, now: number): ModelAllocation | undefined {
    const allocation = this.allocations.get(flow.key);
    return allocation && allocation.until > now ? allocation : undefined;
  }

  holderOf(family: Family, port: number): ModelAllocation | undefined {
    for (const allocation of this.allocations.values()) {
      for (const relay of allocation.relays) {
        if (relay.family === family && relay.port === port) return allocation;
      }
    }
    return undefined;
  }

  /** A reserved port counts as an allocation of whoever reserved it. */
  overQuota(
    flow: FiveTuple,
    user: string,
    claimed: ModelReservation | undefined,
    count: number,
  ): 486 | 508 | undefined {
    const source = sourceOf(flow);
    const held = [
      ...[...this.allocations.values()].map((it) => ({ ...it, source: sourceOf(it.flow) })),
      ...[...this.reservations.values()].filter((it) => it !== claimed),
    ];
    const { allocations, allocationsPerUser, allocationsPerAddress } = this.#limits;
    const ofUser = held.filter((it) => it.user === user).length;
    const ofSource = held.filter((it) => it.source === source).length;
    if (ofUser + count > allocationsPerUser) return 486;
    if (ofSource + count > allocationsPerAddress) return 486;
    return held.length + count > allocations ? 508 : undefined;
  }

  isFree(family: Family, even: boolean, pair: boolean): boolean {
    const { first, last } = this.#ports;
    for (let port = first; port <= last; port++) {
      if (even && port % 2 === 1) continue;
      if (this.mayBe(family, port, pair)) return true;
    }
    return false;
  }

  /** Whether that port (and, for a pair, the next) can be had. */
  mayBe(family: Family, port: number, pair: boolean): boolean {
    const { first, last } = this.#ports;
    const isReserved = [...this.reservations.values()].some(({ relay }) =>
      relay.family === family && relay.port === port
    );
    return port >= first && port <= last && !this.#taken.has(port) && !isReserved &&
      !this.holderOf(family, port) && (!pair || this.mayBe(family, port + 1, false));
  }
}

export function channelTo(
  allocation: ModelAllocation,
  peer: TransportAddress,
  now: number,
): number | undefined {
  for (const [number, channel] of allocation.channels) {
    if (channel.peer.key === peer.key && channel.until > now) return number;
  }
  return undefined;
}

export function sourceOf({ client: { ip } }: FiveTuple): Source {
  return typeof ip === "number" ? ip : ip.slice(0, 8);
}

export function isLive(until: number | undefined, now: number): boolean {
  return until !== undefined && until > now;
}

/** All of a kind are held equally long: whatever comes after one that stays, stays. */
export function forget(held: Map<string, { readonly until: number }>, now: number): void {
  for (const [key, { until }] of held) {
    if (until > now) return;
    held.delete(key);
  }
}
