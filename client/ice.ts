/** The ICE servers of a room, and when their credentials have to be renewed. */
import type { IceServer } from "./api.ts";
import { renewAt } from "./core/mod.ts";
import type { Environment } from "./environment.ts";

/** How long fresh ones are waited for before they are asked for again. */
const RENEW_AGAIN_MS = 10_000;

export class Ice {
  readonly #env: Environment;
  servers: readonly IceServer[] = [];
  #expiresAt = -Infinity;
  #renewAt = Infinity;

  constructor(env: Environment) {
    this.#env = env;
  }

  /** `expiresAt` in Unix seconds. Answers false for what is older than what is here already. */
  take(servers: readonly IceServer[], expiresAt: number): boolean {
    if (expiresAt < this.#expiresAt) return false;
    [this.servers, this.#expiresAt] = [servers, expiresAt];
    this.#renewAt = renewAt(expiresAt, this.#env.unixSeconds(), this.#env.now());
    return true;
  }

  /** Whether to ask for others now; then not again for a while. */
  due(): boolean {
    const now = this.#env.now();
    if (now < this.#renewAt) return false;
    this.#renewAt = now + RENEW_AGAIN_MS;
    return true;
  }
}
