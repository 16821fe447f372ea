import { LAST_DESCRIPTOR } from "./descriptor.ts";
import type { Libc } from "./libc.ts";

const EPOLL_CTL_ADD = 1;
const EPOLL_CTL_DEL = 2;
const EPOLLIN = 1;
const MOST_EVENTS = 64;

/** `struct epoll_event` is packed on x86-64 alone: <sys/epoll.h>. */
const EVENT = Deno.build.arch === "x86_64" ? { size: 12, data: 4 } : { size: 16, data: 8 };

/**
 * How long another thread may wait for us, in milliseconds. Where this worker is ended meanwhile,
 * the thread outlives it by so long at most.
 */
const REST_MS = 10_000;

/**
 * Which of many sockets have something: epoll(7).
 *
 * The runtime watches its sockets by an epoll of its own. Ours are taken out of it, so that a
 * datagram wakes one of the two; and since an epoll can be watched like a socket, ours watches the
 * runtime's: who waits here misses nothing that the event loop should know.
 */
export class Readiness {
  readonly #libc: Libc;
  readonly #events = new DataView(new ArrayBuffer(MOST_EVENTS * EVENT.size));
  readonly #eventsAt: bigint;
  readonly #change = new DataView(new ArrayBuffer(128));
  /** Where another thread writes: the C library's memory, which outlives this worker. */
  readonly #restAt: bigint;
  /** Always ready, and watched only to end a rest. */
  readonly #bell: number;
  readonly descriptor: number;
  /** The runtime's epoll; null where it has none that we know how to find. */
  #runtime: number | null | undefined;

  constructor(libc: Libc) {
    this.#libc = libc;
    this.#eventsAt = libc.address(this.#events.buffer);
    this.#restAt = libc.call.calloc(1n, BigInt(EVENT.size));
    this.descriptor = libc.call.epoll_create1(0);
    this.#bell = libc.call.eventfd(1, 0);
    if (this.#restAt === 0n || this.descriptor < 0 || this.#bell < 0) {
      throw new Error(`The system has no epoll for us: errno ${libc.errno}`);
    }
  }

  /** Watches a socket of the runtime's. False where the system has no room for it. */
  add(fd: number): boolean {
    if (this.#control(this.descriptor, EPOLL_CTL_ADD, fd) !== 0) return false;
    this.#takeFromRuntime(fd);
    return true;
  }

  /**
   * Watches it no more, and gives it back to the runtime, which is about to close it: what its epoll
   * does not have, it never frees. Without events and with the token of a mere wake-up nothing comes
   * of it until then.
   */
  remove(fd: number): void {
    this.#control(this.descriptor, EPOLL_CTL_DEL, fd);
    if (typeof this.#runtime === "number") this.#control(this.#runtime, EPOLL_CTL_ADD, fd, 0, 0);
  }

  /**
   * How many are ready, after at most `waitMs`, or at once where the event loop has to have its turn
   * first; `at` names them.
   */
  wait(waitMs: number): number {
    const { epoll_wait } = this.#libc.call;
    const ms = typeof this.#runtime === "number" ? waitMs : 0;
    // It fails only where a signal interrupts it, which is no event.
    return Math.max(0, epoll_wait(this.descriptor, this.#eventsAt, MOST_EVENTS, ms));
  }

  /** A socket's descriptor, or the runtime's own epoll: see `isRuntime`. */
  at(index: number): number {
    return this.#events.getInt32(index * EVENT.size + EVENT.data, true);
  }

  isRuntime(fd: number): boolean {
    return fd === this.#runtime;
  }

  /** Waits on another thread for a socket, or for `endRest`; now and then for nothing. */
  async rest(): Promise<void> {
    this.#watchRuntime(EPOLL_CTL_DEL);
    while (await this.#libc.call.epoll_wait_apart(this.descriptor, this.#restAt, 1, REST_MS) === 0);
    this.#watchRuntime(EPOLL_CTL_ADD);
  }

  /** Ends the rest that is, and those that come. */
  endRest(): void {
    this.#control(this.descriptor, EPOLL_CTL_ADD, this.#bell);
  }

  close(): void {
    this.#libc.call.close(this.#bell);
    this.#libc.call.close(this.descriptor);
    this.#libc.call.free(this.#restAt);
  }

  /** Found by this: no other epoll of the process lets go of that socket. */
  #takeFromRuntime(fd: number): void {
    if (this.#runtime === null) return;
    if (this.#runtime !== undefined) {
      this.#control(this.#runtime, EPOLL_CTL_DEL, fd);
      return;
    }
    this.#runtime = null;
    for (let candidate = 0; candidate < LAST_DESCRIPTOR; candidate++) {
      if (candidate === this.descriptor) continue;
      if (this.#control(candidate, EPOLL_CTL_DEL, fd) !== 0) continue;
      this.#runtime = candidate;
      return this.#watchRuntime(EPOLL_CTL_ADD);
    }
  }

  #watchRuntime(operation: number): void {
    if (typeof this.#runtime === "number") {
      this.#control(this.descriptor, operation, this.#runtime);
    }
  }

  #control(epoll: number, operation: number, fd: number, events = EPOLLIN, data = fd): number {
    this.#change.setUint32(0, events, true);
    this.#change.setInt32(EVENT.data, data, true);
    return this.#libc.call.epoll_ctl(epoll, operation, fd, this.#change.buffer);
  }
}
