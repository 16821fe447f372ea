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
import { Bucket } from "./bucket.ts";
import { CREDENTIAL_SECONDS } from "./cast.ts";
import type { Credential } from "./credentials.ts";
import type { Answer, Expected, Learned } from "./expected.ts";
import {
  channelTo,
  forget,
  Holdings,
  isLive,
  type ModelAllocation,
  type Source,
  sourceOf,
} from "./holdings.ts";
import { identify } from "./identify.ts";
import {
  ALLOCATE,
  CHANNEL_BIND,
  CREATE_PERMISSION,
  Methods,
  reachOf,
  REFRESH,
  unix,
} from "./methods.ts";
import { hasUnreadable, peersOf, type Read, read, uint16, unknownIn, valueOf } from "./read.ts";

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

const BINDING = 0x0001;
const SEND_INDICATION = 0x0016;

export class Model {
  readonly #config: TurnConfig;
  readonly #limits: TurnLimits;
  readonly #external: ReadonlyMap<Family, TransportAddress["ip"]>;
  readonly held: Holdings;
  readonly #methods: Methods;
  readonly #answered = new Map<string, Answered>();
  readonly nonces = new Map<string, { readonly holder: FlowKey; readonly until: number }>();
  /** The last that each flow was told. */
  readonly nonceOf = new Map<FlowKey, string>();
  readonly #revoked = new Map<string, number>();
  readonly #unauthenticated = new Map<Source, Bucket>();
  readonly #bindings = new Map<Source, Bucket>();

  /** `taken`: the ports that something else on the machine has. */
  constructor(
    config: TurnConfig,
    external: ReadonlyMap<Family, Ip>,
    taken: ReadonlySet<number>,
  ) {
    if (config.limits === "off") throw new Error("The model knows no server without limits");
    this.#config = config;
    this.#limits = config.limits;
    this.#external = external;
    this.held = new Holdings(config.limits, config.relayPorts, taken);
    this.#methods = new Methods(config, config.limits, new Set(external.keys()), this.held);
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
    const allocation = this.held.holderOf(family, port);
    const isReached = allocation && allocation.until > now &&
      isLive(allocation.permissions.get(peer.ip), now) &&
      reachOf(peer.ip) === "direct" && peer.port !== 0;
    return isReached ? this.#toClient(allocation, peer, data, now) : undefined;
  }

  /** How many allocations end. */
  revoke(user: string, now: number): number {
    const { allocations, reservations } = this.held;
    const theirs = [...allocations.values()].filter((it) => it.user === user);
    for (const { flow } of theirs) allocations.delete(flow.key);
    for (const [token, it] of reservations) if (it.user === user) reservations.delete(token);
    const seen = theirs.map((it) => it.credentialExpiry).filter(Number.isFinite);
    this.#revoked.set(user, Math.max(Math.floor(unix(now)) + CREDENTIAL_SECONDS, ...seen));
    return theirs.length;
  }

  drain(): void {
    this.#methods.isDraining = true;
  }

  gone(flow: FiveTuple): void {
    this.held.allocations.delete(flow.key);
  }

  /** Takes away everything whose time is over. */
  tick(now: number): void {
    this.held.tick(now);
    forget(this.#answered, now);
    forget(this.nonces, now);
  }

  /** What ends, and when; an answer that is remembered, with the request that has it again. */
  *ends(): Generator<End, void, void> {
    for (const allocation of this.held.allocations.values()) {
      yield allocation;
      for (const [permitted, until] of allocation.permissions) yield { until, permitted };
      yield* allocation.channels.values();
    }
    yield* this.held.reservations.values();
    yield* this.nonces.values();
    yield* this.#answered.values();
  }

  // ---- Data: RFC 8656 §11 and §12 ----

  #channelData(flow: FiveTuple, bytes: Uint8Array, now: number): Expected | undefined {
    const allocation = this.held.find(flow, now);
    const length = uint16(bytes, 2);
    if (!allocation || bytes.length < 4 + length) return undefined;
    const channel = allocation.channels.get(uint16(bytes, 0));
    if (!channel || channel.until <= now) return undefined;
    return this.#toPeer(allocation, channel.peer, bytes.subarray(4, 4 + length), now);
  }

  #send(flow: FiveTuple, message: Read, now: number): Expected | undefined {
    const allocation = this.held.find(flow, now);
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
    const other = reach === "own" ? this.held.holderOf(family, peer.port) : undefined;
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
      : this.#methods.handle(flow, message, by, now);
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
}

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
