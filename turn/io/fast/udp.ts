import type { Family, TransportAddress } from "../../address.ts";
import type { PlainSocket } from "../plain.ts";
import { PlainUdp } from "../plain.ts";
import type { OnDatagram, Udp, UdpCounters, UdpSocket } from "../udp.ts";
import { Descriptors } from "./descriptor.ts";
import { Destinations } from "./destinations.ts";
import { Inbox } from "./inbox.ts";
import { type Libc, openLibc } from "./libc.ts";
import { Outbox } from "./outbox.ts";
import { Readiness } from "./readiness.ts";

/** The event loop has its turn after so long, in milliseconds, however much there is to carry. */
const TURN_MS = 4;
/** How long the next datagram is waited for in the system before the event loop waits for it. */
const LINGER_MS = 1;

/** As the system counts them, which is some five times what small datagrams hold. */
const QUEUE_BYTES = 2 ** 21;

export type OpenedFast =
  | { readonly kind: "open"; readonly udp: FastUdp }
  | { readonly kind: "unable"; readonly reason: string };

/**
 * `mayLinger`: whether nothing but datagrams is waited for by this thread, so that it may wait for
 * them in the system, for `LINGER_MS` at a time.
 */
export function openFast(counters: UdpCounters, mayLinger: () => boolean): OpenedFast {
  const opened = openLibc();
  if (opened.kind === "unable") return opened;
  return { kind: "open", udp: new FastUdp(opened.libc, counters, mayLinger) };
}

export class FastUdp implements Udp {
  readonly #libc: Libc;
  readonly #mayLinger: () => boolean;
  readonly #counters: UdpCounters;
  readonly #plain: PlainUdp;
  readonly #destinations = new Destinations();
  readonly #descriptors: Descriptors;
  readonly #readiness: Readiness;
  readonly #inbox: Inbox;
  readonly #outbox: Outbox;
  readonly #sockets = new Map<number, FastSocket>();
  /** Resolves after the turns that are under way or about to be. */
  #idle: PromiseWithResolvers<void> | undefined;

  constructor(libc: Libc, counters: UdpCounters, mayLinger: () => boolean) {
    this.#libc = libc;
    this.#mayLinger = mayLinger;
    this.#counters = counters;
    this.#plain = new PlainUdp(counters);
    this.#descriptors = new Descriptors(libc);
    this.#readiness = new Readiness(libc);
    this.#inbox = new Inbox(libc, counters);
    this.#outbox = new Outbox(libc, counters);
  }

  /** Where its descriptor is not to be found, or not to be watched, the socket stays a plain one. */
  open(bind: () => Deno.DatagramConn): UdpSocket {
    const likely = this.#descriptors.next(this.#readiness.descriptor);
    const conn = bind();
    const plain = this.#plain.open(() => conn);
    const local = conn.addr as Deno.NetAddr;
    const fd = this.#descriptors.find(local, likely);
    if (fd === undefined || !this.#readiness.add(fd)) return plain;
    const socket = new FastSocket(this, plain, fd, local.hostname.includes(":") ? 6 : 4);
    this.#sockets.set(fd, socket);
    return socket;
  }

  close(): void {
    this.#readiness.close();
    this.#libc.close();
  }

  send(fd: number, family: Family, bytes: Uint8Array, to: TransportAddress): void {
    if (!this.#destinations.isPermitted(to)) {
      this.#counters.udpSendFailures++;
      return;
    }
    this.#outbox.add(fd, family, bytes, to);
    this.takeTurn();
  }

  /**
   * After the runtime's own work of this moment: sends what waits, and takes what comes, until
   * nothing does. Whoever asks the runtime for a datagram earlier gets it out of order.
   */
  takeTurn(): Promise<void> {
    if (!this.#idle) {
      this.#idle = Promise.withResolvers();
      queueMicrotask(this.#turn);
    }
    return this.#idle.promise;
  }

  /** All clients' datagrams wait in one queue: it bridges longer pauses than a usual one. */
  enlargeQueue(fd: number): void {
    this.#libc.setReceiveBuffer(fd, QUEUE_BYTES);
  }

  /** Nothing is sent or received by that descriptor from now on: the system may reuse its number. */
  forget(fd: number): void {
    this.#outbox.flush();
    this.#readiness.remove(fd);
    this.#sockets.delete(fd);
  }

  readonly #turn = (): void => {
    this.#outbox.flush();
    let now = performance.now();
    const end = now + TURN_MS;
    let ready = 0;
    do {
      if (this.#sockets.size === 0) break;
      ready = this.#readiness.wait(this.#mayLinger() ? LINGER_MS : 0);
      now = performance.now();
      for (let i = 0; i < ready; i++) {
        this.#sockets.get(this.#readiness.at(i))?.drain(this.#inbox, now);
      }
      this.#outbox.flush();
    } while (ready > 0 && now < end);
    if (ready > 0) setImmediate(this.#turn);
    else {
      this.#idle?.resolve();
      this.#idle = undefined;
    }
  };
}

/** A plain socket whose descriptor is known. */
class FastSocket implements UdpSocket {
  readonly #udp: FastUdp;
  readonly #plain: PlainSocket;
  readonly #fd: number;
  readonly #family: Family;
  #onDatagram: OnDatagram = () => {};
  #isOpen = true;

  constructor(udp: FastUdp, plain: PlainSocket, fd: number, family: Family) {
    this.#udp = udp;
    this.#plain = plain;
    this.#fd = fd;
    this.#family = family;
  }

  send(bytes: Uint8Array, to: TransportAddress): void {
    if (this.#isOpen) this.#udp.send(this.#fd, this.#family, bytes, to);
  }

  receive(onDatagram: OnDatagram, options?: { readonly thrifty?: boolean }): Promise<void> {
    this.#onDatagram = onDatagram;
    if (!options?.thrifty) this.#udp.enlargeQueue(this.#fd);
    return this.#plain.receive(onDatagram, { ...options, rest: () => this.#udp.takeTurn() });
  }

  drain(inbox: Inbox, now: number): void {
    inbox.drain(this.#fd, this.#onDatagram, this.#stillOpen, now);
  }

  close(): Promise<void> {
    if (this.#isOpen) {
      this.#isOpen = false;
      this.#udp.forget(this.#fd);
    }
    return this.#plain.close();
  }

  readonly #stillOpen = (): boolean => this.#isOpen;
}
