/**
 * Datagrams in batches, by the C library. The runtime binds, owns and closes every socket and wakes
 * us for the first datagram; what comes soon after it is taken by `recvmmsg`, and what goes out
 * leaves by `sendmmsg`.
 */
export { FastUdp, openFast } from "./udp.ts";
export { permittedLibraries } from "./libraries.ts";
