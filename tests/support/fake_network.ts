/** A network that loses, delays, reorders and doubles datagrams, as its random numbers say. */
export interface Weather {
  /** Of each datagram, 0–1. */
  readonly loss: number;
  readonly duplication: number;
  /** Each datagram takes a time between these, in milliseconds: where they differ, it reorders. */
  readonly delay: readonly [least: number, most: number];
}

export class FakeNetwork {
  readonly #weather: Weather;
  readonly #random: () => number;
  #underway: { readonly due: number; readonly deliver: (now: number) => void }[] = [];

  constructor(weather: Weather, random: () => number) {
    this.#weather = weather;
    this.#random = random;
  }

  carry(now: number, deliver: (now: number) => void): void {
    const { loss, duplication, delay: [least, most] } = this.#weather;
    const copies = this.#random() < duplication ? 2 : 1;
    for (let i = 0; i < copies; i++) {
      const delay = least + this.#random() * (most - least);
      if (this.#random() >= loss) this.#underway.push({ due: now + delay, deliver });
    }
  }

  get nextDue(): number {
    return Math.min(Infinity, ...this.#underway.map(({ due }) => due));
  }

  deliverDue(now: number): void {
    const arrived = this.#underway.filter(({ due }) => due <= now).sort((a, b) => a.due - b.due);
    this.#underway = this.#underway.filter(({ due }) => due > now);
    for (const { deliver } of arrived) deliver(now);
  }
}
