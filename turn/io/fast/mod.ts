/**
 * Datagrams in batches, by the C library. The runtime binds, owns and closes every socket; one
 * epoll of ours waits for all of them, `recvmmsg` takes what came, and `sendmmsg` sends what goes
 * out.
 */
export { FastUdp, openFast } from "./udp.ts";
export { permittedLibraries } from "./libraries.ts";
