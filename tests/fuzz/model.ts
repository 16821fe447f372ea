/**
 * What a TURN server must do, said a second time: from RFC 8489 and RFC 8656 as plain rules on plain
 * maps, without a thought for speed, storage or sockets. It shares the wire's writing with the core,
 * and no decision.
 */
import {
  address,
  type Family,
  familyOf,
  type Ip,
  type TransportAddress,
} from "../../turn/address.ts";
import type { TurnConfig, TurnLimits } from "../../turn/config.ts";
import type { FiveTuple, FlowKey } from "../../turn/core/mod.ts";
import { Attribute } from "../../turn/stun/mod.ts";
import { Bucket, PacketBucket } from "./bucket.ts";
import { CREDENTIAL_SECONDS, REACH, type Reach, UNIX_START } from "./cast.ts";
import type { Credential } from "./credentials.ts";
import type { Answer, Expected, Learned, WantedRelay } from "./expected.ts";
import { type Identified, identify } from "./identify.ts";
import {
  hasUnreadable,
  peersOf,
  type Read,
  read,
  uint16,
  uint32,
  unknownIn,
  valueOf,
} from "./read.ts";

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

interface ModelReservation {
  readonly relay: ModelRelay;
  readonly user: string;
  readonly source: Source;
  readonly until: number;
}

interface Answered {
  readonly flow: FiveTuple;
  readonly request: Uint8Array;
  readonly bytes: Uint8Array;
  readonly until: number;
}

export interface End {
  readonly until: number;
  readonly flow?: FiveTuple;
  readonly request?: Uint8Array;
  /** Whom the permission is for that ends. */
  readonly permitted?: Ip;
}

/** An IPv4 address, or the first half of an IPv6 one. */
type Source = number | string;

const WIRE: Readonly<Record<Family, number>> = { 4: 1, 6: 2 };
const ALLOCATE = 0x0003;
const REFRESH = 0x0004;
const CREATE_PERMISSION = 0x0008;
const CHANNEL_BIND = 0x0009;
const BINDING = 0x0001;
const SEND_INDICATION = 0x0016;

export class Model {
  readonly #config: TurnConfig;
  readonly #limits: TurnLimits;
  readonly #external: ReadonlyMap<Family, TransportAddress["ip"]>;
  /** Ports that something else on the machine has. */
  readonly #taken: ReadonlySet<number>;
  readonly allocations = new Map<FlowKey, ModelAllocation>();
  readonly reservations = new Map<string, ModelReservation>();
  readonly #answered = new Map<string, Answered>();
  readonly nonces = new Map<string, { readonly holder: FlowKey; readonly until: number }>();
  /** The last that each flow was told. */
  readonly nonceOf = new Map<FlowKey, string>();
  readonly #revoked = new Map<string, number>();
  readonly #unauthenticated = new Map<Source, Bucket>();
  readonly #bindings = new Map<Source, Bucket>();
  isDraining = false;

  constructor(
    config: TurnConfig,
    external: ReadonlyMap<Family, Ip>,
    taken: ReadonlySet<number>,
  ) {
    if (config.limits === "off") throw new Error("The model knows no server without limits");
    this.#config = config;
    this.#limits = config.limits;
    this.#external = external;
    this.#taken = taken;
  }

  /** `authentic`: whether whoever made it signed it rightly, where that is known. */
  fromClient(
    flow: FiveTuple,
    bytes: Uint8Array,
    authentic: boolean | undefined,
    now: number,
  ): Expected | undefined {
    const first = bytes[0] ?? 0;
    if (first >= 0x40 && first <= 0x7f) return this.#channelData(flow, bytes, now);
    const message = read(bytes);
    switch (message?.type) {
      case BINDING:
        return this.#binding(flow, message, now);
      case SEND_INDICATION:
        return this.#send(flow, message, now);
      case ALLOCATE:
      case REFRESH:
      case CREATE_PERMISSION:
      case CHANNEL_BIND:
        return this.#request(flow, message, authentic, now);
      default:
        return undefined;
    }
  }

  fromPeer(
    family: Family,
    port: number,
    peer: TransportAddress,
    data: Uint8Array,
    now: number,
  ): Expected | undefined {
    const allocation = this.#holderOf(family, port);
    const isReached = allocation && allocation.until > now &&
      isLive(allocation.permissions.get(peer.ip), now) &&
      reachOf(peer.ip) === "direct" && peer.port !== 0;
    return isReached ? this.#toClient(allocation, peer, data, now) : undefined;
  }

