import { BoundedMap } from "./bounded_map.ts";
import { networkOf } from "../../ip/mod.ts";

/** Whether a login may be tried now. */
export type Decision =
  | { readonly kind: "go"; readonly attempt: Attempt }
  | { readonly kind: "wait"; readonly ms: number };

/** A try whose outcome is not known yet. It counts as failed until `succeeded` or `withdrawn`. */
export interface Attempt {
  readonly pair: string;
  readonly network: string;
  readonly id: string;
}

interface Failures {
  readonly count: number;
  readonly last: number;
}

interface Rule {
  /** Failures that cost nothing yet: people mistype. */
  readonly free: number;
  readonly maxDelayMs: number;
}

const FIRST_DELAY_MS = 1_000;
/** Failures older than this are forgotten. Longer than any delay, or waiting would be pardon. */
const MEMORY_MS = 60 * 60_000;
/** Names, networks and pairs of them that are remembered; see `BoundedMap`. */
const KEYS = 20_000;

/** One name from one network, so that its owner elsewhere is not concerned. */
const PAIR: Rule = { free: 5, maxDelayMs: 15 * 60_000 };
/** The same, while the name is being tried from everywhere: each new network still has one try. */
const PAIR_UNDER_ATTACK: Rule = { free: 1, maxDelayMs: 15 * 60_000 };
const ATTACKED_FROM = 50;
/** One network, many names. A household shares an address, so the delay stays short. */
const NETWORK: Rule = { free: 30, maxDelayMs: 60_000 };

/**
 * Slows the guessing of passwords down, so that the owner of a name is never locked out by what
 * others do elsewhere: no count of a name alone ever refuses anybody.
 *
 * A try is counted when it begins, for a thousand at once must not all see an empty count.
 * Times are monotonic milliseconds.
 */
export class Attempts {
  readonly #pairs = new BoundedMap<Failures>(KEYS);
  readonly #networks = new BoundedMap<Failures>(KEYS);
  readonly #names = new BoundedMap<Failures>(KEYS);

  /** `id` is the user's, or empty for what cannot be a name. */
  begin(id: string, address: string, now: number): Decision {
    const network = networkOf(address);
    const attempt = { pair: `${id} ${network}`, network, id };
    const attacked = (recent(this.#names, id, now)?.count ?? 0) >= ATTACKED_FROM;
    const ms = Math.max(
      delay(attacked ? PAIR_UNDER_ATTACK : PAIR, recent(this.#pairs, attempt.pair, now), now),
      delay(NETWORK, recent(this.#networks, network, now), now),
    );
    if (ms > 0) return { kind: "wait", ms };
    add(this.#pairs, attempt.pair, now);
    add(this.#networks, network, now);
    add(this.#names, id, now);
    return { kind: "go", attempt };
  }

  /** The password was right: this network knows it, so its failures were slips. */
  succeeded(attempt: Attempt): void {
    this.withdrawn(attempt);
    this.#pairs.delete(attempt.pair);
  }

  /** The try came to nothing through no fault of its own. */
  withdrawn({ pair, network, id }: Attempt): void {
    takeBack(this.#pairs, pair);
    takeBack(this.#networks, network);
    takeBack(this.#names, id);
  }
}

function recent(table: BoundedMap<Failures>, key: string, now: number): Failures | undefined {
  const failures = table.get(key);
  return failures && now - failures.last < MEMORY_MS ? failures : undefined;
}

function add(table: BoundedMap<Failures>, key: string, now: number): void {
  table.set(key, { count: (recent(table, key, now)?.count ?? 0) + 1, last: now });
}

function takeBack(table: BoundedMap<Failures>, key: string): void {
  const failures = table.get(key);
  if (!failures) return;
  if (failures.count === 1) table.delete(key);
  else table.set(key, { count: failures.count - 1, last: failures.last });
}

/** Milliseconds still to wait: one second after the last free failure, doubled with each more. */
function delay(rule: Rule, failures: Failures | undefined, now: number): number {
  if (!failures || failures.count < rule.free) return 0;
  const full = Math.min(rule.maxDelayMs, FIRST_DELAY_MS * 2 ** (failures.count - rule.free));
  return Math.max(0, failures.last + full - now);
}
