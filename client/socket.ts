/** The WebSocket to the server: opens it, opens it again when it is lost, and counts what came. */
import { HearthError } from "./api.ts";
import {
  backoff,
  type Bye,
  closed,
  counted,
  type Life,
  type LossyResume,
  patience,
  type Place,
  refused,
  type ServerMessage,
} from "./core/mod.ts";
import type { Environment } from "./environment.ts";

/** Where the server is, and by which subprotocols one comes in. */
export interface Address {
  readonly url: string;
  /** `refused`: those of the last time no longer hold. Rejects with a HearthError. */
  protocols(refused: boolean): Promise<string[]>;
}

export interface SocketEvents {
  /** The first message where there is no place to resume. */
  enter(): object;
  message(message: ServerMessage | LossyResume): void;
  /** Relayed data; `from` is a peer's id. */
  data(from: string, bytes: Uint8Array<ArrayBuffer>): void;
  life(life: Life): void;
}

/** What waits for the connection to come back. The oldest goes first: negotiation repeats itself. */
const WAITING_MESSAGES = 256;
/** How soon an answer to a ping has to come where something else says that the way is lost. */
const DOUBT_MS = 5_000;
const PING_MS = 10_000;
const SILENCE_MS = 25_000;
/** Closes without leaving: a close with 1000, or without a code, gives the place up. */
const LOST = 4900;

export class Socket {
  readonly #env: Environment;
  readonly #address: Address;
  readonly #events: SocketEvents;
  #life: Life = { kind: "entering" };
  #socket: WebSocket | undefined;
  #bye: Bye | undefined;
  /** The address's subprotocols have to be others than last time. */
  #refused = false;
  #heardAt = 0;
  #pingedAt = 0;
  /** Until it is heard again. */
  #doubtedAt = Infinity;
  /** Between two tries. */
  #pausing = false;
  readonly #waiting: string[] = [];
  /** Ends the wait for an answer, or for the next try. */
  #cancel = () => {};

