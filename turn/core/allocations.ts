import type { Ip } from "../address.ts";
import { Allocation, type Holder, type Route } from "./allocation.ts";
import type { Effects, FiveTuple, FlowKey, Relay, ReleaseReason } from "./api.ts";
import type { Authenticated } from "./authenticate.ts";
import type { Counters } from "./counters.ts";
import { Deadlines, NOWHERE, type Timed } from "./deadlines.ts";
import type { Limits } from "./limits.ts";
import type { Relays } from "./relays.ts";
import { type Refusal, refuseBeyond } from "./request.ts";
import { type Source, sourceOf } from "./source.ts";

/** RFC 8656 §7.2: a reserved port is held at least 30 s. */
const RESERVATION_MS = 30_000;

/** A port that EVEN-PORT reserved: it has an owner and an end, or it would leak. */
interface Reservation extends Holder, Timed {
  readonly token: string;
  readonly relay: Relay;
  readonly source: Source;
  readonly expiresAt: number;
}

/** Everything that clients hold here, who holds it, and when it ends. */
export class Allocations {
  #limits: Limits;
  readonly #relays: Relays;
  readonly #effects: Effects;
  readonly #counters: Counters;
  readonly #byFlow = new Map<FlowKey, Allocation>();
  readonly #reservations = new Map<string, Reservation>();
  /** Allocations and reserved ports, counted by who holds them. */
  readonly #perUser = new Map<string, number>();
  readonly #perRoom = new Map<string, number>();
  readonly #perSource = new Map<Source, number>();
  readonly #deadlines = new Deadlines<Allocation | Reservation>();

  constructor(limits: Limits, relays: Relays, effects: Effects, counters: Counters) {
    this.#limits = limits;
    this.#relays = relays;
    this.#effects = effects;
    this.#counters = counters;
  }

  get nextDue(): number {
    return this.#deadlines.next;
  }

  get size(): number {
    return this.#byFlow.size;
  }

