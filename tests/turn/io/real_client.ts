import { address, type Ip, parseIp, type PeerAddress } from "../../../turn/address.ts";
import { FrameReader } from "../../../turn/stun/mod.ts";
import { type ClientEvent, TurnClient } from "../../support/turn_client.ts";
import { PASSWORD, USER } from "./config.ts";

type Credentials = { readonly username: string; readonly password: string };
const TESTER: Credentials = { username: USER, password: PASSWORD };

async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
}

/** The TURN client of the core's tests on a real socket. */
export class RealClient implements AsyncDisposable {
  readonly turn: TurnClient;
  readonly #write: (bytes: Uint8Array) => Promise<unknown>;
  readonly #close: () => void;
  readonly #reading: Promise<void>;
  readonly #events: ClientEvent[] = [];
  #mayRead: Promise<void> = Promise.resolve();
  #arrived = Promise.withResolvers<void>();
  #writing: Promise<unknown> = Promise.resolve();

  private constructor(
    turn: TurnClient,
    write: (bytes: Uint8Array) => Promise<unknown>,
    read: (onBytes: (bytes: Uint8Array) => Promise<void>) => Promise<void>,
    close: () => void,
  ) {
    this.turn = turn;
    this.#write = write;
    this.#close = close;
    this.#reading = read((bytes) => {
      turn.input(bytes, performance.now());
      this.flush();
      this.#events.push(...turn.takeEvents());
      this.#arrived.resolve();
      this.#arrived = Promise.withResolvers();
      return this.#mayRead;
    });
  }

  static udp(port: number, credentials = TESTER, hostname = "127.0.0.1"): RealClient {
    const local = hostname.includes(":") ? "::1" : "127.0.0.1";
    const socket = Deno.listenDatagram({ transport: "udp", hostname: local, port: 0 });
    return new RealClient(
      new TurnClient({ ...credentials, random: Math.random }),
      (bytes) => socket.send(bytes, { transport: "udp", hostname, port }),
      async (onBytes) => {
        for await (const [bytes] of socket) await onBytes(bytes);
      },
      () => socket.close(),
    );
  }

  /** `write` may cut the stream in other places than frames end. */
  static async tcp(
    port: number,
    write = writeAll,
    credentials = TESTER,
  ): Promise<RealClient> {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    return RealClient.over(conn, credentials, write);
  }

  /** On a stream that is open already. */
  static over(conn: Deno.Conn, credentials = TESTER, write = writeAll): RealClient {
    const frames = new FrameReader();
    return new RealClient(
      new TurnClient({ ...credentials, random: Math.random, stream: true }),
      (bytes) => write(conn, bytes),
      async (onBytes) => {
        for await (const chunk of conn.readable) {
          for (const frame of frames.push(chunk)) await onBytes(frame);
        }
      },
      () => conn.close(),
    );
  }

  /** Sends, in order, what the client wants sent. */
  flush(): void {
    for (const bytes of this.turn.takeOutput()) {
      this.#writing = this.#writing.then(() => this.#write(bytes));
    }
  }

  /** The next event, which is to be of this kind. */
  next<Kind extends ClientEvent["kind"]>(kind: Kind): Promise<ClientEvent & { kind: Kind }> {
    return this.nextOf(kind);
  }

  /** The next event, which is to be of one of these kinds. */
  async nextOf<Kind extends ClientEvent["kind"]>(
    ...kinds: readonly Kind[]
  ): Promise<ClientEvent & { kind: Kind }> {
    this.flush();
    while (this.#events.length === 0) await this.#arrived.promise;
    const event = this.#events.shift();
    if (!event || !(kinds as readonly string[]).includes(event.kind)) {
      throw new Error(`Expected ${kinds.join(" or ")}, got ${JSON.stringify(event)}`);
    }
    return event as ClientEvent & { kind: Kind };
  }

  async allocate(): Promise<PeerAddress> {
    this.turn.allocate(performance.now());
    const { relayed } = await this.next("allocated");
    return relayed as PeerAddress;
  }

  async bind(channel: number, peer: PeerAddress): Promise<void> {
    this.turn.bind(channel, peer, performance.now());
    await this.next("bound");
  }

  async permit(peer: PeerAddress): Promise<void> {
    this.turn.permit(peer, performance.now());
    await this.next("permitted");
  }

  /** Takes nothing more from the socket than is on its way, until `resume`. */
  stopReading(): { resume(): void } {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#mayRead = promise;
    return { resume: resolve };
  }

  /** Resolves when the server has ended the connection. */
  get ended(): Promise<void> {
    return this.#reading.catch(() => {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writing.catch(() => {});
    try {
      this.#close();
    } catch {
      // The server ended it first.
    }
    await this.ended;
  }
}

export function peerAt({ hostname, port }: Deno.NetAddr): PeerAddress {
  return address<PeerAddress>(parseIp(hostname) as Ip, port);
}

/** A peer on a plain UDP socket. */
export class RealPeer implements Disposable {
  readonly #socket: Deno.DatagramConn;
  readonly address: PeerAddress;

  constructor(hostname = "127.0.0.1") {
    this.#socket = Deno.listenDatagram({ transport: "udp", hostname, port: 0 });
    this.address = peerAt(this.#socket.addr as Deno.NetAddr);
  }

  async receive(): Promise<{ text: string; from: PeerAddress }> {
    const [bytes, from] = await this.#socket.receive();
    return { text: new TextDecoder().decode(bytes), from: peerAt(from as Deno.NetAddr) };
  }

  async send(text: string, to: PeerAddress, hostname = "127.0.0.1"): Promise<void> {
    const { port } = to;
    await this.#socket.send(new TextEncoder().encode(text), { transport: "udp", hostname, port });
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }
}

export const bytesOf = (text: string) => new TextEncoder().encode(text);
export const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
