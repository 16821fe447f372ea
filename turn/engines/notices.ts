/** What the engine has to say, as plain messages and few enough for the main thread to take. */
import { formatAddress } from "../address.ts";
import type { DropReason, FiveTuple, ReleaseReason, Transport, TurnEvent } from "../core/mod.ts";
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
    readonly method: string;
    readonly code: number;
    readonly why: string;
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
        const { flow, ...rest } = event;
        const key = JSON.stringify([rest.method, rest.code, rest.why, rest.user]);
        return this.#fold(key, { ...rest, ...plain(flow), times: 1 });
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

function plain({ transport, client }: FiveTuple): Flow {
  return { transport, client: formatAddress(client) };
}
