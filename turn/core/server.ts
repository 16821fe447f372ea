import type { ClientBan, TurnConfig, TurnSettings, Whereabouts } from "../config.ts";
import { beginsChannelData, decode, Method, type StunMessage } from "../stun/mod.ts";
import { allocate } from "./allocate.ts";
import { Allocations } from "./allocations.ts";
import type { Allocation } from "./allocation.ts";
import type { Effects, FiveTuple, Relay, TurnCore, TurnStats } from "./api.ts";
import { type Ip, parseAddress, type PeerAddress, type ServerAddress } from "../address.ts";
import { Answers } from "./answers.ts";
import { authenticate, type AuthenticationRefusal } from "./authenticate.ts";
import { channelBind } from "./channel_bind.ts";
import { ClientBans } from "./client_bans.ts";
import { Counters } from "./counters.ts";
import { createPermission } from "./create_permission.ts";
import { Credentials } from "./credentials.ts";
import { type Limits, NO_LIMITS } from "./limits.ts";
import { Nonces } from "./nonce.ts";
import { routeBy } from "./peer_checks.ts";
import { PeerGate } from "./peer_gate.ts";
import { refresh } from "./refresh.ts";
import { Relaying } from "./relaying.ts";
import { Relays } from "./relays.ts";
import { type Engine, type Outcome, type Refusal, refuseUnknown, type Request } from "./request.ts";
import { sourceOf, SourceRates } from "./source.ts";
import { Transactions } from "./transactions.ts";

/** What the core has no way to know by itself. */
export interface TurnDeps {
  /** Fills the bytes with random ones, good enough for tokens. */
  random(bytes: Uint8Array): void;
  /** 32 random bytes: who knows them can make nonces. */
  readonly nonceKey: Uint8Array;
  /** The wall clock at `now`, in Unix seconds: what time-limited credentials expire by. */
  unixSeconds(now: number): number;
}

/** Answers that are remembered for each allocation that there may be. */
const REMEMBERED_PER_ALLOCATION = 2;

/** The most types in UNKNOWN-ATTRIBUTES. */
const MAX_UNKNOWN_NAMED = 16;

type Handler = (request: Request, engine: Engine) => Outcome;
const HANDLERS: ReadonlyMap<number, { readonly name: string; readonly handle: Handler }> = new Map([
  [Method.ALLOCATE, { name: "Allocate", handle: allocate }],
  [Method.REFRESH, { name: "Refresh", handle: refresh }],
  [Method.CREATE_PERMISSION, { name: "CreatePermission", handle: createPermission }],
  [Method.CHANNEL_BIND, { name: "ChannelBind", handle: channelBind }],
]);

/** The STUN/TURN server without sockets and clock: RFC 8489 and RFC 8656. */
export class TurnServer implements TurnCore {
  readonly #effects: Effects;
  readonly #deps: TurnDeps;
  readonly #credentials: Credentials;
  readonly #nonces: Nonces;
  readonly #counters: Counters;
  readonly #engine: { -readonly [K in keyof Engine]: Engine[K] };
  readonly #allocations: Allocations;
  readonly #relaying: Relaying;
  readonly #transactions: Transactions;
  readonly #unauthenticated: SourceRates;
  readonly #bindings: SourceRates;
  readonly #answers: Answers;