  /** Takes other limits. What is held beyond them stays; nothing is added to it. */
  limit(limits: Limits, now: number): void {
    this.#limits = limits;
    for (const allocation of this.#byFlow.values()) allocation.limit(limits, now);
  }

  /** Ends the permissions and channels to whom there is no route any more. */
  reroute(routeOf: (ip: Ip) => Route | undefined): void {
    for (const allocation of this.#byFlow.values()) allocation.reroute(routeOf);
  }

  has(flow: FiveTuple): boolean {
    return this.#byFlow.has(flow.key);
  }

  /** The allocation of this five-tuple. One whose time is over is none, even before `wake`. */
  find(flow: FiveTuple, now: number): Allocation | undefined {
    const allocation = this.#byFlow.get(flow.key);
    if (!allocation || allocation.expiresAt > now) return allocation;
    this.release(allocation, expiryReason(allocation));
    return undefined;
  }

  /**
   * Why this client may not have `count` more, if it may not: RFC 8656 §7.2, the quota. A reservation
   * that is `claimed` no longer counts, where it did: for its user, room and address.
   */
  refusal(
    flow: FiveTuple,
    { user, room }: Holder,
    count: number,
    claimed?: string,
  ): Refusal | undefined {
    const { allocations, allocationsPerUser, allocationsPerAddress, allocationsPerRoom } =
      this.#limits;
    const source = sourceOf(flow.client.ip);
    const reservation = claimed === undefined ? undefined : this.#reservations.get(claimed);
    const more = (isSame: boolean) => reservation && isSame ? count - 1 : count;
    if ((this.#perUser.get(user) ?? 0) + more(true) > allocationsPerUser) {
      const why = `the user already has ${allocationsPerUser} allocations`;
      return refuseBeyond("allocationsPerUser", 486, why);
    }
    const inRoom = room === undefined ? 0 : this.#perRoom.get(room) ?? 0;
    if (room !== undefined && inRoom + more(reservation?.room === room) > allocationsPerRoom) {
      const why = `the room already has ${allocationsPerRoom} allocations`;
      return refuseBeyond("allocationsPerRoom", 486, why);
    }
    const inSource = this.#perSource.get(source) ?? 0;
    if (inSource + more(reservation?.source === source) > allocationsPerAddress) {
      const why = `the address already has ${allocationsPerAddress} allocations`;
      return refuseBeyond("allocationsPerAddress", 486, why);
    }
    if (this.#byFlow.size + this.#reservations.size + more(true) > allocations) {
      return refuseBeyond("allocations", 508, `the server already has ${allocations} allocations`);
    }
    return undefined;
  }

  /** The relays become the client's, for as long as `extend` says; returns what it returns. */
  add(
    flow: FiveTuple,
    relays: readonly Relay[],
    seconds: number,
    credential: Authenticated,
    now: number,
    unixSeconds: number,
  ): number {
    const { user } = credential;
    const allocation = new Allocation(flow, credential, relays, this.#limits);
    for (const relay of relays) this.#relays.give(relay, allocation);
    this.#byFlow.set(flow.key, allocation);
    this.#count(allocation, sourceOf(flow.client.ip), 1);
    this.#counters.allocated++;
    this.#effects.note({ kind: "allocated", flow, user, relays });
    return this.extend(allocation, seconds, credential, now, unixSeconds);
  }

  /**
   * Sets when the allocation ends: after `seconds`, or with its credential, which it never outlives.
   * Returns the seconds to tell the client.
   */
  extend(
    allocation: Allocation,
    seconds: number,
    credential: Authenticated,
    now: number,
    unixSeconds: number,
  ): number {
    const credentialSeconds = credential.expiresAt - unixSeconds;
    allocation.credentialExpiry = credential.expiresAt;
    allocation.endsWithCredential = credentialSeconds <= seconds;
    allocation.expiresAt = now + Math.min(seconds, credentialSeconds) * 1_000;
    this.reschedule(allocation);
    return Math.min(seconds, Math.ceil(credentialSeconds));
  }

  /** To be called when the allocation holds something that ends sooner than all it held. */
  reschedule(allocation: Allocation): void {
    this.#deadlines.set(allocation, allocation.nextDue());
  }

  release(allocation: Allocation, reason: ReleaseReason): void {
    const { flow, user } = allocation;
    this.#byFlow.delete(flow.key);
    this.#deadlines.delete(allocation);
    this.#count(allocation, sourceOf(flow.client.ip), -1);
    for (const relay of allocation.relays) this.#relays.close(relay);
    this.#effects.note({ kind: "released", flow, user, reason });
  }

  /** Closes one relay of an allocation with two. */
  closeRelay(allocation: Allocation, relay: Relay): void {
    allocation.relays = allocation.relays.filter((other) => other !== relay);
    this.#relays.close(relay);
  }

  /** Holds a relay for whoever of the same user comes with the token: 16 hexadecimal digits. */
  reserve(
    token: string,
    relay: Relay,
    flow: FiveTuple,
    { user, room }: Holder,
    now: number,
  ): void {
    const source = sourceOf(flow.client.ip);
    const expiresAt = now + RESERVATION_MS;
    const timed = { due: expiresAt, place: NOWHERE };
    const reservation: Reservation = { token, relay, user, room, source, expiresAt, ...timed };
    this.#reservations.set(token, reservation);
    this.#deadlines.set(reservation, expiresAt);
    this.#count(reservation, source, 1);
  }

  /** The reserved relay, which is taken from the reservation only by `claim`. */
  reserved(token: string, user: string, now: number): Relay | undefined {
    const reservation = this.#reservations.get(token);
    const isTheirs = reservation?.user === user && reservation.expiresAt > now;
    return isTheirs ? reservation.relay : undefined;
  }

  /** Takes the relay out of its reservation, which no longer counts. */
  claim(token: string): void {
    const reservation = this.#reservations.get(token);
    if (reservation) this.#forget(reservation);
  }

  /** Ends every allocation and reservation of the user; returns the allocations. */
  deleteOf(user: string, reason: ReleaseReason): Allocation[] {
    const theirs = [...this.#byFlow.values()].filter((allocation) => allocation.user === user);
    for (const allocation of theirs) this.release(allocation, reason);
    for (const reservation of this.#reservations.values()) {
      if (reservation.user === user) this.#drop(reservation);
    }
    return theirs;
  }

  /** Ends every allocation whose client `test` is true of; returns them. */
  deleteFrom(test: (client: Ip) => boolean, reason: ReleaseReason): Allocation[] {
    const theirs = [...this.#byFlow.values()].filter(({ flow }) => test(flow.client.ip));
    for (const allocation of theirs) this.release(allocation, reason);
    return theirs;
  }

  deleteAll(reason: ReleaseReason): void {
    for (const allocation of this.#byFlow.values()) this.release(allocation, reason);
    for (const reservation of this.#reservations.values()) this.#drop(reservation);
  }

  wake(now: number): void {
    for (let due = this.#deadlines.take(now); due; due = this.#deadlines.take(now)) {
      if (!(due instanceof Allocation)) this.#drop(due);
      else if (due.expiresAt <= now) this.release(due, expiryReason(due));
      else {
        due.prune(now);
        this.reschedule(due);
      }
    }
  }

  /** What the allocations hold, as gauges. */
  held(): { permissions: number; channels: number } {
    let [permissions, channels] = [0, 0];
    for (const allocation of this.#byFlow.values()) {
      permissions += allocation.permissions.size;
      channels += allocation.channelsByNumber.size;
    }
    return { permissions, channels };
  }

  #drop(reservation: Reservation): void {
    this.#forget(reservation);
    this.#relays.close(reservation.relay);
  }

  #forget(reservation: Reservation): void {
    this.#reservations.delete(reservation.token);
    this.#deadlines.delete(reservation);
    this.#count(reservation, reservation.source, -1);
  }

  #count({ user, room }: Holder, source: Source, by: 1 | -1): void {
    add(this.#perUser, user, by);
    if (room !== undefined) add(this.#perRoom, room, by);
    add(this.#perSource, source, by);
  }
}

function expiryReason({ endsWithCredential }: Allocation): ReleaseReason {
  return endsWithCredential ? "credential-expired" : "expired";
}

function add<Key>(counts: Map<Key, number>, key: Key, by: 1 | -1): void {
  const count = (counts.get(key) ?? 0) + by;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}
