import {
  type Address,
  addressOf,
  ALLOCATE,
  Attribute,
  type Attributes,
  attributesOf,
  CHANNEL_BIND,
  errorCode,
  longTermKey,
  number32,
  REFRESH,
  request,
  xorAddress,
} from "./stun.ts";

/** Who every server of the relay comparison knows. */
export const USERNAME = "bench";
export const PASSWORD = "bench-password";

/** The one channel of each client. */
export const CHANNEL = 0x4000;

/** What every Allocate asks for. */
const UDP: Attributes = new Map([[Attribute.REQUESTED_TRANSPORT, number32(17 << 24)]]);

const ALLOCATION_MISMATCH = 437;

/** A UDP socket; 0 is whichever port is free. */
export function listen(hostname: string, port = 0): Deno.DatagramConn {
  return Deno.listenDatagram({ transport: "udp", hostname, port });
}

/** A client with one allocation and one channel. Asks without retransmission: loopback loses nothing. */
export class TurnClient {
  #socket: Deno.DatagramConn;
  readonly #server: Deno.NetAddr;
  #credentials: [number, Uint8Array][] = [];
  #key: Uint8Array | undefined;

  private constructor(server: Address, local: string) {
    this.#socket = listen(local);
    this.#server = { transport: "udp", ...server };
  }

  /** A client with an allocation, and its relayed transport address (RFC 8656 §7). */
  static async allocate(
    server: Address,
    local = "127.0.0.1",
  ): Promise<{ client: TurnClient; relayed: Address }> {
    for (let attempt = 0; attempt < 20; attempt++) {
      const client = new TurnClient(server, local);
      // The port may be one that another client had: coturn remembers an allocation for 1 to 2 s
      // after its release. The cure is another port (RFC 8656 §7.4).
      const challenge = await client.#ask(ALLOCATE, UDP);
      if (errorCode(challenge) === ALLOCATION_MISMATCH) {
        client.close();
        continue;
      }
      client.#answer(challenge);
      const answer = await client.#ask(ALLOCATE, UDP);
      if (errorCode(answer) === ALLOCATION_MISMATCH) {
        client.close();
        continue;
      }
      mustSucceed(answer, "Allocate");
      return { client, relayed: addressOf(answer.get(Attribute.XOR_RELAYED_ADDRESS)) };
    }
    throw new Error("The server holds an allocation for every port tried");
  }

  /** Takes over the realm and the nonce of a 401 (RFC 8489 §9.2.5). */
  #answer(challenge: Attributes): void {
    const [realm, nonce] = [challenge.get(Attribute.REALM), challenge.get(Attribute.NONCE)];
    if (!realm || !nonce) {
      const code = errorCode(challenge) ?? "success";
      throw new Error(`The server answered a first Allocate with ${code}, and no realm and nonce`);
    }
    this.#key = longTermKey(USERNAME, new TextDecoder().decode(realm), PASSWORD);
    this.#credentials = [
      [Attribute.USERNAME, new TextEncoder().encode(USERNAME)],
      [Attribute.REALM, realm],
      [Attribute.NONCE, nonce],
    ];
  }

  /** Binds the channel to the peer, which lets the peer in too (RFC 8656 §12). */
  async bind(peer: Address): Promise<void> {
    const answer = await this.#ask(
      CHANNEL_BIND,
      new Map([
        [Attribute.CHANNEL_NUMBER, number32(CHANNEL << 16)],
        [Attribute.XOR_PEER_ADDRESS, xorAddress(peer)],
      ]),
    );
    mustSucceed(answer, "ChannelBind");
  }

  get #local(): Deno.NetAddr {
    return this.#socket.addr as Deno.NetAddr;
  }

  async send(datagram: Uint8Array): Promise<void> {
    await this.#socket.send(datagram, this.#server);
  }

  /** Hands each datagram to `take`, in one buffer used again, until the socket is closed. */
  async receive(take: (datagram: Uint8Array) => void): Promise<void> {
    const buffer = new Uint8Array(2_048);
    for (;;) {
      const [datagram] = await this.#socket.receive(buffer);
      take(datagram);
    }
  }

  /** Leaves its port to another program until `release`; answers which that is. */
  lendPort(): number {
    this.close();
    return this.#local.port;
  }

  /**
   * Takes the port back that was lent, and gives the allocation back, so that the server holds none
   * from one run to the next.
   */
  async release(): Promise<void> {
    const { hostname, port } = this.#local;
    this.#socket = listen(hostname, port);
    await this.send(this.#signed(REFRESH, new Map([[Attribute.LIFETIME, number32(0)]])));
    this.close();
  }

  /** The same, and waits until the server says so; only where nothing else is received. */
  async end(): Promise<void> {
    await this.#ask(REFRESH, new Map([[Attribute.LIFETIME, number32(0)]]));
    this.close();
  }

  close(): void {
    this.#socket.close();
  }

  async #ask(method: number, attributes: Attributes): Promise<Attributes> {
    await this.send(this.#signed(method, attributes));
    const [answer] = await this.#socket.receive();
    return attributesOf(answer);
  }

  #signed(method: number, attributes: Attributes): Uint8Array {
    return request(method, new Map([...attributes, ...this.#credentials]), this.#key);
  }
}

function mustSucceed(answer: Attributes, asked: string): void {
  const code = errorCode(answer);
  if (code !== undefined) throw new Error(`The server answered ${asked} with ${code}`);
}
