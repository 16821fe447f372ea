/** WebSockets, whatever is spoken on them: who gets one, and how frames and time reach the core. */
import { setTimeout as pause } from "node:timers/promises";
import { networkOf } from "../ip/mod.ts";
import { type ByeCode, byeCodes } from "./codes.ts";
import {
  Admission,
  type Authentication,
  type ConnectionId,
  type Core,
  type Counts,
  type Effects,
  type Entry,
  type Origin,
  type SignalingEvent,
} from "./core/mod.ts";
import {
  type Handshake,
  type Origins,
  readHandshake,
  type Refusal,
  refusalResponse,
} from "./handshake.ts";
import { CoreClock } from "./core_clock.ts";
import type { SignalingLimits } from "./limits.ts";
import { Socket, type SocketHolder } from "./socket.ts";

/** How long a WebSocket may take to open once its handshake is answered, in milliseconds. */
const OPENING = 10_000;
/** RFC 6455's registry of close codes. */
const TRY_AGAIN_LATER = 1013;
/** How long `close` waits for clients to finish their closing handshakes, in milliseconds. */
const CLOSE_GRACE = 1_000;
/** Characters of a stranger's text that the log gets. */
const LONGEST_WHY = 300;
/** What a client that finds the server full or stopping is told to wait, in seconds. */
const RETRY_AFTER = 5;

const LATER = { "retry-after": `${RETRY_AFTER}` };
const STOPPING: Refusal = {
  code: "draining",
  message: "The server is stopping: connect again in a while.",
  headers: LATER,
};
const BANNED: Refusal = {
  code: "banned",
  message: "The host of this server has banned your address.",
};
const FULL = {
  "flooding": {
    code: "flooding",
    message: "Your address sent too much just now: connect again in a while, and send less.",
    headers: LATER,
  },
  "too-many-connections": {
    code: "too-many-connections",
    message: "Your address holds as many connections as it may: close one first.",
    headers: LATER,
  },
  "server-full": {
    code: "server-full",
    message: "The server holds as many connections as it may: connect again in a while.",
    headers: LATER,
  },
} as const satisfies Record<string, Refusal>;

export interface SocketOptions {
  readonly limits: SignalingLimits;
  /** Whether nobody may come from this address; nobody is banned where absent. */
  isBanned?(address: string): boolean;
  authenticate(token: string): Promise<Authentication>;
  note(event: SignalingEvent): void;
}

/** Who has come, and how. */
export interface Arrival extends Handshake, Entry {
  /** Where it comes from, as connections are counted. */
  readonly group: string;
}

/** One way in: who may take it, and the core that serves them. */
export interface Door {
  readonly core: Core;
  /** Asked at each request. */
  readonly origins: () => Origins;
  /** Whether the token that a client shows is a login. */
  readonly logins: boolean;
  opened(id: ConnectionId, arrival: Arrival, now: number): void;
}

/** Answers a request for a WebSocket. `remoteAddress` is the client's, without port. */
export type Upgrade = (request: Request, remoteAddress: string) => Promise<Response>;

