/** WebSockets, whatever is spoken on them: who gets one, and how frames and time reach the core. */
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
import type { SignalingLimits } from "./limits.ts";

/** How long `close` waits for clients to finish their closing handshakes, in milliseconds. */
const CLOSE_GRACE = 1_000;
/** What a client that finds the server full or stopping is told to wait, in seconds. */
const RETRY_AFTER = 5;
/** RFC 6455 §7.4.1. */
const INTERNAL_ERROR = 1011;
/** A client that closes with 1000, or without a code (1005), leaves; anything else is a loss. */
const CLEAN_CLOSES: ReadonlySet<number> = new Set([1000, 1005]);

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
  readonly origins: Origins;
  /** Whether the token that a client shows is a login. */
  readonly logins: boolean;
  opened(id: ConnectionId, arrival: Arrival, now: number): void;
}

/** Answers a request for a WebSocket. `remoteAddress` is the client's, without port. */
export type Upgrade = (request: Request, remoteAddress: string) => Promise<Response>;

interface Socket {
  readonly webSocket: WebSocket;
  /** Whose it is, for counting. */
  readonly group: string;
}

/** All WebSockets of the server. Each door has its core, and the limits are everybody's. */
export class Sockets {
  /** What a core may do with a WebSocket. */
  readonly effects: Pick<Effects, "send" | "close">;
  readonly #options: SocketOptions;
  readonly #admission: Admission;
  readonly #sockets = new Map<ConnectionId, Socket>();
  readonly #clocks: CoreClock[] = [];
  #lastId = 0;
  #draining = false;
  #allClosed: (() => void) | undefined;

  constructor(options: SocketOptions) {
    this.#options = options;
    this.#admission = new Admission(options.limits);
    this.effects = {
      send: (id, frame) => {
        const webSocket = this.#sockets.get(id)?.webSocket;
        if (webSocket?.readyState !== WebSocket.OPEN) return 0;
        webSocket.send(frame as string | Uint8Array<ArrayBuffer>);
        return webSocket.bufferedAmount;
      },
      close: (id, code, reason) => {
        const socket = this.#sockets.get(id);
        if (code === byeCodes["rate-limited"].close && socket) {
          this.#admission.punish(socket.group, performance.now());
        }
        if (socket) closeSoon(socket.webSocket, code, reason);
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

  /** Sends everybody off, to come back after so many seconds, and lets nobody in any more. */
  drain(retryAfter: number): void {
    this.#draining = true;
    for (const clock of this.#clocks) clock.step((core, now) => core.drain(retryAfter, now));
  }

  /** As `drain`, and waits until the sockets are closed, or a second has passed. */
  async close(): Promise<void> {
    if (!this.#draining) this.drain(RETRY_AFTER);
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
    const result = readHandshake(request, door.origins);
    if (!result.ok) return this.#turnAway(result.refusal);
    if (this.#options.isBanned?.(remoteAddress)) return this.#turnAway(BANNED);
    if (this.#draining) return this.#turnAway(STOPPING);
    const group = networkOf(remoteAddress);
    const verdict = this.#admission.enter(group, performance.now());
    if (verdict !== "admitted") return this.#turnAway(FULL[verdict]);
    let open = false;
    try {
      const { handshake } = result;
      const authentication = door.logins && handshake.token !== undefined
        ? await this.#options.authenticate(handshake.token)
        : undefined;
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

  #attach(webSocket: WebSocket, door: Door, clock: CoreClock, arrival: Arrival): void {
    const id = ++this.#lastId as ConnectionId;
    this.#sockets.set(id, { webSocket, group: arrival.group });
    this.#listen(webSocket, id, clock, arrival.group);
    webSocket.onopen = () => {
      webSocket.onopen = null; // Or it would keep the arrival for as long as the connection stays.
      this.#step(webSocket, clock, (_core, now) => door.opened(id, arrival, now));
    };
  }

  #listen(webSocket: WebSocket, id: ConnectionId, clock: CoreClock, group: string): void {
    webSocket.binaryType = "arraybuffer";
    webSocket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) =>
      this.#step(
        webSocket,
        clock,
        (core, now) =>
          core.message(id, typeof data === "string" ? data : new Uint8Array(data), now),
      );
    webSocket.onclose = ({ code }) => {
      this.#sockets.delete(id);
      this.#admission.leave(group);
      if (this.#sockets.size === 0) this.#allClosed?.();
      this.#step(webSocket, clock, (core, now) => core.closed(id, CLEAN_CLOSES.has(code), now));
    };
    // An error always comes with a close, which does the work; unheard, it would be reported.
    webSocket.onerror = (event) => event.preventDefault();
  }

  /** Lets a core act for one connection. A defect that shows itself costs that connection only. */
  #step(webSocket: WebSocket, clock: CoreClock, act: (core: Core, now: number) => void): void {
    try {
      clock.step(act);
    } catch (error) {
      this.#options.note({ kind: "failed", error });
      closeSoon(webSocket, INTERNAL_ERROR);
    }
  }

  #turnAway(refusal: Refusal): Response {
    this.#options.note({ kind: "refused", code: refusal.code });
    return refusalResponse(refusal);
  }
}

/** Tells a core the time: at each step, and by one timer at its next deadline. */
class CoreClock {
  readonly core: Core;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #armedFor = Infinity;

  constructor(core: Core) {
    this.core = core;
  }

  step<T>(act: (core: Core, now: number) => T): T {
    try {
      return act(this.core, performance.now());
    } finally {
      this.#arm();
    }
  }

  #arm(): void {
    const deadline = this.core.deadline();
    if (deadline === this.#armedFor) return;
    clearTimeout(this.#timer);
    this.#armedFor = deadline;
    if (deadline === Infinity) return; // `setTimeout` takes Infinity for 0.
    this.#timer = setTimeout(() => {
      this.#armedFor = Infinity;
      this.step((core, now) => core.tick(now));
    }, Math.min(Math.max(deadline - performance.now(), 0), 2 ** 31 - 1));
  }
}

/**
 * Deno 2.9.6 drops the connection without a close frame where a frame of the client, read already,
 * is delivered between `close` and the next turn of the loop. A turn runs timers, then delivers
 * frames, then runs immediates: so only these come when nothing is left to deliver.
 */
function closeSoon(webSocket: WebSocket, code: number, reason?: string): void {
  setImmediate(() => webSocket.close(code, reason));
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
