import type { Libc } from "./libc.ts";
import { Messages } from "./messages.ts";
import { SocketAddresses } from "./socket_address.ts";
import type { OnDatagram, UdpCounters } from "../udp.ts";

/** Datagrams of one call. */
const CAPACITY = 64;
/** Only what comes is ever written, and so takes memory. */
const LONGEST_DATAGRAM = 65_536;

const MSG_DONTWAIT = 0x40;
const EAGAIN = 11;

/** What comes in, by one call for all that wait at a socket. */
export class Inbox {
  readonly #libc: Libc;
  readonly #counters: UdpCounters;
  readonly #messages: Messages;
  readonly #addresses = new SocketAddresses();

  constructor(libc: Libc, counters: UdpCounters) {
    this.#libc = libc;
    this.#counters = counters;
    this.#messages = new Messages(libc, CAPACITY, LONGEST_DATAGRAM);
  }

  /** Hands over what waits at a socket, up to one call's worth; `isOpen` is asked before each. */
  drain(
    fd: number,
    onDatagram: OnDatagram,
    socket: { readonly isOpen: boolean },
    now: number,
  ): void {
    const messages = this.#messages;
    const count = this.#libc.call.recvmmsg(fd, messages.addressOf(0), CAPACITY, MSG_DONTWAIT, 0n);
    if (count < 0 && this.#libc.errno !== EAGAIN) this.#counters.udpReceiveFailures++;
    for (let i = 0; i < count; i++) {
      const length = messages.received(i);
      const from = messages.isNamed(i)
        ? this.#addresses.read(messages.names, Messages.nameOffset(i))
        : undefined;
      messages.expect(i);
      if (length < 0) this.#counters.udpTruncated++;
      else if (from && socket.isOpen) onDatagram(messages.lent(i, length), from, now);
    }
  }
}
