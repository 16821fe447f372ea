/** What the engine has to say, as plain messages and few enough for the main thread to take. */
import { formatAddress, formatIp } from "../address.ts";
import {
  type DropReason,
  type FiveTuple,
  readTimeLimitedName,
  type ReleaseReason,
  type Transport,
  type TurnEvent,
} from "../core/mod.ts";
import type { Trouble } from "../io/mod.ts";

interface Flow {
  readonly transport: Transport;
  /** `address:port` */
  readonly client: string;
}

export type Notice =
  | Flow & {
    readonly kind: "allocated";
    readonly user: string;
    /** The relayed transport addresses, `address:port`. */
    readonly relays: readonly string[];
  }
  | Flow & { readonly kind: "released"; readonly user: string; readonly reason: ReleaseReason }
  /** `times` more than were told of before; the client is the first of them. */
  | Flow & {
    readonly kind: "refused";
    readonly user?: string;
    /** Who a stranger says to be, and until when in Unix seconds where the name itself says so. */
    readonly claims?: { readonly user: string; readonly expiresAt?: number };
    readonly method: string;
    readonly code: number;
    readonly why: string;
    /** The limit's name in the configuration, where one forbids it. */
    readonly limit?: string;
    /** The address that is not relayed to, where it is for that. */
    readonly peer?: string;
    readonly times: number;
  }
  | Trouble & { readonly times: number }
  | { readonly kind: "dropped"; readonly counts: Readonly<Partial<Record<DropReason, number>>> }
  /** Notices that were too many to be told one by one. */
  | { readonly kind: "withheld"; readonly times: number };

export const WINDOW_MS = 5_000;
/** Notices told in full in each window; strangers can cause any number. */
export const MAX_TOLD = 200;

type Foldable = Extract<Notice, { times: number; why: string }>;

/**
 * Folds events in windows of `WINDOW_MS`: the first of a kind is told at once, others like it are
 * counted and told when the window closes. The caller closes it.
 */
export class NoticeFolder {
  readonly #seen = new Map<string, { readonly first: Foldable; more: number }>();
  readonly #dropped = new Map<DropReason, number>();
  #told = 0;
  #withheld = 0;

  /** What is to be told now, if anything. */
  add(event: TurnEvent | Trouble): Notice | undefined {
    switch (event.kind) {
      case "dropped":
        this.#dropped.set(event.why, (this.#dropped.get(event.why) ?? 0) + 1);
        return undefined;
      case "allocated": {
        const { kind, flow, user, relays } = event;
        const texts = relays.map(({ address }) => formatAddress(address));
        return this.#tell({ kind, ...plain(flow), user, relays: texts });
      }
      case "released": {
        const { kind, flow, user, reason } = event;
        return this.#tell({ kind, ...plain(flow), user, reason });
      }
      case "refused": {
        const { flow, claimed, peer, ...rest } = event;
        const told = {
          ...rest,
          ...claimed !== undefined && { claims: claims(claimed) },
          ...peer && { peer: formatIp(peer.ip) },
        };
        return this.#fold(JSON.stringify(told), { ...told, ...plain(flow), times: 1 });
      }
      case "trouble":
        return this.#fold(event.what, { ...event, times: 1 });
    }
  }

  /** Ends the window: what was counted in it and not told. */
  close(): Notice[] {
    const rest: Notice[] = [...this.#seen.values()]
      .filter(({ more }) => more > 0)
      .map(({ first, more }) => ({ ...first, times: more }));
    if (this.#dropped.size > 0) {
      rest.push({ kind: "dropped", counts: Object.fromEntries(this.#dropped) });
    }
    if (this.#withheld > 0) rest.push({ kind: "withheld", times: this.#withheld });
    this.#seen.clear();
    this.#dropped.clear();
    this.#told = 0;
    this.#withheld = 0;
    return rest;
  }

  #fold(key: string, notice: Foldable): Notice | undefined {
    const seen = this.#seen.get(key);
    if (seen) {
      seen.more++;
      return undefined;
    }
    const told = this.#tell(notice);
    if (told) this.#seen.set(key, { first: notice, more: 0 });
    return told;
  }

  #tell(notice: Notice): Notice | undefined {
    if (this.#told === MAX_TOLD) {
      this.#withheld++;
      return undefined;
    }
    this.#told++;
    return notice;
  }
}

function claims(name: string): { readonly user: string; readonly expiresAt?: number } {
  const limited = readTimeLimitedName(name);
  return limited ? { user: limited.user, expiresAt: limited.expiresAt } : { user: name };
}

function plain({ transport, client }: FiveTuple): Flow {
  return { transport, client: formatAddress(client) };
}
