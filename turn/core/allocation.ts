import { type AddressKey, familyOf, type Ip, type PeerAddress } from "../address.ts";
import type { FiveTuple, Relay } from "./api.ts";
import { NOWHERE, type Timed } from "./deadlines.ts";
import type { Limits } from "./limits.ts";
import { Meter, TokenBucket } from "./token_bucket.ts";

/** RFC 8656 §9: exactly, and only CreatePermission and ChannelBind begin it anew. */
export const PERMISSION_MS = 300_000;
/** RFC 8656 §12. */
export const CHANNEL_MS = 600_000;

/** How an address that passed the gate is reached. At least one of the two holds. */
export interface Route {
  /** Data may leave by the relay's socket. */
  readonly direct: boolean;
  /** The address is this machine's: a relay of this server may be there. */
  readonly own: boolean;
}

/** Who holds something, as quotas count it: a user, and a room where the credential names one. */
export interface Holder {
  readonly user: string;
  readonly room: string | undefined;
}

export interface Permission extends Route {
  readonly ip: Ip;
  expiresAt: number;
}

export interface Channel extends Route {
  readonly number: number;
  readonly peer: PeerAddress;
  expiresAt: number;
}

/** What holds none of something has this. */
const NONE: ReadonlyMap<never, never> = new Map<never, never>();

/**
 * RFC 8656 §3.2: what one five-tuple holds. `expiresAt` counts everywhere, however late a timer.
 * Most carry nothing, since players reach each other directly: what an allocation needs only to
 * carry data is made when it first does.
 */
export class Allocation implements Timed {
  readonly flow: FiveTuple;
  readonly user: string;
  /** The room of the credential that made it, where it has one. */
  readonly room: string | undefined;
  /** One, or one of each family. */
  relays: readonly Relay[];
  /** On the core's clock: at the end of its lifetime, or of its credential where that is sooner. */
  expiresAt = 0;
  /** Whether that is the end of its credential. */
  endsWithCredential = false;
  /** In Unix seconds, as the credential says it; Infinity for a static user. */
  credentialExpiry = Infinity;
  due = Infinity;
  place = NOWHERE;

  #limits: Limits;
  #fromClient: Meter | undefined;
  #fromPeers: Meter | undefined;
  #newPeers: TokenBucket | undefined;
  #permissions: Map<Ip, Permission> | undefined;
  #channelsByNumber: Map<number, Channel> | undefined;
  #channelsByPeer: Map<AddressKey, Channel> | undefined;

  constructor(
    flow: FiveTuple,
    { user, room }: Holder,
    relays: readonly Relay[],
    limits: Limits,
  ) {
    this.flow = flow;
    this.user = user;
    this.room = room;
    this.relays = relays;
    this.#limits = limits;
  }

  get fromClient(): Meter {
    return this.#fromClient ??= new Meter(this.#limits);
  }

  get fromPeers(): Meter {
    return this.#fromPeers ??= new Meter(this.#limits);
  }

  get newPeers(): TokenBucket {
    return this.#newPeers ??= new TokenBucket(this.#limits.newPeersPerSecond);
  }

  get permissions(): ReadonlyMap<Ip, Permission> {
    return this.#permissions ?? NONE;
  }

  get channelsByNumber(): ReadonlyMap<number, Channel> {
    return this.#channelsByNumber ?? NONE;
  }

  get channelsByPeer(): ReadonlyMap<AddressKey, Channel> {
    return this.#channelsByPeer ?? NONE;
  }

  /** Goes on at other rates. */
  limit(limits: Limits, now: number): void {
    this.#limits = limits;
    this.#fromClient?.limit(limits, now);
    this.#fromPeers?.limit(limits, now);
    this.#newPeers?.limit(limits.newPeersPerSecond, now);
  }

  /** Goes by other routes to the peers that it may reach; those without one it may reach no more. */
  reroute(routeOf: (ip: Ip) => Route | undefined): void {
    for (const permission of this.permissions.values()) {
      const route = routeOf(permission.ip);
      if (route) this.#permissions?.set(permission.ip, { ...permission, ...route });
      else this.#permissions?.delete(permission.ip);
    }
    for (const channel of this.channelsByNumber.values()) {
      const route = routeOf(channel.peer.ip);
      if (route) this.#keep({ ...channel, ...route });
      else this.#unbind(channel);
    }
  }

  relayFor(ip: Ip): Relay | undefined {
    const family = familyOf(ip);
    for (const relay of this.relays) if (relay.family === family) return relay;
    return undefined;
  }

  permissionFor(ip: Ip, now: number): Permission | undefined {
    const permission = this.#permissions?.get(ip);
    return permission && permission.expiresAt > now ? permission : undefined;
  }

  /** Installs a permission, or begins its time anew. */
  permit(ip: Ip, route: Route, now: number): void {
    this.#permissions ??= new Map();
    const permission = this.#permissions.get(ip);
    if (permission) permission.expiresAt = now + PERMISSION_MS;
    else {
      const { direct, own } = route;
      this.#permissions.set(ip, { ip, direct, own, expiresAt: now + PERMISSION_MS });
    }
  }

  channelNumbered(number: number, now: number): Channel | undefined {
    const channel = this.#channelsByNumber?.get(number);
    return channel && channel.expiresAt > now ? channel : undefined;
  }

  channelTo(peer: PeerAddress, now: number): Channel | undefined {
    const channel = this.#channelsByPeer?.get(peer.key);
    return channel && channel.expiresAt > now ? channel : undefined;
  }

  /** Binds a channel, or begins its time anew. Number and peer are free, or bound to each other. */
  bind(number: number, peer: PeerAddress, { direct, own }: Route, now: number): void {
    const bound = this.#channelsByNumber?.get(number);
    if (bound) bound.expiresAt = now + CHANNEL_MS;
    else this.#keep({ number, peer, direct, own, expiresAt: now + CHANNEL_MS });
  }

  /** Forgets the permissions and channels whose time is over. */
  prune(now: number): void {
    for (const permission of this.permissions.values()) {
      if (permission.expiresAt <= now) this.#permissions?.delete(permission.ip);
    }
    for (const channel of this.channelsByNumber.values()) {
      if (channel.expiresAt <= now) this.#unbind(channel);
    }
  }

  #keep(channel: Channel): void {
    (this.#channelsByNumber ??= new Map()).set(channel.number, channel);
    (this.#channelsByPeer ??= new Map()).set(channel.peer.key, channel);
  }

  #unbind(channel: Channel): void {
    this.#channelsByNumber?.delete(channel.number);
    this.#channelsByPeer?.delete(channel.peer.key);
  }

  /** When the first thing it holds, or itself, comes to its end. */
  nextDue(): number {
    let due = this.expiresAt;
    for (const { expiresAt } of this.permissions.values()) due = Math.min(due, expiresAt);
    for (const { expiresAt } of this.channelsByNumber.values()) due = Math.min(due, expiresAt);
    return due;
  }
}
