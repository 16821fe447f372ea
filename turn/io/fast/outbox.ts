import { type Family, type TransportAddress } from "../../address.ts";
import type { UdpCounters } from "../udp.ts";
import type { Libc } from "./libc.ts";
import { Messages } from "./messages.ts";
import { writeSocketAddress } from "./socket_address.ts";

/** Datagrams that wait for one call. */
const CAPACITY = 64;
/** Longer ones are sent alone. */
const USUAL_DATAGRAM = 2_048;
const LONGEST_DATAGRAM = 65_536;

const MSG_DONTWAIT = 0x40;
/** errno(3): the socket's buffer, or the system's, is full. */
const FULL: readonly number[] = [11, 105];

/** What goes out, in order: one call for all in a row that leave by the same socket. */
export class Outbox {
  readonly #libc: Libc;
  readonly #counters: UdpCounters;
  readonly #usual: Messages;
  readonly #long: Messages;
  readonly #descriptors = new Int32Array(CAPACITY);
  #size = 0;

  constructor(libc: Libc, counters: UdpCounters) {
    this.#libc = libc;
    this.#counters = counters;
    this.#usual = new Messages(libc, CAPACITY, USUAL_DATAGRAM);
    this.#long = new Messages(libc, 1, LONGEST_DATAGRAM);
  }

  /** Takes a copy. `family`: the socket's own. */
  add(fd: number, family: Family, bytes: Uint8Array, to: TransportAddress): void {
    if (bytes.length > USUAL_DATAGRAM) {
      this.flush();
      if (bytes.length > LONGEST_DATAGRAM) this.#counters.udpSendFailures++;
      else {
        write(this.#long, 0, family, bytes, to);
        this.#send(fd, this.#long, 0, 1);
      }
      return;
    }
    if (this.#size === CAPACITY) this.flush();
    write(this.#usual, this.#size, family, bytes, to);
    this.#descriptors[this.#size++] = fd;
  }

  /** Sends all that waits. What the system does not take is dropped, as UDP is, and counted. */
  flush(): void {
    const descriptors = this.#descriptors;
    const size = this.#size;
    this.#size = 0;
    for (let first = 0, end = 0; first < size; first = end) {
      const fd = descriptors[first] ?? -1;
      while (end < size && descriptors[end] === fd) end++;
      this.#send(fd, this.#usual, first, end);
    }
  }

  #send(fd: number, messages: Messages, first: number, end: number): void {
    for (let at = first; at < end;) {
      const sent = this.#libc.call.sendmmsg(fd, messages.addressOf(at), end - at, MSG_DONTWAIT);
      if (sent > 0) at += sent;
      else {
        if (FULL.includes(this.#libc.errno)) this.#counters.udpSendOverflows++;
        else this.#counters.udpSendFailures++;
        at++;
      }
    }
  }
}

function write(
  messages: Messages,
  slot: number,
  family: Family,
  bytes: Uint8Array,
  to: TransportAddress,
): void {
  messages.slot(slot).set(bytes);
  const offset = Messages.nameOffset(slot);
  messages.ready(slot, bytes.length, writeSocketAddress(messages.names, offset, family, to));
}
