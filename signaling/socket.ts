import type { ConnectionId, Core } from "./core/mod.ts";
import type { CoreClock } from "./core_clock.ts";

/** RFC 6455 §7.4.1. */
const INTERNAL_ERROR = 1011;
/** A client that closes with 1000, or without a code (1005), leaves; anything else is a loss. */
const CLEAN_CLOSES: ReadonlySet<number> = new Set([1000, 1005]);

/** Frames that a client may still have on their way as its connection ends. */
const LATE_FRAMES = 64;

/** Who holds the sockets. */
export interface SocketHolder {
  ended(socket: Socket): void;
  /** A defect showed itself while this socket was served. */
  failed(error: unknown): void;
}

/**
 * One WebSocket and the core it belongs to. It is its own listener, as a function for each event would
 * take more memory, for as long as the connection stays.
 */
export class Socket implements EventListenerObject {
  readonly id: ConnectionId;
  /** Whose it is, for counting. */
  readonly group: string;
  readonly #webSocket: WebSocket;
  readonly #clock: CoreClock;
  readonly #holder: SocketHolder;
  /** Frames since its end was asked for; undefined before. */
  #late: number | undefined;

  constructor(
    id: ConnectionId,
    group: string,
    webSocket: WebSocket,
    clock: CoreClock,
    holder: SocketHolder,
  ) {
    this.id = id;
    this.group = group;
    this.#webSocket = webSocket;
    this.#clock = clock;
    this.#holder = holder;
    webSocket.binaryType = "arraybuffer";
    // An error always comes with a close, which does the work.
    for (const type of ["message", "close"]) webSocket.addEventListener(type, this);
  }

  /** `opened` is called once, when frames may go out. */
  whenOpen(opened: (now: number) => void): void {
    const listener = () => this.#step((_core, now) => opened(now));
    this.#webSocket.addEventListener("open", listener, { once: true });
  }

  handleEvent(event: Event): void {
    switch (event.type) {
      case "message":
        return this.#hear((event as MessageEvent<string | ArrayBuffer>).data);
      case "close": {
        const clean = CLEAN_CLOSES.has((event as CloseEvent).code);
        this.#holder.ended(this);
        return this.#step((core, now) => core.closed(this.id, clean, now));
      }
    }
  }

  /** Answers how many bytes wait for the reader. One that is closing gets nothing. */
  send(frame: string | Uint8Array): number {
    this.#webSocket.send(frame as string | Uint8Array<ArrayBuffer>);
    return this.#webSocket.bufferedAmount;
  }

  /**
   * Deno 2.9.6 drops the connection without a close frame where a frame of the client, read already,
   * is delivered between `close` and the next turn of the loop. A turn runs timers, then delivers
   * frames, then runs immediates: so only these come when nothing is left to deliver. A flood's
   * frames are delivered in one turn for as long as there are any, so that one does end by a drop.
   */
  close(code: number, reason?: string): void {
    this.#late ??= 0;
    setImmediate(() => this.#webSocket.close(code, reason));
  }

  #hear(data: string | ArrayBuffer): void {
    if (this.#late !== undefined) {
      if (++this.#late > LATE_FRAMES) this.#webSocket.close();
      return;
    }
    const frame = typeof data === "string" ? data : new Uint8Array(data);
    this.#step((core, now) => core.message(this.id, frame, now));
  }

  /** Lets the core act. A defect that shows itself costs this connection only. */
  #step(act: (core: Core, now: number) => void): void {
    try {
      this.#clock.step(act);
    } catch (error) {
      this.#holder.failed(error);
      this.close(INTERNAL_ERROR);
    }
  }
}
