/** Clients on a fake clock: with a server that the test plays, or with the real server's core. */
import { openHearth } from "../../client/hearth.ts";
import type { ConnectOptions, Hearth } from "../../client/api.ts";
import type { Environment } from "../../client/environment.ts";
import type { SignalingLimits } from "../../signaling/limits.ts";
import { type Client, type Message, World } from "../signaling/world.ts";
import { FakeRtc } from "./fake_rtc.ts";
import { FakeSocket } from "./fake_socket.ts";
import { FakeTime } from "./fake_time.ts";

/** Spread, never twice the same, and the same in each run. */
let lastChance = 0;

/** One client's surroundings. */
export class Surroundings implements Environment {
  readonly sockets: FakeSocket[] = [];
  /** What `fetch` was asked for, and how the test answers. */
  answer: (path: string, body: Message) => { status: number; body: object } = () => {
    throw new Error("There is no network");
  };
  networkChanged: () => void = () => {};

  constructor(
    readonly time: FakeTime,
    readonly rtc?: FakeRtc,
    readonly onSocket: (socket: FakeSocket) => void = () => {},
  ) {}

  now = () => this.time.now;
  unixSeconds = () => this.time.now / 1_000;
  random = () => (lastChance = (lastChance + 0.618) % 1);
  after = (ms: number, action: () => void) => this.time.after(ms, action);
  every = (ms: number, action: () => void) => this.time.every(ms, action);
  connection: Environment["connection"] = (configuration) => this.rtc?.connect(configuration);

  fetch(url: string, { body }: RequestInit): Promise<Response> {
    const answer = this.answer(new URL(url).pathname, JSON.parse(`${body}`));
    return Promise.resolve(Response.json(answer.body, { status: answer.status }));
  }

  socket(url: string, protocols: string[]): WebSocket {
    const socket = new FakeSocket(url, protocols);
    this.sockets.push(socket);
    this.onSocket(socket);
    return socket.asWebSocket();
  }

  onNetwork(action: () => void): () => void {
    this.networkChanged = action;
    return () => this.networkChanged = () => {};
  }

  hearth(options: ConnectOptions = {}): Promise<Hearth> {
    return openHearth(this, { url: "https://play.example/", ...options });
  }

  /** Lets time pass on a connection that is alive. */
  async live(seconds: number): Promise<void> {
    for (let left = seconds; left > 0; left -= 20) {
      await this.time.pass(Math.min(left, 20) * 1_000);
      this.last.hear({ type: "pong" });
    }
  }

  /** The socket that was opened last. */
  get last(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (!socket) throw new Error("No socket was opened");
    return socket;
  }
}

/** What the server says when a room is entered. */
export const JOINED = {
  type: "joined",
  room: "GAME",
  id: "alice",
  peers: [],
  host: { id: "alice", term: 1 },
  access: "open",
  public: false,
  attributes: {},
  iceServers: [],
  iceExpiresAt: 600,
  resume: "first",
  limits: {
    maxMessageBytes: 262_144,
    messagesPerSecond: null,
    relayBytesPerSecond: null,
    idleSeconds: 60,
  },
  seq: 1,
};

/** The real server's core, with as many clients as a test wants. */
export class Online {
  readonly time = new FakeTime();
  readonly rtc = new FakeRtc();
  readonly world: World;
  /** No new connection comes through. */
  unreachable = false;
  readonly #lines = new Map<FakeSocket, Client>();

  constructor(limits: Partial<SignalingLimits> = {}) {
    this.world = new World({ messagesPerSecond: 1e6, messageBurst: 1e6, ...limits });
    const start = this.world.now;
    this.time.onPass = () => {
      this.world.pass((start + this.time.now - this.world.now) / 1_000);
      this.#carry();
    };
  }

  client(): Surroundings {
    return new Surroundings(
      this.time,
      this.rtc,
      (socket) => queueMicrotask(() => this.#open(socket)),
    );
  }

  /** The connection breaks, and nobody is told but the server. */
  drop({ last }: Surroundings): void {
    this.#lines.get(last)?.drop();
    this.#lines.delete(last);
    last.onclose?.();
    this.#carry();
  }

  /** The connection is dead, and nobody is told. */
  deafen({ last }: Surroundings): void {
    this.#lines.delete(last);
  }

  #open(socket: FakeSocket): void {
    if (this.unreachable) return socket.onclose?.();
    const line = this.world.open();
    this.#lines.set(socket, line);
    socket.onsay = (data) => {
      if (!this.#lines.has(socket)) return;
      line.say(data);
      this.#carry();
    };
    socket.close = () => {
      if (this.#lines.delete(socket)) line.close();
      this.#carry();
    };
    socket.onopen?.();
  }

  /** Lets everybody hear what the server has said. */
  #carry(): void {
    queueMicrotask(() => {
      for (const [socket, line] of this.#lines) {
        for (const message of line.take()) socket.onmessage?.({ data: frameOf(message) });
        if (line.closed === undefined) continue;
        this.#lines.delete(socket);
        socket.onclose?.();
      }
    });
  }
}

function frameOf(message: Message): string | ArrayBuffer {
  if (message["type"] !== "bytes") return message["text"];
  const id = new TextEncoder().encode(message["from"]);
  const bytes = new Uint8Array(9 + id.length + message["data"].length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(message["seq"]));
  bytes[8] = id.length;
  bytes.set(id, 9);
  bytes.set(message["data"], 9 + id.length);
  return bytes.buffer;
}
