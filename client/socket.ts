/** The WebSocket to the server: opens it, opens it again when it is lost, and counts what came. */
import {
  backoff,
  type Bye,
  closed,
  counted,
  type Life,
  type LossyResume,
  type ServerMessage,
} from "./core/mod.ts";
import type { Environment } from "./environment.ts";

export interface SocketEvents {
  message(message: ServerMessage | LossyResume): void;
  /** Relayed data; `from` is a peer's id. */
  data(from: string, bytes: Uint8Array<ArrayBuffer>): void;
  life(life: Life): void;
}

export interface Doorway {
  readonly url: string;
  readonly protocols: string[];
  /** The first message of a new place; after a lost one, with the id that was held. */
  enter(): object;
}

/** What waits for the connection to come back. The oldest goes first: negotiation repeats itself. */
const WAITING_MESSAGES = 256;
const PING_MS = 10_000;
const SILENCE_MS = 25_000;
/** Closes without leaving: a close with 1000, or without a code, gives the place up. */
const LOST = 4900;

export class Socket {
  #life: Life = { kind: "entering" };
  #socket: WebSocket | undefined;
  #bye: Bye | undefined;
  #heardAt = 0;
  #pingedAt = 0;
  readonly #waiting: string[] = [];
  #cancel = () => {};

  constructor(
    readonly env: Environment,
    readonly doorway: Doorway,
    readonly events: SocketEvents,
  ) {
    this.#open();
  }

  get online(): boolean {
    return this.#life.kind === "online";
  }
  get bufferedAmount(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  /** Sends, or keeps it until the place is taken back. */
  say(message: object): void {
    const text = JSON.stringify(message);
    if (this.online) return this.#socket?.send(text);
    if (this.#waiting.push(text) > WAITING_MESSAGES) this.#waiting.shift();
  }

  relay(bytes: Uint8Array<ArrayBuffer>): void {
    this.#socket?.send(bytes);
  }

  /** Closes for good. */
  end(code: string, message: string): void {
    if (this.#life.kind === "ended") return;
    this.#cancel();
    if (this.online) this.say({ type: "leave" });
    this.#become({ kind: "ended", code, message });
    this.#socket?.close();
  }

  /** Several times a second: finds out that a connection is dead. */
  tick(): void {
    const now = this.env.now();
    if (!this.online) return;
    if (now - this.#heardAt > SILENCE_MS) return this.#lost();
    if (now - this.#pingedAt < PING_MS) return;
    this.#pingedAt = now;
    this.say({ type: "ping" });
  }

  #become(life: Life): void {
    this.#life = life;
    this.events.life(life);
  }

  #open(): void {
    const socket = this.env.socket(this.doorway.url, this.doorway.protocols);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    this.#bye = undefined;
    const mine = (action: () => void) => () => {
      if (socket === this.#socket) action();
    };
    socket.onopen = mine(() => {
      const place = this.#life.kind === "away" ? this.#life.place : undefined;
      socket.send(JSON.stringify(place ? { type: "resume", ...place } : this.doorway.enter()));
    });
    socket.onmessage = ({ data }) => {
      if (socket !== this.#socket || this.#life.kind === "ended") return;
      this.#heardAt = this.env.now();
      if (typeof data === "string") this.#text(JSON.parse(data));
      else this.#bytes(new Uint8Array(data));
    };
    socket.onclose = mine(() => this.#lost());
  }

  #lost(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close(LOST);
    const life = closed(this.#life, this.#bye);
    if (life === this.#life) return;
    this.#become(life);
    if (life.kind !== "away") return;
    const asked = (this.#bye?.retryAfter ?? 0) * 1_000;
    const wait = Math.max(asked, backoff(life.attempt, this.env.random()));
    this.#cancel = this.env.after(wait, () => this.#open());
  }

  #text(message: ServerMessage | LossyResume): void {
    if (message.type === "bye") this.#bye = message;
    if (message.type === "ping") return this.#socket?.send('{"type":"pong"}');
    if (message.type === "joined" || message.type === "resumed") {
      if (message.type === "joined") this.#waiting.length = 0;
      const place = { resume: message.resume, seq: message.seq ?? 0 };
      this.#become({ kind: "online", place });
    } else if (message.type === "error" && this.#life.kind === "away") {
      // The place is gone (`no-such-session`), or still held: in again, by the same door.
      this.#life = { ...this.#life, place: undefined };
      this.#socket?.close();
    } else if (message.seq !== undefined) this.#life = counted(this.#life, message.seq);
    this.events.message(message);
    if (message.type === "joined" || message.type === "resumed") {
      for (const text of this.#waiting.splice(0)) this.#socket?.send(text);
    }
  }

  /** A 64-bit `seq`, the sender's id behind its length, the data. */
  #bytes(bytes: Uint8Array<ArrayBuffer>): void {
    const length = bytes[8] ?? 0;
    const seq = Number(new DataView(bytes.buffer).getBigUint64(0));
    this.#life = counted(this.#life, seq);
    const from = new TextDecoder().decode(bytes.subarray(9, 9 + length));
    this.events.data(from, bytes.subarray(9 + length));
  }
}
