import type { TransportAddress } from "../address.ts";
import { NetAddrs } from "./net_addr.ts";
import { pause } from "./pause.ts";
import { RECEIVE_BUFFER_BYTES, ReceiveBuffers } from "./receive_buffers.ts";
import type { OnDatagram, Udp, UdpCounters, UdpSocket } from "./udp.ts";

/** Sends of one socket that may wait for the system; what comes beyond them is dropped, as UDP is. */
export const MAX_IN_FLIGHT = 128;

const LONGEST_DATAGRAM = 65_536;
/** Longer than any packet of a WebRTC peer or a usual link. */
const USUAL_DATAGRAM = RECEIVE_BUFFER_BYTES - 1;
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

  copy(bytes: Uint8Array, socket: PlainSocket): SendBuffer {
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
  #socket: PlainSocket | undefined;

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

  fill(bytes: Uint8Array, socket: PlainSocket): void {
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

/** Sockets of the runtime: one call for each datagram. */
export class PlainUdp implements Udp {
  readonly #buffers = { send: new SendBuffers(), receive: new ReceiveBuffers() };
  readonly #names = { 4: new NetAddrs(), 6: new NetAddrs({ mapsIp4: true }) };
  readonly #counters: UdpCounters;

  constructor(counters: UdpCounters) {
    this.#counters = counters;
  }

  open(bind: () => Deno.DatagramConn): PlainSocket {
    const conn = bind();
    const { hostname } = conn.addr as Deno.NetAddr;
    const names = this.#names[hostname.includes(":") ? 6 : 4];
    return new PlainSocket(conn, names, this.#buffers, this.#counters);
  }

  /** Nothing is shared but memory. */
  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** What the sockets of one driver share. */
export interface Buffers {
  readonly send: SendBuffers;
  readonly receive: ReceiveBuffers;
}

const NOTHING = new Uint8Array();

/** Thousands of these wait, so each has callbacks that are made once, and no loop of its own. */
export class PlainSocket implements UdpSocket {
  readonly #socket: Datagrams;
  readonly #names: NetAddrs;
  readonly #buffers: Buffers;
  readonly #counters: UdpCounters;
  /** Ends a pause between receive errors. */
  #pausing: AbortController | undefined;
  #closing: PromiseWithResolvers<void> | undefined;
  #inFlight = 0;
  #onDatagram: OnDatagram = () => {};
  /** Where the next datagram goes, while there is one to wait for. */
  #buffer: Uint8Array<ArrayBuffer> = NOTHING;
  /** Receive errors in a row. */
  #failures = 0;

  constructor(
    socket: Datagrams,
    names: NetAddrs,
    buffers: Buffers,
    counters: UdpCounters,
  ) {
    this.#socket = socket;
    this.#names = names;
    this.#buffers = buffers;
    this.#counters = counters;
  }

  send(bytes: Uint8Array, to: TransportAddress): void {
    if (this.#inFlight === MAX_IN_FLIGHT) {
      this.#counters.udpSendOverflows++;
      return;
    }
    this.#inFlight++;
    const copy = this.#buffers.send.copy(bytes, this);
    this.#socket.send(copy.filled, this.#names.write(to)).then(copy.sent, copy.failed);
  }

  settled(failed: boolean): void {
    this.#inFlight--;
    if (failed && !this.#closing) this.#counters.udpSendFailures++;
    this.#closedIfQuiet();
  }

  receive(onDatagram: OnDatagram, { thrifty = false } = {}): void {
    this.#onDatagram = onDatagram;
    this.#buffer = thrifty ? this.#buffers.receive.take() : new Uint8Array(LONGEST_DATAGRAM);
    this.#next();
  }

  #next(): void {
    if (!this.#closing) this.#socket.receive(this.#buffer).then(this.#received, this.#failed);
    else {
      this.#exchange(NOTHING);
      this.#closedIfQuiet();
    }
  }

  readonly #received = ([bytes, from]: [Uint8Array, Deno.Addr]): void => {
    this.#failures = 0;
    if (bytes.length === this.#buffer.length) {
      this.#counters.udpTruncated++;
      this.#exchange(new Uint8Array(LONGEST_DATAGRAM));
    } else {
      this.#onDatagram(bytes, this.#names.read(from as Deno.NetAddr), performance.now());
    }
    this.#next();
  };

  readonly #failed = async (): Promise<void> => {
    if (!this.#closing) this.#counters.udpReceiveFailures++;
    if (!this.#closing && ++this.#failures > PATIENCE) {
      this.#pausing = new AbortController();
      await pause(PAUSE_MS, this.#pausing.signal);
    }
    this.#next();
  };

  #exchange(buffer: Uint8Array<ArrayBuffer>): void {
    this.#buffers.receive.giveBack(this.#buffer);
    this.#buffer = buffer;
  }

  close(): Promise<void> {
    if (!this.#closing) {
      this.#closing = Promise.withResolvers();
      this.#pausing?.abort();
      this.#socket.close();
      this.#closedIfQuiet();
    }
    return this.#closing.promise;
  }

  #closedIfQuiet(): void {
    if (this.#inFlight === 0 && this.#buffer === NOTHING) this.#closing?.resolve();
  }
}
