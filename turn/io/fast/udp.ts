import type { Family, TransportAddress } from "../../address.ts";
import { PlainUdp } from "../plain.ts";
import type { OnDatagram, Udp, UdpCounters, UdpSocket } from "../udp.ts";
import { Descriptors } from "./descriptor.ts";
import { Destinations } from "./destinations.ts";
import { Inbox } from "./inbox.ts";
import { type Libc, openLibc } from "./libc.ts";
import { Outbox } from "./outbox.ts";
import { Readiness } from "./readiness.ts";

/**
 * How long datagrams may keep this thread, in milliseconds, and the next one is waited for on it
 * before another thread waits: the event loop's timers are late by so much. For whatever else it
 * waits, it has its turn at once. A game that sends ten times a second is never handed over.
 */
const TURN_MS = 100;
/** The same where the event loop has more to do than datagrams. */
const SHARED_TURN_MS = 5;

/** As the system counts them, which is some five times what small datagrams hold. */
const QUEUE_BYTES = 2 ** 21;

export type OpenedFast =
  | { readonly kind: "open"; readonly udp: FastUdp }
  | { readonly kind: "unable"; readonly reason: string };

/** `isAlone`: whether what is received here leads to nothing but datagrams. */
export function openFast(counters: UdpCounters, isAlone: () => boolean): OpenedFast {
  const opened = openLibc();
  if (opened.kind === "unable") return opened;
  return { kind: "open", udp: new FastUdp(opened.libc, counters, isAlone) };
}

/** After a look at the sockets: nothing for a while, others have their turn, or there may be more. */
type Found = "quiet" | "busy" | "datagrams";

export class FastUdp implements Udp {
  readonly #libc: Libc;
  readonly #counters: UdpCounters;
  readonly #isAlone: () => boolean;
  readonly #plain: PlainUdp;
  readonly #destinations = new Destinations();
  readonly #descriptors: Descriptors;
  readonly #readiness: Readiness;
  readonly #inbox: Inbox;
  readonly #outbox: Outbox;
  readonly #sockets = new Map<number, FastSocket>();
  #running: Promise<void> | undefined;
  /** Whether what is sent now leaves without anybody asking. */
  #willFlush = false;
  #isClosing = false;
  #lastDatagram = 0;

  constructor(libc: Libc, counters: UdpCounters, isAlone: () => boolean) {
    this.#libc = libc;
    this.#counters = counters;
    this.#isAlone = isAlone;
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
    const local = conn.addr as Deno.NetAddr;
    const fd = this.#descriptors.find(local, likely);
    if (fd === undefined || !this.#readiness.add(fd)) return this.#plain.open(() => conn);
    const socket = new FastSocket(this, conn, fd, local.hostname.includes(":") ? 6 : 4);
    this.#sockets.set(fd, socket);
    this.#running ??= this.#run();
    return socket;
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    this.#readiness.endRest();
    await this.#running;
    this.#readiness.close();
    this.#libc.close();
  }

  send(fd: number, family: Family, bytes: Uint8Array, to: TransportAddress): void {
    if (!this.#destinations.isPermitted(to)) {
      this.#counters.udpSendFailures++;
      return;
    }
    this.#outbox.add(fd, family, bytes, to);
    if (this.#willFlush) return;
    this.#willFlush = true;
    queueMicrotask(this.#flush);
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

  readonly #flush = (): void => {
    this.#outbox.flush();
    this.#willFlush = false;
  };

  async #run(): Promise<void> {
    // Whoever opened the first socket says first what it does with datagrams.
    await Promise.resolve();
    while (!this.#isClosing) {
      if (this.#carry() === "quiet") await this.#readiness.rest();
      else await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Takes what comes, and sends what it leads to, until nothing comes or others have their turn. */
  #carry(): "quiet" | "busy" {
    const end = performance.now() + TURN_MS;
    this.#willFlush = true;
    let found: Found;
    do found = this.#look(end); while (found === "datagrams");
    this.#willFlush = false;
    return found;
  }

  /** A function of its own, so that the runtime soon compiles it with its calls to the system. */
  #look(end: number): Found {
    const isAlone = this.#isAlone();
    const ready = this.#readiness.wait(isAlone ? TURN_MS : SHARED_TURN_MS);
    const now = performance.now();
    let isOthersTurn = now >= end || !isAlone;
    for (let i = 0; i < ready; i++) {
      const fd = this.#readiness.at(i);
      if (this.#readiness.isRuntime(fd)) isOthersTurn = true;
      else {
        this.#lastDatagram = now;
        this.#sockets.get(fd)?.drain(this.#inbox, now);
      }
    }
    this.#outbox.flush();
    if (ready === 0 || now - this.#lastDatagram >= TURN_MS) return "quiet";
    return isOthersTurn ? "busy" : "datagrams";
  }
}

/** A socket of the runtime's that it neither reads nor writes: it binds and closes it. */
class FastSocket implements UdpSocket {
  readonly #udp: FastUdp;
  readonly #conn: Deno.DatagramConn;
  readonly #fd: number;
  readonly #family: Family;
  #onDatagram: OnDatagram = ignore;
  #isOpen = true;

  constructor(udp: FastUdp, conn: Deno.DatagramConn, fd: number, family: Family) {
    this.#udp = udp;
    this.#conn = conn;
    this.#fd = fd;
    this.#family = family;
  }

  send(bytes: Uint8Array, to: TransportAddress): void {
    if (this.#isOpen) this.#udp.send(this.#fd, this.#family, bytes, to);
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  receive(onDatagram: OnDatagram, options?: { readonly thrifty?: boolean }): void {
    this.#onDatagram = onDatagram;
    if (!options?.thrifty) this.#udp.enlargeQueue(this.#fd);
  }

  drain(inbox: Inbox, now: number): void {
    inbox.drain(this.#fd, this.#onDatagram, this, now);
  }

  close(): Promise<void> {
    if (this.#isOpen) {
      this.#isOpen = false;
      this.#udp.forget(this.#fd);
      this.#conn.close();
    }
    return Promise.resolve();
  }
}

const ignore: OnDatagram = () => {};
