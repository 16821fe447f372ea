import {
  type Host,
  type IceServers,
  makeIceServers,
  parseHost,
  type TurnEndpoint,
} from "./core/mod.ts";

export interface RelayCredentialsOptions {
  readonly turn: TurnEndpoint;
  /** Put into ICE URLs instead of the host by which a player reached us. */
  readonly publicHost: Host | undefined;
  readonly lifeSeconds: number;
  /** Unix milliseconds. */
  readonly clock: () => number;
  /** Has the relay refuse what was issued to this subject before `at` (Unix milliseconds). */
  readonly revokeRelay: (subject: string, at: number) => void;
}

const SECOND = 1_000;

/** Issues the relay's credentials and ends them. */
export class RelayCredentials {
  readonly #options: RelayCredentialsOptions;
  #turn: TurnEndpoint;
  /**
   * Whose were ended in this second, and as of when. A credential says by the second when it was
   * issued, so one that comes after must be of the next, or the relay would refuse it as well.
   */
  readonly #ended = new Map<string, number>();

  constructor(options: RelayCredentialsOptions) {
    this.#options = options;
    this.#turn = options.turn;
  }

  /** Signs with the first of these from now on. */
  configure(secrets: TurnEndpoint["secrets"]): void {
    this.#turn = { ...this.#turn, secrets };
  }

  /** A host that cannot stand in an ICE URL gives none, unless a public one is configured. */
  issue(subject: string, reachedBy: string, room?: string): IceServers {
    const { publicHost, lifeSeconds, clock } = this.#options;
    const ended = this.#ended.get(subject);
    const from = ended === undefined ? clock() : Math.max(clock(), secondAfter(ended));
    const until = from + lifeSeconds * SECOND;
    const host = publicHost ?? parseHost(reachedBy);
    return host
      ? makeIceServers(this.#turn, subject, host, until, room)
      : { iceServers: [], expiresAt: Math.floor(until / SECOND) };
  }

  /** Ends what this subject was issued until now; what it is issued from now on holds. */
  end(subject: string, at = this.#options.clock()): void {
    const before = this.#ended.get(subject);
    // What was issued since an end in the same second has to go as well.
    const upTo = before === undefined ? at : Math.max(at, secondAfter(before));
    for (const [other, past] of this.#ended) {
      if (secondAfter(past) > at) break;
      this.#ended.delete(other);
    }
    this.#ended.delete(subject);
    this.#ended.set(subject, upTo);
    this.#options.revokeRelay(subject, upTo);
  }
}

function secondAfter(unixMs: number): number {
  return (Math.floor(unixMs / SECOND) + 1) * SECOND;
}
