/**
 * Who an id stands for. A player who leaves and comes back has the same id and remembers nothing;
 * whoever missed both (a resume that states a loss) must not go on where the two had been. So each
 * stay in a room has a random number, and what two clients say names both stays.
 */

export interface Ends {
  /** The sender's stay. */
  readonly from: number;
  /** The receiver's stay as the sender knows it; 0 where it does not yet. */
  readonly to: number;
}

export class Pair {
  readonly #ours: number;
  #theirs = 0;

  constructor(ours: number) {
    this.#ours = ours;
  }

  get ends(): Ends {
    return { from: this.#ours, to: this.#theirs };
  }

  /** `stranger`: the peer is another than it was. `misled`: it takes us for who we were. */
  judge({ from, to }: Ends): "known" | "stranger" | "misled" {
    if (to !== 0 && to !== this.#ours) return "misled";
    this.#theirs ||= from;
    return from === this.#theirs ? "known" : "stranger";
  }
}
