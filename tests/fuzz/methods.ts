/** What each method of a client that is known does: RFC 8656 §7 to §12. */
import { type Family, familyOf, type Ip } from "../../turn/address.ts";
import type { TurnConfig, TurnLimits } from "../../turn/config.ts";
import type { FiveTuple } from "../../turn/core/mod.ts";
import { Attribute } from "../../turn/stun/mod.ts";
import { Bucket, PacketBucket } from "./bucket.ts";
import { REACH, type Reach, UNIX_START } from "./cast.ts";
import type { Answer, WantedRelay } from "./expected.ts";
import {
  channelTo,
  type Holdings,
  type ModelAllocation,
  type ModelRelay,
  sourceOf,
} from "./holdings.ts";
import type { Identified } from "./identify.ts";
import { hasUnreadable, peersOf, type Read, uint16, uint32, valueOf } from "./read.ts";

export const ALLOCATE = 0x0003;
export const REFRESH = 0x0004;
export const CREATE_PERMISSION = 0x0008;
export const CHANNEL_BIND = 0x0009;

const WIRE: Readonly<Record<Family, number>> = { 4: 1, 6: 2 };

export type Known = Extract<Identified, { readonly kind: "known" }>;

/** What is to be answered; `once`: to a retransmission as well, and not done a second time. */
export type Draft = Partial<Omit<Answer, "code">> & {
  readonly code: number;
  readonly once?: boolean;
};

export class Methods {
  readonly #config: TurnConfig;
  readonly #limits: TurnLimits;
  readonly #families: ReadonlySet<Family>;
  readonly #held: Holdings;
  isDraining = false;

  constructor(
    config: TurnConfig,
    limits: TurnLimits,
    families: ReadonlySet<Family>,
    held: Holdings,
  ) {
    this.#config = config;
    this.#limits = limits;
    this.#families = families;
    this.#held = held;
  }

  handle(flow: FiveTuple, message: Read, by: Known, now: number): Draft {
    if (message.type === ALLOCATE) return this.#allocate(flow, message, by, now);
    const allocation = this.#held.find(flow, now);
    if (!allocation) return { code: 437 };
    if (allocation.user !== by.user) return { code: 441 };
    if (hasUnreadable(message)) return { code: 400 };
    if (message.type === REFRESH) return this.#refresh(allocation, message, by, now);
    return message.type === CREATE_PERMISSION
      ? this.#createPermission(allocation, message, now)
      : this.#channelBind(allocation, message, by, now);
  }