  /** How many allocations end. */
  revoke(user: string, now: number): number {
    const theirs = [...this.allocations.values()].filter((it) => it.user === user);
    for (const { flow } of theirs) this.allocations.delete(flow.key);
    for (const [token, it] of this.reservations) {
      if (it.user === user) this.reservations.delete(token);
    }
    const seen = theirs.map((it) => it.credentialExpiry).filter(Number.isFinite);
    this.#revoked.set(user, Math.max(Math.floor(unix(now)) + CREDENTIAL_SECONDS, ...seen));
    return theirs.length;
  }

  gone(flow: FiveTuple): void {
    this.allocations.delete(flow.key);
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
    forget(this.#answered, now);
    forget(this.nonces, now);
  }

  /** What ends, and when; an answer that is remembered, with the request that has it again. */
  *ends(): Generator<End, void, void> {
    for (const allocation of this.allocations.values()) {
      yield allocation;
      for (const [permitted, until] of allocation.permissions) yield { until, permitted };
      yield* allocation.channels.values();
    }
    yield* this.reservations.values();
    yield* this.nonces.values();
    yield* this.#answered.values();
  }

  supports(family: Family): boolean {
    return this.#external.has(family);
  }

  // ---- Data: RFC 8656 §11 and §12 ----

  #channelData(flow: FiveTuple, bytes: Uint8Array, now: number): Expected | undefined {
    const allocation = this.#find(flow, now);
    const length = uint16(bytes, 2);
    if (!allocation || bytes.length < 4 + length) return undefined;
    const channel = allocation.channels.get(uint16(bytes, 0));
    if (!channel || channel.until <= now) return undefined;
    return this.#toPeer(allocation, channel.peer, bytes.subarray(4, 4 + length), now);
  }

