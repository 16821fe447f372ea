/** Which descriptor a socket of the runtime has: it does not say. */
import { address, type AddressKey, type Ip, parseIp } from "../../address.ts";
import type { Libc } from "./libc.ts";
import { readSocketAddress } from "./socket_address.ts";

/** Beyond what a process may have on any usual system. */
export const LAST_DESCRIPTOR = 0x4_0000;

const SOL_SOCKET = 1;
const SO_TYPE = 3;
const SOCK_DGRAM = 2;

/**
 * Finds a descriptor by the address that it is bound to. No two UDP sockets share one (nobody here
 * asks for SO_REUSEADDR or SO_REUSEPORT), and the runtime closes the socket only when its owner
 * says so: what is found stays that socket's until then, whatever other threads open and close.
 */
export class Descriptors {
  readonly #libc: Libc;
  readonly #name = new DataView(new ArrayBuffer(128));
  readonly #type = new Uint32Array(new ArrayBuffer(128));
  readonly #length = new Uint32Array(new ArrayBuffer(128));

  constructor(libc: Libc) {
    this.#libc = libc;
  }

  /**
   * What the next socket's will be, unless another thread is quicker: the lowest that is free
   * (open(2)). `open` is any open descriptor.
   */
  next(open: number): number {
    const free = this.#libc.call.dup(open);
    if (free >= 0) this.#libc.call.close(free);
    return free;
  }

  /** The descriptor of an open socket, or undefined. `likely` is looked at first. */
  find({ hostname, port }: Deno.NetAddr, likely: number): number | undefined {
    const wanted = address(parseIp(hostname) as Ip, port).key;
    if (this.#isAt(likely, wanted)) return likely;
    for (let fd = 0; fd < LAST_DESCRIPTOR; fd++) if (this.#isAt(fd, wanted)) return fd;
    return undefined;
  }

  #isAt(fd: number, wanted: AddressKey): boolean {
    const { getsockname, getsockopt } = this.#libc.call;
    this.#length[0] = this.#name.byteLength;
    if (getsockname(fd, this.#name.buffer, this.#length) !== 0) return false;
    if (readSocketAddress(this.#name, 0)?.key !== wanted) return false;
    this.#length[0] = this.#type.BYTES_PER_ELEMENT;
    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, this.#type, this.#length) !== 0) return false;
    return this.#type[0] === SOCK_DGRAM;
  }
}
