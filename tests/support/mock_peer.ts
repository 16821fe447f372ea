/** A player without WebRTC: a plain WebSocket whose messages a test waits for. */

// deno-lint-ignore no-explicit-any -- What comes is checked by the test that reads it.
type Message = Record<string, any>;

export interface MockPeerOptions {
  readonly protocols?: string[];
  readonly headers?: Record<string, string>;
}

/** How long a test waits before it fails, in milliseconds. */
const PATIENCE = 5_000;

/** Deno's own form of the constructor; the DOM types that a dependency brings along hide it. */
const HeadedWebSocket = WebSocket as unknown as new (
  url: string,
  options: MockPeerOptions,
) => WebSocket;

export class MockPeer {
  readonly socket: WebSocket;
  /** The closing, once it has happened. */
  readonly closed: Promise<CloseEvent>;
  /** What came and was not taken yet. */
  readonly inbox: Message[] = [];
  #wake: () => void = () => {};

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => {
      this.inbox.push(
        typeof data === "string"
          ? { ...JSON.parse(data), text: data }
          : { type: "binary", bytes: new Uint8Array(data) },
      );
      this.#wake();
    };
    socket.onerror = (event) => event.preventDefault();
    this.closed = new Promise((resolve) => socket.onclose = resolve);
    this.closed.then(() => this.#wake());
  }

  /** Resolves when the WebSocket is open; rejects when it is refused. */
  static async connect(url: string, options: MockPeerOptions = {}): Promise<MockPeer> {
    const peer = new MockPeer(new HeadedWebSocket(url, options));
    const opened = new Promise((resolve) => peer.socket.onopen = () => resolve("open"));
    const outcome = await Promise.race([opened, peer.closed]);
    if (outcome !== "open") throw new Error(`Cannot open ${url}: it was refused.`);
    return peer;
  }

  /** Connects and joins; resolves with the peer and its `joined`. */
  static async join(url: string, room: string, from?: string): Promise<[MockPeer, Message]> {
    const peer = await MockPeer.connect(url);
    peer.send({ type: "join", room, from });
    return [peer, await peer.next("joined")];
  }

  /** An object goes as JSON, a string as it is. */
  send(message: object | string | Uint8Array<ArrayBuffer>): void {
    const raw = typeof message === "string" || message instanceof Uint8Array;
    this.socket.send(raw ? message : JSON.stringify(message));
  }

  /** Takes the first message of this type (of any, without one); waits for it, but not for ever. */
  async next(type?: string): Promise<Message> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.#wake();
    }, PATIENCE);
    try {
      for (;;) {
        const index = this.inbox.findIndex((message) => !type || message.type === type);
        if (index >= 0) return this.inbox.splice(index, 1)[0] ?? {};
        if (late || this.socket.readyState === WebSocket.CLOSED) {
          const seen = this.inbox.map((message) => message.text ?? message.type).join("\n  ");
          const why = late ? `within ${PATIENCE} ms` : "before the connection closed";
          throw new Error(`No "${type ?? "message"}" came ${why}. Waiting:\n  ${seen}`);
        }
        await new Promise<void>((resolve) => this.#wake = resolve);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** Closes on purpose, and waits for the end. */
  async close(): Promise<CloseEvent> {
    this.socket.close();
    return await this.closed;
  }
}
