import { Buffer } from "node:buffer";
import { type ByeCode, byeCodes, type ErrorCode } from "../../codes.ts";
import {
  type Authentication,
  Bucket,
  type ConnectionId,
  type Core,
  type Counts,
  type Entry,
  isHeard,
  type Line,
  type LineEffects,
  Lines,
  type Networks,
  type Origin,
} from "../../core/mod.ts";
import type { SignalingLimits } from "../../limits.ts";

/** A connection at a door. */
export interface Client extends Line {
  /** Whose login it is; nobody's where it is a guest. */
  readonly subject: string | undefined;
}

export interface DoorCoreOptions {
  readonly limits: SignalingLimits;
  /** `required`: nobody enters without a valid token. `open`: guests may. */
  readonly auth: "open" | "required";
  readonly effects: LineEffects;
  /** Those of all cores. */
  readonly networks: Networks;
}

/** RFC 6455 §7.4.1. */
const NORMAL_CLOSURE = 1000;

/**
 * What the doors have in common: the limits of a connection, and its end. Their clients cannot be
 * told what is wrong with a message, so one that is refused is dropped and counted.
 */
export abstract class DoorCore<C extends Client> implements Core {
  protected readonly limits: SignalingLimits;
  protected readonly lines: Lines<C>;
  readonly #auth: DoorCoreOptions["auth"];
  readonly #effects: LineEffects;
  #draining = false;

  constructor({ limits, auth, effects, networks }: DoorCoreOptions) {
    this.limits = limits;
    this.lines = new Lines(limits, effects, networks);
    this.#auth = auth;
    this.#effects = effects;
  }

  /** Acts on a message; answers what is wrong with it, if anything is. */
  protected abstract carryOut(client: C, text: string): ErrorCode | undefined;

  /** The client is gone. */
  protected abstract left(client: C): void;

  /** Says why the connection is about to end, where the protocol has a word for it. */
  protected explain(_client: C, _reason: string): void {}

  /** The fields of a client that every door has alike. */
  protected lineOf(id: ConnectionId, { origin, authentication }: Entry): Client {
    const { messagesPerSecond, messageBurst } = this.limits;
    return {
      id,
      origin,
      subject: authentication?.kind === "player" ? authentication.player.subject : undefined,
      messages: new Bucket(messagesPerSecond, messageBurst, this.lines.now),
      network: this.lines.networkOf(origin),
    };
  }

  /** Lets the client in, or ends it and says so. */
  protected enter(client: C, authentication: Authentication | undefined): boolean {
    this.lines.open(client);
    if (this.#draining) {
      this.end(client, "draining");
    } else if (authentication?.kind === "refused") {
      this.end(client, authentication.code, authentication.message);
    } else if (this.#auth === "required" && client.subject === undefined) {
      this.end(client, "unauthorized", byeCodes.unauthorized.meaning);
    }
    return this.lines.get(client.id) === client;
  }

  protected end(client: C, code: ByeCode, reason?: string): void {
    if (reason !== undefined) this.explain(client, reason);
    this.lines.close(client, code);
    this.left(client);
  }

  /** Turns away a client that did not come in properly. */
  protected refuse(client: C, code: ErrorCode): void {
    this.lines.countFault(code);
    this.lines.forget(client);
    this.#effects.close(client.id, NORMAL_CLOSURE, code);
  }

  message(id: ConnectionId, data: string | Uint8Array, now: number): void {
    const client = this.lines.get(id);
    if (!client) return; // The socket lingers after the core has let go of it.
    this.lines.now = now;
    this.lines.hear();
    const fault = this.#overLimits(client, data) ??
      (typeof data === "string" ? this.carryOut(client, data) : "bad-message");
    if (fault) this.lines.countFault(fault);
    this.lines.pay(client);
    this.settle();
  }

  closed(id: ConnectionId, _clean: boolean, now: number): void {
    const client = this.lines.get(id);
    if (!client) return;
    this.lines.now = now;
    this.lines.forget(client);
    this.left(client);
    this.settle();
  }

  tick(_now: number): void {}

  deadline(): number {
    return Infinity;
  }

  disconnect(subject: string, code: ByeCode, reason: string, now: number): number {
    this.lines.now = now;
    const theirs = this.lines.all().filter((client) => client.subject === subject);
    for (const client of theirs) this.end(client, code, reason);
    this.settle();
    return theirs.length;
  }

  endFrom(
    test: (origin: Origin) => boolean,
    code: ByeCode,
    reason: string,
    now: number,
  ): string[] {
    this.lines.now = now;
    const ended = this.lines.all().filter(({ origin }) => test(origin));
    for (const client of ended) this.end(client, code, reason);
    this.settle();
    return ended.map(({ subject }) => subject).filter((subject) => subject !== undefined);
  }

  limitsChanged(now: number): void {
    this.lines.now = now;
    this.lines.limitsChanged();
  }

  drain(_retryAfter: number, now: number): void {
    this.lines.now = now;
    this.#draining = true;
    for (const client of this.lines.all()) this.end(client, "draining");
  }

  stats(): Counts {
    return this.lines.counts();
  }

  /** Closes a step: ends those who read too slowly. */
  protected settle(): void {
    for (let slow; (slow = this.lines.overflowed());) this.end(slow, "queue-overflow");
  }

  /** Why a frame may not even be read, if it may not. A giant costs by its size. */
  #overLimits(client: C, data: string | Uint8Array): ErrorCode | undefined {
    const { maxMessageBytes, messagesPerSecond } = this.limits;
    const { messages, network } = client;
    const { now } = this.lines;
    // Past what its network may do, what comes costs no reading.
    const silenced = !isHeard(network, now);
    const size = silenced ? 0 : typeof data === "string" ? Buffer.byteLength(data) : data.length;
    const cost = Math.max(Math.ceil(size / maxMessageBytes), 1);
    const ofNetwork = network.messages.spend(cost, now);
    const verdict = silenced ? ofNetwork : messages.spend(cost, now);
    if (verdict === "abuse") {
      this.end(client, "rate-limited", `More than ${messagesPerSecond} messages a second came.`);
    }
    if (silenced || verdict !== "within") return "rate-limited";
    return size > maxMessageBytes ? "too-large" : undefined;
  }
}
