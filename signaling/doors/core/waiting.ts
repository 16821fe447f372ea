import { Buffer } from "node:buffer";

/** Who has said something: the id, who holds it, and where the connection came from. */
export interface Sender {
  readonly peerId: string;
  readonly owner: string;
  readonly group: string;
}

/** What one sender has said to one absent receiver. */
export interface Batch {
  readonly from: Sender;
  readonly to: string;
  readonly texts: string[];
  /** When it is too late, on the clock of `now`. */
  readonly until: number;
  bytes: number;
}

export interface Bound {
  readonly messages: number;
  readonly bytes: number;
}

export interface WaitingOptions {
  readonly seconds: number;
  /** For one receiver; also from one address, so that nobody can fill it all. */
  readonly each: Bound;
  readonly all: Bound;
}

/** Messages to peers that are not there: kept for a little while, since they may be about to come. */
export class Waiting {
  readonly #options: WaitingOptions;
  /** By receiver, then by sender. */
  readonly #batches = new Map<string, Map<string, Batch>>();
  /** All wait equally long, so the first is the first to be due. */
  readonly #order = new Set<Batch>();
  readonly #toEach: Loads;
  readonly #fromEach: Loads;
  readonly #all: Loads;

  constructor(options: WaitingOptions) {
    this.#options = options;
    this.#toEach = new Loads(options.each);
    this.#fromEach = new Loads(options.each);
    this.#all = new Loads(options.all);
  }

  get messages(): number {
    return this.#all.of("").messages;
  }

  /** Keeps the text; false where there is no room for it. */
  add(from: Sender, to: string, text: string, now: number): boolean {
    const bytes = Buffer.byteLength(text);
    const one = { messages: 1, bytes };
    const fits = this.#toEach.fits(to, one) && this.#fromEach.fits(from.group, one) &&
      this.#all.fits("", one);
    if (!fits) return false;
    this.#charge(from, to, 1, bytes);
    const batch = this.#batchOf(from, to, now);
    batch.texts.push(text);
    batch.bytes += bytes;
    return true;
  }

  /** Hands over what waits for this receiver: in order from each sender. */
  take(to: string): Batch[] {
    const batches = [...this.#batches.get(to)?.values() ?? []];
    for (const batch of batches) this.#remove(batch);
    return batches;
  }

  /** Gives up one that has waited too long, if there is one. */
  expired(now: number): Batch | undefined {
    const [first] = this.#order;
    if (!first || first.until > now) return undefined;
    this.#remove(first);
    return first;
  }

  /** When the next one has waited too long; Infinity where none waits. */
  deadline(): number {
    const [first] = this.#order;
    return first?.until ?? Infinity;
  }

  #batchOf(from: Sender, to: string, now: number): Batch {
    const bySender = this.#batches.get(to) ?? new Map<string, Batch>();
    this.#batches.set(to, bySender);
    const known = bySender.get(keyOf(from));
    if (known) return known;
    const until = now + this.#options.seconds * 1_000;
    const batch: Batch = { from, to, texts: [], until, bytes: 0 };
    bySender.set(keyOf(from), batch);
    this.#order.add(batch);
    return batch;
  }

  #remove(batch: Batch): void {
    const { from, to, texts, bytes } = batch;
    const bySender = this.#batches.get(to);
    bySender?.delete(keyOf(from));
    if (bySender?.size === 0) this.#batches.delete(to);
    this.#order.delete(batch);
    this.#charge(from, to, -texts.length, -bytes);
  }

  #charge({ group }: Sender, to: string, messages: number, bytes: number): void {
    this.#toEach.add(to, { messages, bytes });
    this.#fromEach.add(group, { messages, bytes });
    this.#all.add("", { messages, bytes });
  }
}

function keyOf({ peerId, owner }: Sender): string {
  return `${peerId}\n${owner}`;
}

const NOTHING: Bound = { messages: 0, bytes: 0 };

/** How much each key has of what it may have. */
class Loads {
  readonly #bound: Bound;
  readonly #loads = new Map<string, Bound>();

  constructor(bound: Bound) {
    this.#bound = bound;
  }

  of(key: string): Bound {
    return this.#loads.get(key) ?? NOTHING;
  }

  fits(key: string, more: Bound): boolean {
    const { messages, bytes } = this.of(key);
    return messages + more.messages <= this.#bound.messages &&
      bytes + more.bytes <= this.#bound.bytes;
  }

  add(key: string, more: Bound): void {
    const { messages, bytes } = this.of(key);
    const load = { messages: messages + more.messages, bytes: bytes + more.bytes };
    if (load.messages === 0) this.#loads.delete(key);
    else this.#loads.set(key, load);
  }
}
