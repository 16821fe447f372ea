import type { DropReason, Effects, FiveTuple, TurnEvent } from "./api.ts";
import type { LimitName } from "./limits.ts";
import type { Refusal } from "./request.ts";

/** A refusal, whether its sender is known or not. */
type Counted = Pick<Refusal, "code" | "why" | "limit" | "peer"> & { readonly claimed?: string };

/** What the engine counts: only ever up. */
export class Counters {
  readonly #effects: Effects;
  readonly #dropped = new Map<DropReason, number>();
  readonly #refused = new Map<number, number>();
  /** Each from the beginning: a rate of change needs a first value. */
  readonly #limitedBy: Record<LimitName, number> = {
    allocations: 0,
    allocationsPerUser: 0,
    allocationsPerRoom: 0,
    allocationsPerAddress: 0,
    permissionsPerAllocation: 0,
    channelsPerAllocation: 0,
    unauthenticatedPerSecond: 0,
    bindingsPerSecond: 0,
    bytesPerSecond: 0,
    packetsPerSecond: 0,
    newPeersPerSecond: 0,
  };
  /** One event for each reason, made once: drops may come in floods. */
  readonly #dropEvents = new Map<DropReason, TurnEvent>();
  allocated = 0;
  clientBytes = 0;
  clientPackets = 0;
  peerBytes = 0;
  peerPackets = 0;
  inProcessPackets = 0;

  constructor(effects: Effects) {
    this.#effects = effects;
  }

  drop(why: DropReason): void {
    this.#dropped.set(why, (this.#dropped.get(why) ?? 0) + 1);
    let event = this.#dropEvents.get(why);
    if (!event) this.#dropEvents.set(why, event = { kind: "dropped", why });
    this.#effects.note(event);
  }

  /** A datagram beyond a rate. */
  dropBeyond(limit: LimitName): void {
    this.#limitedBy[limit]++;
    this.drop("rate-limited");
  }

  refuse(
    flow: FiveTuple,
    user: string | undefined,
    method: string,
    { code, why, limit, peer, claimed }: Counted,
  ): void {
    if (limit) this.#limitedBy[limit]++;
    this.#refused.set(code, (this.#refused.get(code) ?? 0) + 1);
    this.#effects.note({
      kind: "refused",
      flow,
      ...user !== undefined && { user },
      ...claimed !== undefined && { claimed },
      method,
      code,
      why,
      ...limit && { limit },
      ...peer && { peer },
    });
  }

  get droppedByReason(): Partial<Record<DropReason, number>> {
    return Object.fromEntries(this.#dropped);
  }

  get limitedBy(): Record<LimitName, number> {
    return { ...this.#limitedBy };
  }

  get refusedByCode(): Record<number, number> {
    return Object.fromEntries(this.#refused);
  }
}