  constructor(config: TurnConfig, effects: Effects, deps: TurnDeps) {
    const random32 = () => {
      const bytes = new Uint8Array(4);
      deps.random(bytes);
      return new DataView(bytes.buffer).getUint32(0);
    };
    const limits = limitsOf(config);
    this.#effects = effects;
    this.#deps = deps;
    this.#credentials = new Credentials(config);
    this.#answers = new Answers(this.#credentials.realm, config.software);
    this.#nonces = new Nonces(deps.nonceKey, this.#credentials.allHaveUserhash);
    this.#counters = new Counters(effects);
    const gate = new PeerGate(config);
    const relays = new Relays(config, effects, random32);
    const allocations = new Allocations(limits, relays, effects, this.#counters);
    const random = (bytes: Uint8Array) => deps.random(bytes);
    const { oldChannels = false } = config;
    const alternateServer = readAlternate(config.alternateServer);
    const bans = new ClientBans();
    const engine = {
      limits,
      gate,
      relays,
      allocations,
      bans,
      random,
      oldChannels,
      alternateServer,
    };
    this.#engine = { ...engine, isDraining: false };
    this.#allocations = allocations;
    this.#relaying = new Relaying(this.#engine, effects, this.#counters);
    this.#transactions = new Transactions(limits.allocations * REMEMBERED_PER_ALLOCATION);
    this.#unauthenticated = new SourceRates(limits.unauthenticatedPerSecond, random32());
    this.#bindings = new SourceRates(limits.bindingsPerSecond, random32());
  }

  fromClient(flow: FiveTuple, bytes: Uint8Array, now: number): void {
    if (beginsChannelData(bytes[0] ?? 0)) return this.#relaying.channelData(flow, bytes, now);
    const decoded = decode(bytes);
    if (decoded.kind !== "message") return this.#counters.drop(decoded.kind);
    const { message } = decoded;
    if (message.class === "request") return this.#request(flow, message, now);
    if (message.class === "indication" && message.method === Method.SEND) {
      return this.#relaying.send(flow, message, now);
    }
    // A Binding indication only keeps a path open; no other is a server's (RFC 8489 §6.3).
    if (message.class !== "indication" || message.method !== Method.BINDING) {
      this.#counters.drop("malformed");
    }
  }

  fromPeer(relay: Relay, peer: PeerAddress, bytes: Uint8Array, now: number): void {
    this.#relaying.fromPeer(relay, peer, bytes, now);
  }

  clientGone(flow: FiveTuple, now: number): void {
    const allocation = this.#allocations.find(flow, now);
    if (allocation) this.#allocations.release(allocation, "connection-closed");
  }

  hasAllocation(flow: FiveTuple): boolean {
    return this.#allocations.has(flow);
  }

  wake(now: number): void {
    this.#allocations.wake(now);
    this.#transactions.forgetDue(now);
  }

  deadline(): number {
    return Math.min(this.#allocations.nextDue, this.#transactions.nextDue);
  }

  revoke(user: string, now: number): number {
    const ended = this.#allocations.deleteOf(user, "revoked");
    const seen = ended.map(({ credentialExpiry }) => credentialExpiry).filter(Number.isFinite);
    this.#credentials.revoke(user, Math.max(0, ...seen), this.#deps.unixSeconds(now));
    this.#closeClientsOf(ended);
    return ended.length;
  }

  ban(bans: readonly ClientBan[], now: number): void {
    const unixSeconds = this.#deps.unixSeconds(now);
    this.#engine.bans.replace(bans);
    const isBanned = (client: Ip) => this.#engine.bans.has(client, unixSeconds);
    this.#closeClientsOf(this.#allocations.deleteFrom(isBanned, "banned"));
  }

  drain(): void {
    this.#engine.isDraining = true;
  }

  move(to: Whereabouts): void {
    this.#engine.gate.move(to);
    this.#engine.relays.advertise(to.externalIps);
  }

  configure(settings: TurnSettings, now: number): void {
    const limits = limitsOf(settings);
    const { gate } = this.#engine;
    this.#credentials.configure(settings);
    this.#engine.limits = limits;
    this.#allocations.limit(limits, now);
    this.#transactions.limit(limits.allocations * REMEMBERED_PER_ALLOCATION);
    this.#unauthenticated.limit(limits.unauthenticatedPerSecond);
    this.#bindings.limit(limits.bindingsPerSecond);
    gate.configure(settings);
    this.#allocations.reroute((ip) => {
      const verdict = gate.judge(ip);
      return verdict === "denied" ? undefined : routeBy(verdict, ip, gate);
    });
  }

  shutdown(_now: number): void {
    this.#engine.isDraining = true;
    this.#allocations.deleteAll("shutdown");
  }

