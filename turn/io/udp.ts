import type { TransportAddress } from "../address.ts";

/** What UDP sockets count, for all of a driver together. */
export interface UdpCounters {
  /** Datagrams that the system would not send: no route, a denied address, too long. */
  udpSendFailures: number;
  /** Datagrams that came while too many of the same socket still waited to be sent. */
  udpSendOverflows: number;
  udpReceiveFailures: number;
  /** Datagrams longer than their buffer. */
  udpTruncated: number;
}

/**
 * Hands over one datagram, with the time it was taken, in milliseconds of `performance.now()`. Bytes
 * are lent for the call. What it throws is a bug.
 */
export type OnDatagram = (bytes: Uint8Array, from: TransportAddress, now: number) => void;

/** A bound UDP socket: sends without waiting, and receives until it is closed. */
export interface UdpSocket {
  /** One datagram; bytes are lent. A failure costs that datagram and nothing else. */
  send(bytes: Uint8Array, to: TransportAddress): void;
  /**
   * Hands over each datagram until the socket closes. A receive error may tell of an earlier send,
   * and so ends nothing. A `thrifty` socket holds a small buffer until a datagram does not fit.
   */
  receive(onDatagram: OnDatagram, options?: { readonly thrifty?: boolean }): void;
  /** Frees the port; resolves when the system has let go of every send and receive. */
  close(): Promise<void>;
}

/** A way to carry datagrams. */
export interface Udp {
  /** Takes over the socket that `bind` returns; what `bind` throws is thrown on. */
  open(bind: () => Deno.DatagramConn): UdpSocket;
  /** Lets go of what its sockets share, after they were closed. */
  close(): Promise<void>;
}
