/** The messages over which loss is measured. */
const WINDOW = 100;

/** How much of what a peer sent unreliably did not come. */
export class LossMeter {
  #first = 1;
  #highest = 0;
  #came = 0;
  #loss: number | undefined;

  /** Of the last whole window, 0 to 1. */
  get loss(): number | undefined {
    return this.#loss;
  }

  count(seq: number): void {
    this.#came++;
    this.#highest = Math.max(this.#highest, seq);
    const sent = this.#highest - this.#first + 1;
    if (sent < WINDOW) return;
    // What comes late counts in the next window, which may then have more than its own.
    this.#loss = Math.max(0, 1 - this.#came / sent);
    [this.#first, this.#came] = [this.#highest + 1, 0];
  }
}
