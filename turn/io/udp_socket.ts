import { pause } from "./pause.ts";

/** What a UDP socket counts, for all sockets of a driver together. */
export interface UdpCounters {
  /** Datagrams that the system would not send: no route, a denied address, too long. */
  udpSendFailures: number;
  /** Datagrams that came while too many of the same socket still waited to be sent. */
  udpSendOverflows: number;
  udpReceiveFailures: number;
  /** Datagrams longer than their buffer. */
  udpTruncated: number;
}

/** Sends of one socket that may wait for the system; what comes beyond them is dropped, as UDP is. */
export const MAX_IN_FLIGHT = 128;

const LONGEST_DATAGRAM = 65_536;
/** Longer than any packet of a WebRTC peer or a usual link. */
const USUAL_DATAGRAM = 2_048;
const SPARE_BUFFERS = 256;

/** After so many receive errors in a row the loop waits between them, so as not to spin. */
const PATIENCE = 16;
const PAUSE_MS = 50;

/** The part of `Deno.DatagramConn` that is used here. */
export type Datagrams = Pick<Deno.DatagramConn, "receive" | "send" | "close">;

/**
 * Copies for sends under way. The runtime reads a buffer when the send is carried out, not when it
 * is asked for (measured on Deno 2.9.6), so lent bytes are copied, and the copy is used again only
 * once its send has settled.
 */
export class SendBuffers {
  readonly #spare: SendBuffer[] = [];

  copy(bytes: Uint8Array, socket: UdpSocket): SendBuffer {
    const usual = bytes.length <= USUAL_DATAGRAM;
    const buffer = (usual ? this.#spare.pop() : undefined) ??
      new SendBuffer(this, usual ? USUAL_DATAGRAM : bytes.length);
    buffer.fill(bytes, socket);
    return buffer;
  }

  giveBack(buffer: SendBuffer): void {
    if (buffer.size === USUAL_DATAGRAM && this.#spare.length < SPARE_BUFFERS) {
      this.#spare.push(buffer);
    }
  }
}

/** One such copy, with callbacks that are made once and serve every send. */
class SendBuffer {
  readonly #pool: SendBuffers;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  #length = 0;
  #socket: UdpSocket | undefined;

  constructor(pool: SendBuffers, size: number) {
    this.#pool = pool;
    this.#bytes = new Uint8Array(size);
  }

  get size(): number {
    return this.#bytes.length;
  }

  get filled(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  fill(bytes: Uint8Array, socket: UdpSocket): void {
    this.#bytes.set(bytes);
    this.#length = bytes.length;
    this.#socket = socket;
  }

  readonly sent = (): void => this.#settle(false);
  readonly failed = (): void => this.#settle(true);

  #settle(failed: boolean): void {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#pool.giveBack(this);
    socket?.settled(failed);
  }
}

/** A bound UDP socket: sends without waiting, and receives until it is closed. */
export class UdpSocket {
  readonly #socket: Datagrams;
  readonly #buffers: SendBuffers;
  readonly #counters: UdpCounters;
  readonly #closing = new AbortController();
  readonly #closed = Promise.withResolvers<void>();
  #inFlight = 0;
  #receiving = false;

  constructor(socket: Datagrams, buffers: SendBuffers, counters: UdpCounters) {
    this.#socket = socket;
    this.#buffers = buffers;
    this.#counters = counters;
  }

  /** One datagram. A failure costs that datagram and nothing else. */
  send(bytes: Uint8Array, to: Deno.NetAddr): void {
    if (this.#inFlight === MAX_IN_FLIGHT) {
      this.#counters.udpSendOverflows++;
      return;
    }
    this.#inFlight++;
    const copy = this.#buffers.copy(bytes, this);
    this.#socket.send(copy.filled, to).then(copy.sent, copy.failed);
  }

  settled(failed: boolean): void {
    this.#inFlight--;
    if (failed && !this.#isClosing) this.#counters.udpSendFailures++;
    this.#closedIfQuiet();
  }

  /**
   * Hands over each datagram until the socket closes; bytes are lent for the call. A receive error
   * may tell of an earlier send, and so ends nothing. What `onDatagram` throws is a bug and is
   * thrown on.
   *
   * A `thrifty` socket begins with a small buffer and takes a full one at the first datagram that
   * does not fit, which is lost.
   */
  async receive(
    onDatagram: (bytes: Uint8Array, from: Deno.NetAddr) => void,
    { thrifty = false } = {},
  ): Promise<void> {
    this.#receiving = true;
    let buffer = new Uint8Array(thrifty ? USUAL_DATAGRAM + 1 : LONGEST_DATAGRAM);
    let failures = 0;
    while (!this.#isClosing) {
      let received: [Uint8Array, Deno.Addr];
      try {
        received = await this.#socket.receive(buffer);
      } catch {
        if (this.#isClosing) break;
        this.#counters.udpReceiveFailures++;
        if (++failures > PATIENCE) await pause(PAUSE_MS, this.#closing.signal);
        continue;
      }
      failures = 0;
      const [bytes, from] = received;
      if (bytes.length === buffer.length) {
        this.#counters.udpTruncated++;
        buffer = new Uint8Array(LONGEST_DATAGRAM);
      } else {
        onDatagram(bytes, from as Deno.NetAddr);
      }
    }
    this.#receiving = false;
    this.#closedIfQuiet();
  }

  /** Frees the port; resolves when the system has let go of every send and receive. */
  close(): Promise<void> {
    if (!this.#isClosing) {
      this.#closing.abort();
      this.#socket.close();
      this.#closedIfQuiet();
    }
    return this.#closed.promise;
  }

  get #isClosing(): boolean {
    return this.#closing.signal.aborted;
  }

  #closedIfQuiet(): void {
    if (this.#isClosing && this.#inFlight === 0 && !this.#receiving) this.#closed.resolve();
  }
}