/** All WebSockets of the server. Each door has its core, and the limits are everybody's. */
export class Sockets {
  /** What a core may do with a WebSocket. */
  readonly effects: Pick<Effects, "send" | "close">;
  readonly #options: SocketOptions;
  readonly #admission: Admission;
  readonly #sockets = new Map<ConnectionId, Socket>();
  /** Those that have still to open, and until when, on the clock of `performance.now()`. */
  readonly #opening = new Map<Socket, number>();
  readonly #clocks: CoreClock[] = [];
  readonly #holder: SocketHolder = {
    ended: (socket) => {
      const { id, group } = socket;
      // Deno says so twice where the client is gone before our close frame can be sent.
      if (!this.#sockets.delete(id)) return;
      this.#opening.delete(socket);
      this.#admission.leave(group);
      if (this.#sockets.size === 0) this.#allClosed?.();
    },
    failed: (error) => this.#options.note({ kind: "failed", error }),
  };
  readonly #draining = new AbortController();
  #lastId = 0;
  #allClosed: (() => void) | undefined;

  constructor(options: SocketOptions) {
    this.#options = options;
    this.#admission = new Admission(options.limits);
    this.effects = {
      send: (id, frame) => this.#sockets.get(id)?.send(frame) ?? 0,
      close: (id, code, reason) => {
        const socket = this.#sockets.get(id);
        if (code === byeCodes["rate-limited"].close && socket) {
          this.#admission.punish(socket.group, performance.now());
        }
        socket?.close(code, reason);
      },
    };
  }

  /** Opens a door. */
  serve(door: Door): Upgrade {
    const clock = new CoreClock(door.core);
    this.#clocks.push(clock);
    return (request, remoteAddress) => this.#upgrade(door, clock, request, remoteAddress);
  }

  /** Lets the core of an open door act, now. */
  act(core: Core, act: (now: number) => void): void {
    this.#clocks.find((clock) => clock.core === core)?.step((_core, now) => act(now));
  }

  /** Open WebSockets, also those that linger in closing. */
  get connections(): number {
    return this.#admission.connections;
  }

  /** Of all doors together. */
  counts(): Counts {
    const all = this.#clocks.map(({ core }) => core.stats());
    return {
      received: sum(all.map(({ received }) => received)),
      sent: sum(all.map(({ sent }) => sent)),
      faultsByCode: sumByKey(all.map(({ faultsByCode }) => faultsByCode)),
      endsByCode: sumByKey(all.map(({ endsByCode }) => endsByCode)),
    };
  }

  /** Ends whatever this subject has here. Returns how many connections ended. */
  disconnect(subject: string, code: ByeCode, reason: string): number {
    const end = (core: Core, now: number) => core.disconnect(subject, code, reason, now);
    return sum(this.#clocks.map((clock) => clock.step(end)));
  }

  /** Ends the connections and places from wherever `test` says. Returns whose they were. */
  disconnectFrom(
    test: (origin: Origin) => boolean,
    code: ByeCode,
    reason: string,
  ): readonly string[] {
    const end = (core: Core, now: number) => core.endFrom(test, code, reason, now);
    return [...new Set(this.#clocks.flatMap((clock) => clock.step(end)))];
  }

  /** The limits have other numbers now. */
  limitsChanged(): void {
    for (const clock of this.#clocks) clock.step((core, now) => core.limitsChanged(now));
  }

  /** Sends everybody off, to come back after so many seconds, and lets nobody in any more. */
  drain(retryAfter: number): void {
    this.#draining.abort();
    for (const clock of this.#clocks) clock.step((core, now) => core.drain(retryAfter, now));
  }

  /** As `drain`, and waits until the sockets are closed, or a second has passed. */
  async close(): Promise<void> {
    if (!this.#draining.signal.aborted) this.drain(RETRY_AFTER);
    if (this.#sockets.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#allClosed = resolve;
    const grace = setTimeout(resolve, CLOSE_GRACE);
    await promise;
    clearTimeout(grace);
  }

  async #upgrade(
    door: Door,
    clock: CoreClock,
    request: Request,
    remoteAddress: string,
  ): Promise<Response> {
    const result = readHandshake(request, door.origins());
    if (!result.ok) return this.#turnAway(result.refusal);
    const refused = this.#refusalOf(remoteAddress);
    if (refused) return this.#turnAway(refused);
    this.#giveUpUnopened();
    const group = networkOf(remoteAddress);
    const verdict = this.#admission.enter(group, performance.now());
    if (verdict !== "admitted") return this.#turnAway(FULL[verdict]);
    const { handshake } = result;
    const token = door.logins ? handshake.token : undefined;
    const penalty = this.#admission.penalty(group, performance.now());
    // Told only to whoever has asked for it before the client went away. It takes memory for as long
    // as the WebSocket is open, and where nothing is waited for the client is still there.
    const gone = token !== undefined || penalty > 0 ? request.signal : undefined;
    let open = false;
    try {
      const refusal = penalty > 0 ? await this.#waitOut(penalty, group, remoteAddress) : undefined;
      if (refusal) return this.#turnAway(refusal);
      const authentication = token === undefined
        ? undefined
        : await this.#options.authenticate(token);
      // Of the upgrade of a client that went away Deno never tells, nor does it ever let go of it.
      if (gone?.aborted) return new Response(null);
      const { idleSeconds } = this.#options.limits;
      const upgrade = tryUpgrade(request, handshake.subprotocol, idleSeconds);
      if ("code" in upgrade) return this.#turnAway(upgrade);
      const session = authentication?.kind === "player" ? authentication.player.session : undefined;
      const origin = { address: remoteAddress, session };
      this.#attach(upgrade.socket, door, clock, { ...handshake, authentication, origin, group });
      open = true;
      return upgrade.response;
    } finally {
      if (!open) this.#admission.leave(group);
    }
  }

  #refusalOf(address: string): Refusal | undefined {
    if (this.#options.isBanned?.(address)) return BANNED;
    return this.#draining.signal.aborted ? STOPPING : undefined;
  }

  /** Whoever floods would at once ask again, so the answer has time; others may then come in. */
  async #waitOut(
    penalty: number,
    group: string,
    address: string,
  ): Promise<Refusal | undefined> {
    const { signal } = this.#draining;
    // Once and up to twice as long: they shall not all come in at once.
    await pause(penalty * (1 + Math.random()), undefined, { signal }).catch(() => {});
    const flooded = this.#admission.penalty(group, performance.now()) > 0;
    return this.#refusalOf(address) ?? (flooded ? FULL.flooding : undefined);
  }

  #attach(webSocket: WebSocket, door: Door, clock: CoreClock, arrival: Arrival): void {
    const id = ++this.#lastId as ConnectionId;
    const socket = new Socket(id, arrival.group, webSocket, clock, this.#holder);
    this.#sockets.set(id, socket);
    this.#opening.set(socket, performance.now() + OPENING);
    socket.whenOpen((now) => {
      if (this.#opening.delete(socket)) door.opened(id, arrival, now);
      else socket.close(TRY_AGAIN_LATER);
    });
  }

  /** Gives back the places of clients whose going away was not told in time, so nothing opens. */
  #giveUpUnopened(): void {
    for (const [socket, until] of this.#opening) {
      if (until > performance.now()) break;
      this.#holder.ended(socket);
    }
  }

  #turnAway(refusal: Refusal): Response {
    const { code, message } = refusal;
    this.#options.note({ kind: "refused", code, why: message.slice(0, LONGEST_WHY) });
    return refusalResponse(refusal);
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function sumByKey<Key extends string>(
  all: readonly Readonly<Partial<Record<Key, number>>>[],
): Partial<Record<Key, number>> {
  const keys = new Set(all.flatMap((one) => Object.keys(one) as Key[]));
  return Object.fromEntries(
    [...keys].map((key) => [key, sum(all.map((one) => one[key] ?? 0))]),
  ) as Partial<Record<Key, number>>;
}

function tryUpgrade(
  request: Request,
  protocol: string | undefined,
  idleSeconds: number,
): Deno.WebSocketUpgrade | Refusal {
  try {
    return Deno.upgradeWebSocket(request, {
      // Pings go out after half of it without traffic; 0 is Deno's "never".
      idleTimeout: Number.isFinite(idleSeconds) ? idleSeconds : 0,
      ...(protocol !== undefined && { protocol }),
    });
  } catch (error) {
    const message = `The WebSocket handshake is malformed: ${(error as Error).message}.`;
    return { code: "bad-handshake", message };
  }
}
