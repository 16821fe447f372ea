import type { DropReason, Effects, FiveTuple, TurnEvent } from "./api.ts";

/** What the engine counts: only ever up. */
export class Counters {
  readonly #effects: Effects;
  readonly #dropped = new Map<DropReason, number>();
  readonly #refused = new Map<number, number>();
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

  refuse(
    flow: FiveTuple,
    user: string | undefined,
    method: string,
    { code, why }: { readonly code: number; readonly why: string },
  ): void {
    this.#refused.set(code, (this.#refused.get(code) ?? 0) + 1);
    const whose = user === undefined ? {} : { user };
    this.#effects.note({ kind: "refused", flow, ...whose, method, code, why });
  }

  get droppedByReason(): Partial<Record<DropReason, number>> {
    return Object.fromEntries(this.#dropped);
  }

  get refusedByCode(): Record<number, number> {
    return Object.fromEntries(this.#refused);
  }
}
