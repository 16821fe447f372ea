/** How long data takes to a peer and back through the server, where no browser measures it. */

/** How often a peer is asked that data comes from: each question takes of the server's limits. */
const ASK_MS = 5_000;
/** How soon a peer is answered again, so that one that asks all the time takes little of them. */
const ANSWER_MS = 1_000;

export class EchoMeter {
  #asked = 0;
  #askedAt = -Infinity;
  #answeredAt = -Infinity;
  #heard = false;

  /** Data has come. A pair that says nothing is not asked. */
  heard(): void {
    this.#heard = true;
  }

  /** The number of the question that is due. It stays due until `asked`. */
  due(now: number): number | undefined {
    return this.#heard && now - this.#askedAt >= ASK_MS ? this.#asked + 1 : undefined;
  }

  asked(now: number): void {
    this.#asked++;
    this.#askedAt = now;
    this.#heard = false;
  }

  /** Seconds since the question was asked; undefined for the answer to an earlier one. */
  answered(seq: number, now: number): number | undefined {
    return seq === this.#asked ? (now - this.#askedAt) / 1_000 : undefined;
  }

  /** Whether a question that has come now gets its answer. */
  mayAnswer(now: number): boolean {
    if (now - this.#answeredAt < ANSWER_MS) return false;
    this.#answeredAt = now;
    return true;
  }
}
