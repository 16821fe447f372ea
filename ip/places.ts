/** How many connections there may be. */
export interface PlaceLimits {
  readonly connections: number;
  /** From one network, as `networkOf` has it. */
  readonly connectionsPerAddress: number;
}

/** Counts connections, in all and by where they come from. */
export class Places {
  readonly #limits: PlaceLimits;
  readonly #byNetwork = new Map<string, number>();
  #taken = 0;

  constructor(limits: PlaceLimits) {
    this.#limits = limits;
  }

  get taken(): number {
    return this.#taken;
  }

  /** Takes a place, or answers false where there is none left. */
  take(network: string): boolean {
    const { connections, connectionsPerAddress } = this.#limits;
    const others = this.#byNetwork.get(network) ?? 0;
    if (this.#taken >= connections || others >= connectionsPerAddress) return false;
    this.#byNetwork.set(network, others + 1);
    this.#taken++;
    return true;
  }

  /** Gives back what `take` took. */
  leave(network: string): void {
    const others = (this.#byNetwork.get(network) ?? 1) - 1;
    if (others > 0) this.#byNetwork.set(network, others);
    else this.#byNetwork.delete(network);
    this.#taken--;
  }
}
