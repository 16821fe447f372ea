import { type ByeCode, byeCodes, type ErrorCode } from "../codes.ts";
import type { SignalingLimits } from "../limits.ts";
import type { ConnectionId, Counts, Effects, Origin } from "./api.ts";
import type { Bucket } from "./bucket.ts";
import type { Network, Networks } from "./networks.ts";

/** An open connection, as far as every protocol has one. */
export interface Line {
  readonly id: ConnectionId;
  readonly origin: Origin;
  /** What it may still send. */
  readonly messages: Bucket;
  /** What its whole network may still send. */
  readonly network: Network;
}

/** What carrying a line needs of the driver. */
export type LineEffects = Pick<Effects, "send" | "close" | "note">;

/** Open connections, whatever is spoken on them: what goes out, who reads too slowly, how they end. */
export class Lines<L extends Line> {
  /** The time of the step at hand; whoever takes a step sets it first. */
  now = 0;
  /** What the step at hand has sent: a frame counts once, and once more for each KiB. */
  #delivered = 0;
  #received = 0;
  readonly #limits: SignalingLimits;
  readonly #effects: LineEffects;
  readonly #networks: Networks;
  readonly #open = new Map<ConnectionId, L>();
  readonly #overflowed = new Set<L>();
  readonly #ends = new Map<ByeCode, number>();
  readonly #faults = new Map<ErrorCode, number>();
  #sent = 0;

  constructor(limits: SignalingLimits, effects: LineEffects, networks: Networks) {
    this.#limits = limits;
    this.#effects = effects;
    this.#networks = networks;
  }

  /** Open lines go on at the rates that the limits have now. */
  limitsChanged(): void {
    const { messagesPerSecond, messageBurst } = this.#limits;
    for (const { messages } of this.#open.values()) {
      messages.limit(messagesPerSecond, messageBurst, this.now);
    }
    this.#networks.limitsChanged(this.now);
  }

  /** Of a line that is about to open. */
  networkOf({ address }: Origin): Network {
    return this.#networks.enter(address, this.now);
  }

  /** A message has come; `pay` ends what comes of it. */
  hear(): void {
    this.#received++;
    this.#delivered = 0;
  }

  /** The network of this line pays for what its message has made the server send. */
  pay({ network }: L): void {
    network.deliveries.spend(Math.max(this.#delivered, 1), this.now);
  }

  open(line: L): void {
    this.#open.set(line.id, line);
  }

  get(id: ConnectionId): L | undefined {
    return this.#open.get(id);
  }

  all(): L[] {
    return [...this.#open.values()];
  }

  /** One whose reader is too slow, if there is one. */
  overflowed(): L | undefined {
    return this.#overflowed.size === 0 ? undefined : this.#overflowed.values().next().value;
  }

  send(line: L, frame: string | Uint8Array): void {
    this.#sent++;
    this.#delivered += 1 + (frame.length >> 10);
    const waiting = this.#effects.send(line.id, frame);
    if (waiting > this.#limits.sendBufferBytes) this.#overflowed.add(line);
  }

  /** One message was refused. */
  countFault(code: ErrorCode): void {
    this.#faults.set(code, (this.#faults.get(code) ?? 0) + 1);
    this.#effects.note({ kind: "fault", code });
  }

  /** Lets go of the line, and closes it. */
  close(line: L, code: ByeCode): void {
    this.forget(line);
    this.#effects.close(line.id, byeCodes[code].close, code);
    this.#ends.set(code, (this.#ends.get(code) ?? 0) + 1);
    this.#effects.note({ kind: "ended", code });
  }

  forget(line: L): void {
    if (this.#open.delete(line.id)) this.#networks.leave(line.origin.address);
    this.#overflowed.delete(line);
  }

  counts(): Counts {
    return {
      received: this.#received,
      sent: this.#sent,
      faultsByCode: Object.fromEntries(this.#faults),
      endsByCode: Object.fromEntries(this.#ends),
    };
  }
}