  constructor(env: Environment, address: Address, events: SocketEvents) {
    [this.#env, this.#address, this.#events] = [env, address, events];
    void this.#open();
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

  /** To one peer: its id behind the length, the data. */
  relay(to: string, data: Uint8Array<ArrayBuffer>): void {
    const id = new TextEncoder().encode(to);
    const bytes = new Uint8Array(1 + id.length + data.length);
    bytes[0] = id.length;
    bytes.set(id, 1);
    bytes.set(data, 1 + id.length);
    this.#socket?.send(bytes);
  }

  /** Closes for good, which gives the place up. */
  end(code: string, message: string): void {
    this.#finish({ kind: "ended", code, message });
  }

  /** Another way by this server or this network is lost: is this one, too? */
  doubt(): void {
    if (!this.online || this.#doubtedAt < Infinity) return;
    this.#doubtedAt = this.#pingedAt = this.#env.now();
    this.say({ type: "ping" });
  }

  /** What kept the last try from getting through may be over: the next one is due now. */
  networkChanged(): void {
    this.doubt();
    if (!this.#pausing) return;
    this.#cancel();
    void this.#open();
  }

  /** Every second: finds out that a connection is dead. */
  tick(): void {
    const now = this.#env.now();
    if (!this.online) return;
    if (now - this.#heardAt > SILENCE_MS || now - this.#doubtedAt > DOUBT_MS) return this.#lost();
    if (now - this.#pingedAt < PING_MS) return;
    this.#pingedAt = now;
    this.say({ type: "ping" });
  }

  #become(life: Life): void {
    this.#life = life;
    this.#events.life(life);
  }

  #finish(ended: Life): void {
    if (this.#life.kind === "ended") return;
    this.#cancel();
    this.#pausing = false;
    const socket = this.#socket;
    this.#socket = undefined;
    this.#become(ended);
    socket?.close();
  }

  async #open(): Promise<void> {
    const { url } = this.#address;
    this.#pausing = false;
    let late = false;
    this.#cancel = this.#env.after(patience(this.#life), () => {
      late = true;
      this.#lost();
    });
    const protocols = await this.#address.protocols(this.#refused).catch((error: unknown) => error);
    if (late || this.#life.kind === "ended") return;
    if (!Array.isArray(protocols)) return this.#cannotLogIn(protocols);
    this.#refused = false;
    this.#listen(this.#env.socket(url, protocols));
  }

  #listen(socket: WebSocket): void {
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    this.#bye = undefined;
    this.#doubtedAt = Infinity;
    socket.onopen = () => {
      if (socket === this.#socket) this.#greet();
    };
    socket.onmessage = ({ data }) => {
      if (socket !== this.#socket) return;
      this.#heardAt = this.#env.now();
      this.#doubtedAt = Infinity;
      if (typeof data === "string") this.#text(JSON.parse(data));
      else this.#bytes(new Uint8Array(data));
    };
    socket.onclose = () => {
      if (socket === this.#socket) this.#lost();
    };
  }

  /** A login that only cannot be reached is tried again, as the server itself is. */
  #cannotLogIn(error: unknown): void {
    if (!(error instanceof HearthError)) throw error;
    if (error.code === "unreachable") this.#lost();
    else this.#finish({ kind: "ended", code: error.code, message: error.message });
  }

  #greet(): void {
    const place = this.#life.kind === "away" ? this.#life.place : undefined;
    const message = place ? { type: "resume", ...place } : this.#events.enter();
    this.#socket?.send(JSON.stringify(message));
  }

  #lost(): void {
    this.#cancel();
    this.#doubtedAt = Infinity;
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close(LOST);
    const life = closed(this.#life, this.#bye);
    if (life === this.#life) return;
    this.#become(life);
    if (life.kind !== "away") return;
    const asked = (this.#bye?.retryAfter ?? 0) * 1_000;
    const wait = Math.max(asked, backoff(life.attempt, this.#env.random()));
    this.#bye = undefined;
    this.#cancel = this.#env.after(wait, () => void this.#open());
    this.#pausing = true;
  }

  #text(message: ServerMessage | LossyResume): void {
    switch (message.type) {
      case "bye":
        // Only once: a token that is refused right after it was got will not get better.
        this.#refused = message.code === "token-expired" && this.#life.kind === "online";
        this.#bye = this.#refused ? { ...message, reconnect: true } : message;
        return;
      case "ping":
        return this.#socket?.send('{"type":"pong"}');
      case "joined":
        this.#waiting.length = 0;
        return this.#welcome(message, { resume: message.resume, seq: message.seq ?? 0 });
      case "resumed":
        return this.#welcome(message, { resume: message.resume, seq: message.seq });
      case "error":
        if (!this.online) return this.#refuse(message);
        break;
      case "list":
        if (!this.online) return this.#welcome(message, undefined);
    }
    if (message.seq !== undefined) this.#life = counted(this.#life, message.seq);
    this.#events.message(message);
  }

  #welcome(message: ServerMessage | LossyResume, place: Place | undefined): void {
    this.#cancel();
    this.#become({ kind: "online", place });
    this.#events.message(message);
    for (const text of this.#waiting.splice(0)) this.#socket?.send(text);
  }

  #refuse(error: { code: string; message: string }): void {
    const had = this.#life.kind === "away" && this.#life.place !== undefined;
    const life = refused(this.#life, error);
    if (life.kind === "ended") return this.#finish(life);
    this.#life = life;
    // The place to resume is gone: in again by the same door.
    if (had && life.kind === "away" && !life.place) this.#greet();
    else this.#lost();
  }

  /** A 64-bit `seq`, the sender's id behind its length, the data. */
  #bytes(bytes: Uint8Array<ArrayBuffer>): void {
    const length = bytes[8] ?? 0;
    const seq = Number(new DataView(bytes.buffer).getBigUint64(0));
    this.#life = counted(this.#life, seq);
    const from = new TextDecoder().decode(bytes.subarray(9, 9 + length));
    this.#events.data(from, bytes.subarray(9 + length));
  }
}