  stats(): TurnStats {
    const counters = this.#counters;
    return {
      allocations: this.#allocations.size,
      ...this.#allocations.held(),
      allocated: counters.allocated,
      clientBytes: counters.clientBytes,
      clientPackets: counters.clientPackets,
      peerBytes: counters.peerBytes,
      peerPackets: counters.peerPackets,
      inProcessPackets: counters.inProcessPackets,
      refusedByCode: counters.refusedByCode,
      droppedByReason: counters.droppedByReason,
      limitedBy: counters.limitedBy,
    };
  }

  #closeClientsOf(ended: readonly Allocation[]): void {
    for (const { flow } of ended) if (flow.transport === "tcp") this.#effects.closeClient(flow);
  }

  #request(flow: FiveTuple, message: StunMessage, now: number): void {
    if (message.method === Method.BINDING) return this.#binding(flow, message, now);
    const handler = HANDLERS.get(message.method);
    // RFC 8489 §6.3: a method that is not understood gets no answer.
    if (!handler) return this.#counters.drop("malformed");

    const unixSeconds = this.#deps.unixSeconds(now);
    const authentication = authenticate(
      message,
      flow,
      this.#credentials,
      this.#nonces,
      now,
      unixSeconds,
    );
    if (authentication.kind === "refused") {
      return this.#refuseStranger(flow, message, handler.name, authentication, now);
    }
    const { by } = authentication;
    // However late the timer is: what has ended counts in no quota and holds no port.
    this.wake(now);
    const earlier = this.#transactions.find(flow.key, message.transactionId, now);
    if (earlier) return this.#effects.toClient(flow, earlier);
    const outcome = refuseNotUnderstood(message) ??
      handler.handle({ flow, message, by, now, unixSeconds }, this.#engine);
    if (outcome.kind === "refused") this.#counters.refuse(flow, by.user, handler.name, outcome);
    const answer = this.#answers.known(message, by, outcome);
    this.#effects.toClient(flow, answer);
    if (outcome.kind === "done" && outcome.once) {
      this.#transactions.remember(flow.key, message.transactionId, answer, now);
    }
  }

  /** Binding, RFC 8489 §6.3.1: for anybody, at a bounded rate, and hardly larger than the request. */
  #binding(flow: FiveTuple, message: StunMessage, now: number): void {
    if (!this.#bindings.take(sourceOf(flow.client.ip), now)) {
      return this.#counters.dropBeyond("bindingsPerSecond");
    }
    const unknown = refuseNotUnderstood(message);
    if (unknown) this.#counters.refuse(flow, undefined, "Binding", unknown);
    this.#effects.toClient(flow, this.#answers.binding(flow, message, unknown));
  }

  /** What is wrong before the sender is known: answered at a bounded rate, and nothing is kept. */
  #refuseStranger(
    flow: FiveTuple,
    message: StunMessage,
    method: string,
    refusal: AuthenticationRefusal,
    now: number,
  ): void {
    if (!this.#unauthenticated.take(sourceOf(flow.client.ip), now)) {
      return this.#counters.dropBeyond("unauthenticatedPerSecond");
    }
    this.#counters.refuse(flow, undefined, method, refusal);
    const nonce = refusal.challenge ? this.#nonces.issue(flow, now) : undefined;
    this.#effects.toClient(flow, this.#answers.stranger(message, refusal.code, nonce));
  }
}

/** RFC 8489 §6.3.1: what must be understood and is not. */
function refuseNotUnderstood({ unknown }: StunMessage): Refusal | undefined {
  if (unknown.length === 0) return undefined;
  // A request may name thousands; the answer names as many as tell what is wrong.
  return refuseUnknown(unknown.slice(0, MAX_UNKNOWN_NAMED), "an attribute is not understood");
}

function limitsOf({ limits }: Pick<TurnConfig, "limits">): Limits {
  return limits === "off" ? NO_LIMITS : limits;
}

function readAlternate(text: string | undefined): ServerAddress | undefined {
  const address = text === undefined ? undefined : parseAddress<ServerAddress>(text);
  if (text !== undefined && !address) throw new Error(`Cannot read the address "${text}"`);
  return address;
}