  /** RFC 8656 §7.2. */
  #allocate(flow: FiveTuple, message: Read, by: Known, now: number): Draft {
    if (this.#held.allocations.has(flow.key)) return { code: 437 };
    if (hasUnreadable(message)) return { code: 400 };
    const transport = valueOf(message, Attribute.REQUESTED_TRANSPORT)?.[0];
    if (transport === undefined) return { code: 400 };
    if (transport !== 17) return { code: 442 };
    if (valueOf(message, Attribute.DONT_FRAGMENT)) {
      return { code: 420, unknown: [Attribute.DONT_FRAGMENT] };
    }
    const token = valueOf(message, Attribute.RESERVATION_TOKEN)?.toHex();
    const evenPort = valueOf(message, Attribute.EVEN_PORT)?.[0];
    const requested = valueOf(message, Attribute.REQUESTED_ADDRESS_FAMILY)?.[0];
    const additional = valueOf(message, Attribute.ADDITIONAL_ADDRESS_FAMILY)?.[0];
    const even = evenPort !== undefined;
    const pair = even && evenPort >= 0x80;
    const reservation = token === undefined ? undefined : this.#held.reservations.get(token);
    const family = requested === 2 ? 6 : 4;
    if (token !== undefined) {
      if (even || requested !== undefined || additional !== undefined) return { code: 400 };
      if (reservation?.user !== by.user) return { code: 508 };
    } else {
      if (requested !== undefined && additional !== undefined) return { code: 400 };
      if (requested !== undefined && requested !== 1 && requested !== 2) return { code: 440 };
      if (!this.#families.has(family)) return { code: 440 };
      if (pair && additional !== undefined) return { code: 400 };
      if (additional !== undefined && additional !== 2) return { code: 400 };
    }
    if (this.isDraining) return { code: 486 };
    const over = this.#held.overQuota(flow, by.user, reservation, pair ? 2 : 1);
    if (over !== undefined) return { code: over };

    const wanted: WantedRelay[] = [];
    let addressError: Answer["addressError"];
    if (!reservation) {
      if (this.#held.isFree(family, even, pair)) wanted.push({ family, even });
      if (additional !== undefined) {
        if (this.#families.has(6) && this.#held.isFree(6, false, false)) {
          wanted.push({ family: 6, even: false });
          if (wanted.length === 1) addressError = { family: 4, code: 508 };
        } else addressError = { family: 6, code: this.#families.has(6) ? 508 : 440 };
      }
      if (wanted.length === 0) return { code: 508 };
    }
    if (token !== undefined) this.#held.reservations.delete(token);
    const relays = reservation
      ? [reservation.relay]
      : wanted.map(({ family }): ModelRelay => ({ family, port: 0 }));
    const { packetsPerSecond, bytesPerSecond, newPeersPerSecond } = this.#limits;
    const allocation: ModelAllocation = {
      flow,
      user: by.user,
      relays,
      until: 0,
      credentialExpiry: 0,
      permissions: new Map(),
      channels: new Map(),
      fromClient: new PacketBucket(packetsPerSecond, bytesPerSecond, now),
      fromPeers: new PacketBucket(packetsPerSecond, bytesPerSecond, now),
      newPeers: new Bucket(newPeersPerSecond, now),
    };
    this.#held.allocations.set(flow.key, allocation);
    const lifetime = this.#extend(allocation, message, by, now);
    const source = sourceOf(flow);
    return {
      code: 0,
      once: true,
      attributes: [
        ...relays.map(() => Attribute.XOR_RELAYED_ADDRESS),
        Attribute.LIFETIME,
        ...(pair ? [Attribute.RESERVATION_TOKEN] : []),
        ...(addressError ? [Attribute.ADDRESS_ERROR_CODE] : []),
        Attribute.XOR_MAPPED_ADDRESS,
      ],
      lifetime,
      relays: reservation ? [{ family: reservation.relay.family, even: false }] : wanted,
      ...(addressError && { addressError }),
      learn: ({ ports, token }) => {
        relays.forEach((relay, i) => {
          const port = ports[i] ?? 0;
          if (reservation ? port !== relay.port : !this.#held.mayBe(relay.family, port, pair)) {
            throw new Error(`Port ${port} is not to be had`);
          }
          relay.port = port;
        });
        const [first] = relays;
        if (!pair || !first || token === undefined) return;
        const relay = { family: first.family, port: first.port + 1 };
        this.#held.reservations.set(token, { relay, user: by.user, source, until: now + 30_000 });
      },
    };
  }

  /** RFC 8656 §8.2. */
  #refresh(allocation: ModelAllocation, message: Read, by: Known, now: number): Draft {
    const attributes = [Attribute.LIFETIME];
    const family = valueOf(message, Attribute.REQUESTED_ADDRESS_FAMILY)?.[0];
    const others = allocation.relays.filter((relay) => WIRE[relay.family] !== family);
    if (family !== undefined && others.length === allocation.relays.length) return { code: 443 };
    const lifetime = valueOf(message, Attribute.LIFETIME);
    if (lifetime && uint32(lifetime, 0) === 0) {
      if (family !== undefined && others.length > 0) allocation.relays = others;
      else this.#held.allocations.delete(allocation.flow.key);
      return { code: 0, once: true, attributes, lifetime: 0 };
    }
    return { code: 0, attributes, lifetime: this.#extend(allocation, message, by, now) };
  }

  /** Returns what the client is told. */
  #extend(allocation: ModelAllocation, message: Read, by: Known, now: number): number {
    const asked = valueOf(message, Attribute.LIFETIME);
    const most = this.#limits.maxLifetimeSeconds;
    const seconds = asked ? Math.max(600, Math.min(uint32(asked, 0), most)) : 600;
    const left = by.expiresAt - unix(now);
    allocation.until = Math.min(now + seconds * 1_000, now + left * 1_000);
    allocation.credentialExpiry = by.expiresAt;
    return Math.min(seconds, Math.ceil(left));
  }

  /** RFC 8656 §10.2. */
  #createPermission(allocation: ModelAllocation, message: Read, now: number): Draft {
    const ips = peersOf(message).map(({ ip }) => ip);
    if (ips.length === 0) return { code: 400 };
    for (const ip of ips) {
      const code = refusal(allocation, ip);
      if (code !== undefined) return { code };
    }
    return this.#permit(allocation, new Set(ips), now) ? { code: 0 } : { code: 508 };
  }

  /** RFC 8656 §12.2. */
  #channelBind(allocation: ModelAllocation, message: Read, by: Known, now: number): Draft {
    const number = valueOf(message, Attribute.CHANNEL_NUMBER);
    const [peer] = peersOf(message);
    if (!number || !peer) return { code: 400 };
    const wanted = uint16(number, 0);
    const isOldClient = this.#config.oldChannels && by.expiresAt === Infinity;
    if (wanted < 0x4000 || wanted > (isOldClient ? 0x7fff : 0x4fff)) return { code: 400 };
    const bound = allocation.channels.get(wanted);
    if (bound && bound.peer.key !== peer.key) return { code: 400 };
    const other = channelTo(allocation, peer, now);
    if (other !== undefined && other !== wanted) return { code: 400 };
    const code = refusal(allocation, peer.ip);
    if (code !== undefined) return { code };
    if (peer.port === 0) return { code: 403 };
    if (!bound && allocation.channels.size >= this.#limits.channelsPerAllocation) {
      return { code: 508 };
    }
    if (!this.#permit(allocation, new Set([peer.ip]), now)) return { code: 508 };
    allocation.channels.set(wanted, { peer, until: now + 600_000 });
    return { code: 0 };
  }

  #permit(allocation: ModelAllocation, ips: ReadonlySet<Ip>, now: number): boolean {
    const { permissions, newPeers } = allocation;
    const added = [...ips].filter((ip) => !permissions.has(ip)).length;
    if (permissions.size + added > this.#limits.permissionsPerAllocation) return false;
    if (added > 0 && !newPeers.take(added, now)) return false;
    for (const ip of ips) permissions.set(ip, now + 300_000);
    return true;
  }
}

function refusal(allocation: ModelAllocation, ip: Ip): 403 | 443 | undefined {
  const family = familyOf(ip);
  if (!allocation.relays.some((relay) => relay.family === family)) return 443;
  return reachOf(ip) === "denied" ? 403 : undefined;
}

export function reachOf(ip: Ip): Reach {
  const reach = REACH.get(ip);
  if (!reach) throw new Error("The model does not know this peer");
  return reach;
}

export function unix(now: number): number {
  return UNIX_START + now / 1_000;
}
