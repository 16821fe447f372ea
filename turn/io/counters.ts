import type { TcpCounters } from "./tcp.ts";
import type { UdpCounters } from "./udp.ts";

/** What the sockets count; only ever up. */
export interface IoCounters extends UdpCounters, TcpCounters {
  /** Relay sockets that could not be bound: the port was taken, or descriptors ran out. */
  relayFailures: number;
}

export interface IoStats extends Readonly<IoCounters> {
  /** Open now. */
  readonly tcpConnections: number;
  /** Open now. */
  readonly relaySockets: number;
}

export function zeroCounters(): IoCounters {
  return {
    udpSendFailures: 0,
    udpSendOverflows: 0,
    udpReceiveFailures: 0,
    udpTruncated: 0,
    tcpAccepted: 0,
    tcpRefused: 0,
    tcpRefusedToAddress: 0,
    tcpAcceptFailures: 0,
    tcpLostFrames: 0,
    tcpSlowReaders: 0,
    tcpIdle: 0,
    tcpUnreadable: 0,
    relayFailures: 0,
  };
}
