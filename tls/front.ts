/** The door that speaks TLS: what comes through it goes to HTTP or to the relay. */
import { connect, createServer, type Server, type Socket } from "node:net";
import { type SecureContext, TLSSocket } from "node:tls";
import { networkOf, type PlaceLimits, Places } from "../ip/mod.ts";
import { speechOf } from "./core/mod.ts";
import type { TlsEvent } from "./events.ts";

/** Where something listens on this machine. */
export interface Inside {
  readonly hostname: string;
  readonly port: number;
}

export interface FrontOptions {
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  /** Asked for each connection, so that a new certificate serves whoever comes next. */
  readonly context: () => SecureContext;
  /** Where HTTP and the relay listen inside; undefined while they do not. */
  readonly http: () => Inside | undefined;
  readonly relay: () => Inside | undefined;
  /** Shows the relay that it is us. */
  readonly token: string;
  readonly limits: FrontLimits;
  readonly note: (event: TlsEvent) => void;
}

export interface FrontLimits extends PlaceLimits {
  /** How long a client may be silent at first, and again once it has begun TLS. */
  readonly firstByteMs: number;
}

/** A client's connection, however it is wrapped. */
interface Caller {
  readonly client: Inside;
  readonly server: Inside;
}

/** Longer than any of our own signs of life: WebSocket's ping, TURN's refresh of a permission. */
const SILENCE_MS = 900_000;
/** RFC 7301; RFC 7443 §3. */
const ALPN = ["http/1.1", "stun.turn"];

const TLS_NEEDED = "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\n" +
  "Connection: close\r\n\r\nThis port speaks TLS: begin the address with https://\n";

export class Front {
  readonly #options: FrontOptions;
  readonly #places: Places;
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  /** Clients of HTTP, by the address that their connection has inside. */
  readonly #clients = new Map<string, string>();

  private constructor(options: FrontOptions, server: Server) {
    this.#options = options;
    this.#places = new Places(options.limits);
    this.#server = server;
    server.on("connection", (socket) => this.#admit(socket));
    server.on("error", ({ message }) => options.note({ kind: "front-down", why: message }));
  }

  /** Rejected, with the system's error, where the port cannot be had. */
  static async open(options: FrontOptions): Promise<Front> {
    const server = createServer({ allowHalfOpen: true, noDelay: true, keepAlive: true });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once("error", reject);
    server.listen(options.port, options.host, resolve);
    await promise;
    server.off("error", reject);
    return new Front(options, server);
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port;
  }

  get listening(): boolean {
    return this.#server.listening;
  }

  get connections(): number {
    return this.#places.taken;
  }

  /** Whose connection it is that HTTP sees come from here; undefined where it did not. */
  clientOf({ hostname, port }: Inside): string | undefined {
    return this.#clients.get(`${hostname} ${port}`);
  }

  /** Takes other limits. Who is here stays. */
  limit(limits: PlaceLimits): void {
    this.#places.limit(limits);
  }

  /** Takes nobody new. What is open stays until `close`. */
  drain(): void {
    this.#server.close();
  }

  close(): void {
    this.drain();
    for (const socket of this.#open) socket.destroy();
  }

  #admit(socket: Socket): void {
    const { remoteAddress, remotePort, localAddress, localPort } = socket;
    // A client that has gone already has no address.
    if (!remoteAddress || !remotePort || !localAddress || !localPort) return void socket.destroy();
    const network = networkOf(remoteAddress);
    if (this.#places.take(network) !== "taken") return void socket.destroy();
    const caller = {
      client: { hostname: withoutZone(remoteAddress), port: remotePort },
      server: { hostname: withoutZone(localAddress), port: localPort },
    };
    this.#open.add(socket);
    socket.once("close", () => {
      this.#open.delete(socket);
      this.#places.leave(network);
    });
    socket.setTimeout(SILENCE_MS, () => socket.destroy());
    this.#hear(socket, socket, caller);
  }

  /** Waits for the first bytes of `stream`, which is the socket itself or TLS over it. */
  #hear(stream: Socket, socket: Socket, caller: Caller): void {
    const end = () => socket.destroy();
    const tooLate = setTimeout(end, this.#options.limits.firstByteMs);
    const quiet = () => {
      clearTimeout(tooLate);
      stream.off("end", end).off("readable", read);
    };
    const read = () => {
      const first: Uint8Array | null = stream.read();
      if (first === null) return;
      quiet();
      this.#send(stream, first, socket, caller);
    };
    stream.on("error", end).on("end", end).on("readable", read);
    socket.once("close", quiet);
  }

  #send(stream: Socket, first: Uint8Array, socket: Socket, { client, server }: Caller): void {
    const { context, token } = this.#options;
    const [http, relay] = [this.#options.http(), this.#options.relay()];
    const isSecure = stream !== socket;
    const speech = speechOf(first[0] ?? -1);
    if (speech === "tls" && !isSecure) {
      socket.unshift(first);
      const options = { isServer: true, secureContext: context(), ALPNProtocols: ALPN };
      this.#hear(new TLSSocket(socket, options), socket, { client, server });
    } else if (speech === "stun" && relay) {
      const words = [token, client.hostname, client.port, server.hostname, server.port];
      const onward = connectTo(relay, stream, socket);
      onward.write(`${words.join(" ")}\n`);
      onward.write(first);
    } else if (speech === "http" && isSecure && http) {
      const onward = connectTo(http, stream, socket);
      onward.once("connect", () => {
        const key = `${onward.localAddress} ${onward.localPort}`;
        this.#clients.set(key, client.hostname);
        onward.once("close", () => this.#clients.delete(key));
        onward.write(first);
      });
    } else if (speech === "http" && !isSecure) {
      socket.end(TLS_NEEDED);
    } else socket.destroy();
  }
}

/** Joins a stream with a listener inside, until both have ended or one has failed. */
function connectTo({ hostname, port }: Inside, stream: Socket, socket: Socket): Socket {
  const onward = connect({ host: hostname, port, allowHalfOpen: true, noDelay: true });
  const end = () => {
    onward.destroy();
    socket.destroy();
  };
  socket.once("close", end);
  onward.once("error", end).once("close", end);
  stream.pipe(onward).pipe(stream);
  return onward;
}

/** A link-local address is this machine's own word for where it came in. */
function withoutZone(address: string): string {
  return address.replace(/%.*$/, "");
}
