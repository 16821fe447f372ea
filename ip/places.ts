/** How many connections there may be. */
export interface PlaceLimits {
  readonly connections: number;
  /** From one network, as `networkOf` has it. */
  readonly connectionsPerAddress: number;
}

/** Counts connections, in all and by where they come from. */
export class Places {
  #limits: PlaceLimits;
  readonly #byNetwork = new Map<string, number>();
  #taken = 0;

  constructor(limits: PlaceLimits) {
    this.#limits = limits;
  }

  /** Takes other limits. Who is here stays. */
  limit(limits: PlaceLimits): void {
    this.#limits = limits;
  }

  get taken(): number {
    return this.#taken;
  }

  /** Takes a place, or says whether the network has no more of them or nobody has. */
  take(network: string): "taken" | "network-full" | "all-full" {
    const { connections, connectionsPerAddress } = this.#limits;
    const others = this.#byNetwork.get(network) ?? 0;
    if (others >= connectionsPerAddress) return "network-full";
    if (this.#taken >= connections) return "all-full";
    this.#byNetwork.set(network, others + 1);
    this.#taken++;
    return "taken";
  }

  /** Gives back what `take` took. */
  leave(network: string): void {
    const others = (this.#byNetwork.get(network) ?? 1) - 1;
    if (others > 0) this.#byNetwork.set(network, others);
    else this.#byNetwork.delete(network);
    this.#taken--;
  }
}