  #send(flow: FiveTuple, message: Read, now: number): Expected | undefined {
    const allocation = this.#find(flow, now);
    if (!allocation || unknownIn(message).length > 0 || hasUnreadable(message)) return undefined;
    const [peer] = peersOf(message);
    const data = valueOf(message, Attribute.DATA);
    if (!peer || !data || valueOf(message, Attribute.DONT_FRAGMENT)) return undefined;
    if (peer.port === 0 || !isLive(allocation.permissions.get(peer.ip), now)) return undefined;
    return this.#toPeer(allocation, peer, data, now);
  }

  #toPeer(
    allocation: ModelAllocation,
    peer: TransportAddress,
    data: Uint8Array,
    now: number,
  ): Expected | undefined {
    const family = familyOf(peer.ip);
    const relay = allocation.relays.find((it) => it.family === family);
    if (!relay || !allocation.fromClient.take(data.length, now)) return undefined;
    const reach = reachOf(peer.ip);
    if (reach === "direct") return { kind: "to peer", family, port: relay.port, peer, data };
    const other = reach === "own" ? this.#holderOf(family, peer.port) : undefined;
    const ip = this.#external.get(family);
    if (
      !other || other.until <= now || ip === undefined || !isLive(other.permissions.get(ip), now)
    ) return undefined;
    return this.#toClient(other, address(ip, relay.port), data, now);
  }

  /** RFC 8656 §12.7: on the channel where one is bound. */
  #toClient(
    allocation: ModelAllocation,
    from: TransportAddress,
    data: Uint8Array,
    now: number,
  ): Expected | undefined {
    if (!allocation.fromPeers.take(data.length, now)) return undefined;
    const channel = channelTo(allocation, from, now);
    return { kind: "to client", flow: allocation.flow, channel, from, data };
  }

  #find(flow: FiveTuple, now: number): ModelAllocation | undefined {
    const allocation = this.allocations.get(flow.key);
    return allocation && allocation.until > now ? allocation : undefined;
  }

  #holderOf(family: Family, port: number): ModelAllocation | undefined {
    for (const allocation of this.allocations.values()) {
      for (const relay of allocation.relays) {
        if (relay.family === family && relay.port === port) return allocation;
      }
    }
    return undefined;
  }

  // ---- Requests ----

  #binding(flow: FiveTuple, message: Read, now: number): Expected | undefined {
    if (!take(this.#bindings, flow, this.#limits.bindingsPerSecond, now)) return undefined;
    const unknown = unknownIn(message);
    if (unknown.length > 0) return answer(flow, message, 420, { unknown });
    return answer(flow, message, 0, { attributes: [Attribute.XOR_MAPPED_ADDRESS] });
  }

  #request(
    flow: FiveTuple,
    message: Read,
    authentic: boolean | undefined,
    now: number,
  ): Expected | undefined {
    const isLiveNonce = (text: string) => {
      const nonce = this.nonces.get(text);
      return nonce !== undefined && nonce.holder === flow.key && nonce.until > now;
    };
    const isLiveCredential = ({ user, expiresAt }: Credential) =>
      expiresAt === Infinity || (this.#config.secrets.length > 0 &&
        expiresAt > unix(now) && expiresAt > (this.#revoked.get(user) ?? 0));
    const by = identify(message, authentic, isLiveCredential, isLiveNonce);
    if (by.kind === "stranger") {
      const { code } = by;
      const rate = this.#limits.unauthenticatedPerSecond;
      if (!take(this.#unauthenticated, flow, rate, now)) return undefined;
      if (code === 400) return answer(flow, message, code);
      const attributes = [Attribute.REALM, Attribute.NONCE, Attribute.PASSWORD_ALGORITHMS];
      const learn = ({ nonce = "" }: Learned) => {
        const until = Math.floor(now / 1_000) * 1_000 + 30 * 60_000;
        this.nonces.set(nonce, { holder: flow.key, until });
        this.nonceOf.set(flow.key, nonce);
      };
      return answer(flow, message, code, { attributes, learn });
    }

    this.tick(now);
    const transaction = `${message.bytes.subarray(8, 20).toHex()} ${flow.key}`;
    const earlier = this.#answered.get(transaction);
    if (earlier && earlier.until > now) return { kind: "replay", flow, bytes: earlier.bytes };
    const unknown = unknownIn(message);
    const draft = unknown.length > 0
      ? { code: 420, unknown }
      : this.#handle(flow, message, by, now);
    const { once, code, ...rest } = draft;
    const attributes = [
      ...(rest.attributes ?? []),
      ...(this.#config.software === undefined ? [] : [Attribute.SOFTWARE]),
      by.signature.mac === "sha1"
        ? Attribute.MESSAGE_INTEGRITY
        : Attribute.MESSAGE_INTEGRITY_SHA256,
    ];
    const learn = (learned: Learned) => {
      rest.learn?.(learned);
      if (!once) return;
      const answered = { flow, request: message.bytes, bytes: learned.answer, until: now + 40_000 };
      this.#remember(transaction, answered, now);
    };
    return answer(flow, message, code, { ...rest, attributes, learn, signature: by.signature });
  }

  /** RFC 8656 §5: for 40 s; as many as two for each allocation that there may be. */
  #remember(transaction: string, answered: Answered, now: number): void {
    forget(this.#answered, now);
    for (const oldest of this.#answered.keys()) {
      if (this.#answered.size < 2 * this.#limits.allocations) break;
      this.#answered.delete(oldest);
    }
    this.#answered.set(transaction, answered);
  }

  #handle(flow: FiveTuple, message: Read, by: Known, now: number): Draft {
    if (message.type === ALLOCATE) return this.#allocate(flow, message, by, now);
    const allocation = this.#find(flow, now);
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
    if (this.allocations.has(flow.key)) return { code: 437 };
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
    const reservation = token === undefined ? undefined : this.reservations.get(token);
    const family = requested === 2 ? 6 : 4;
    if (token !== undefined) {
      if (even || requested !== undefined || additional !== undefined) return { code: 400 };
      if (reservation?.user !== by.user) return { code: 508 };
    } else {
      if (requested !== undefined && additional !== undefined) return { code: 400 };
      if (requested !== undefined && requested !== 1 && requested !== 2) return { code: 440 };
      if (!this.supports(family)) return { code: 440 };
      if (pair && additional !== undefined) return { code: 400 };
      if (additional !== undefined && additional !== 2) return { code: 400 };
    }
    if (this.isDraining) return { code: 486 };
    const over = this.#overQuota(flow, by.user, reservation, pair ? 2 : 1);
    if (over !== undefined) return { code: over };

    const wanted: WantedRelay[] = [];
    let addressError: Answer["addressError"];
    if (!reservation) {
      if (this.#isFree(family, even, pair)) wanted.push({ family, even });
      if (additional !== undefined) {
        if (this.supports(6) && this.#isFree(6, false, false)) {
          wanted.push({ family: 6, even: false });
          if (wanted.length === 1) addressError = { family: 4, code: 508 };
        } else addressError = { family: 6, code: this.supports(6) ? 508 : 440 };
      }
      if (wanted.length === 0) return { code: 508 };
    }
    if (token !== undefined) this.reservations.delete(token);
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
    this.allocations.set(flow.key, allocation);
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
          if (reservation ? port !== relay.port : !this.#mayBe(relay.family, port, pair)) {
            throw new Error(`Port ${port} is not to be had`);
          }
          relay.port = port;
        });
        const [first] = relays;
        if (!pair || !first || token === undefined) return;
        const relay = { family: first.family, port: first.port + 1 };
        this.reservations.set(token, { relay, user: by.user, source, until: now + 30_000 });
      },
    };
  }

  /** A reserved port counts as an allocation of whoever reserved it. */
  #overQuota(
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

  #isFree(family: Family, even: boolean, pair: boolean): boolean {
    const { first, last } = this.#config.relayPorts;
    for (let port = first; port <= last; port++) {
      if (even && port % 2 === 1) continue;
      if (this.#mayBe(family, port, pair)) return true;
    }
    return false;
  }

  /** Whether that port (and, for a pair, the next) can be had. */
  #mayBe(family: Family, port: number, pair: boolean): boolean {
    const { first, last } = this.#config.relayPorts;
    const isReserved = [...this.reservations.values()].some(({ relay }) =>
      relay.family === family && relay.port === port
    );
    return port >= first && port <= last && !this.#taken.has(port) && !isReserved &&
      !this.#holderOf(family, port) && (!pair || this.#mayBe(family, port + 1, false));
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
      else this.allocations.delete(allocation.flow.key);
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

type Known = Extract<Identified, { readonly kind: "known" }>;

type Draft = Partial<Omit<Answer, "code">> & { readonly code: number; readonly once?: boolean };

function answer(flow: FiveTuple, message: Read, code: number, more: Partial<Answer> = {}): Answer {
  const { unknown } = more;
  return {
    kind: "answer",
    flow,
    request: message.bytes,
    code,
    ...more,
    // No more than 16 are named.
    ...(unknown && { unknown: unknown.slice(0, 16) }),
    attributes: [
      ...(code === 0 ? [] : [Attribute.ERROR_CODE]),
      ...(unknown ? [Attribute.UNKNOWN_ATTRIBUTES] : []),
      ...(more.attributes ?? []),
      ...(message.fingerprint ? [Attribute.FINGERPRINT] : []),
    ],
  };
}

function refusal(allocation: ModelAllocation, ip: Ip): 403 | 443 | undefined {
  const family = familyOf(ip);
  if (!allocation.relays.some((relay) => relay.family === family)) return 443;
  return reachOf(ip) === "denied" ? 403 : undefined;
}

function reachOf(ip: Ip): Reach {
  const reach = REACH.get(ip);
  if (!reach) throw new Error("The model does not know this peer");
  return reach;
}

function channelTo(
  allocation: ModelAllocation,
  peer: TransportAddress,
  now: number,
): number | undefined {
  for (const [number, channel] of allocation.channels) {
    if (channel.peer.key === peer.key && channel.until > now) return number;
  }
  return undefined;
}

function sourceOf({ client: { ip } }: FiveTuple): Source {
  return typeof ip === "number" ? ip : ip.slice(0, 8);
}

function take(
  buckets: Map<Source, Bucket>,
  flow: FiveTuple,
  perSecond: number,
  now: number,
): boolean {
  const source = sourceOf(flow);
  let bucket = buckets.get(source);
  if (!bucket) buckets.set(source, bucket = new Bucket(perSecond, now));
  return bucket.take(1, now);
}

function isLive(until: number | undefined, now: number): boolean {
  return until !== undefined && until > now;
}

/** All of a kind are held equally long: whatever comes after one that stays, stays. */
function forget(held: Map<string, { readonly until: number }>, now: number): void {
  for (const [key, { until }] of held) {
    if (until > now) return;
    held.delete(key);
  }
}

function unix(now: number): number {
  return UNIX_START + now / 1_000;
}
