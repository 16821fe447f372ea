import type { Libc } from "./libc.ts";

const EPOLL_CTL_ADD = 1;
const EPOLL_CTL_DEL = 2;
const EPOLLIN = 1;
const MOST_EVENTS = 64;

/** `struct epoll_event` is packed on x86-64 alone: <sys/epoll.h>. */
const EVENT = Deno.build.arch === "x86_64" ? { size: 12, data: 4 } : { size: 16, data: 8 };

/** Which of many sockets have something: epoll(7), asked without leaving this thread. */
export class Readiness {
  readonly #libc: Libc;
  readonly #events = new DataView(new ArrayBuffer(MOST_EVENTS * EVENT.size));
  readonly #eventsAt: bigint;
  readonly #change = new DataView(new ArrayBuffer(128));
  readonly descriptor: number;

  constructor(libc: Libc) {
    this.#libc = libc;
    this.#eventsAt = libc.address(this.#events.buffer);
    this.descriptor = libc.call.epoll_create1(0);
    if (this.descriptor < 0) throw new Error(`epoll_create1 failed with errno ${libc.errno}`);
  }

  /** False where the system has no room for it. */
  add(fd: number): boolean {
    return this.#control(EPOLL_CTL_ADD, fd) === 0;
  }

  remove(fd: number): void {
    this.#control(EPOLL_CTL_DEL, fd);
  }

  /** How many are ready, after at most `waitMs`; `at` names them. */
  wait(waitMs: number): number {
    const { epoll_wait } = this.#libc.call;
    // It fails only where a signal interrupts it, which is no event.
    return Math.max(0, epoll_wait(this.descriptor, this.#eventsAt, MOST_EVENTS, waitMs));
  }

  at(index: number): number {
    return this.#events.getInt32(index * EVENT.size + EVENT.data, true);
  }

  close(): void {
    this.#libc.call.close(this.descriptor);
  }

  #control(operation: number, fd: number): number {
    this.#change.setUint32(0, EPOLLIN, true);
    this.#change.setInt32(EVENT.data, fd, true);
    return this.#libc.call.epoll_ctl(this.descriptor, operation, fd, this.#change.buffer);
  }
}
