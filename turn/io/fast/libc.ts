/** The C library: the few calls that the runtime lacks. */
import { permittedLibraries } from "./libraries.ts";

const SYMBOLS = {
  recvmmsg: { parameters: ["i32", "usize", "u32", "i32", "usize"], result: "i32" },
  sendmmsg: { parameters: ["i32", "usize", "u32", "i32"], result: "i32" },
  epoll_create1: { parameters: ["i32"], result: "i32" },
  epoll_ctl: { parameters: ["i32", "i32", "i32", "buffer"], result: "i32" },
  epoll_wait: { parameters: ["i32", "usize", "i32", "i32"], result: "i32" },
  /** The same on another thread, as a promise. */
  epoll_wait_apart: {
    name: "epoll_wait",
    parameters: ["i32", "usize", "i32", "i32"],
    result: "i32",
    nonblocking: true,
  },
  eventfd: { parameters: ["u32", "i32"], result: "i32" },
  calloc: { parameters: ["usize", "usize"], result: "usize" },
  free: { parameters: ["usize"], result: "void" },
  getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  getsockopt: { parameters: ["i32", "i32", "i32", "buffer", "buffer"], result: "i32" },
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
  dup: { parameters: ["i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  memcpy: { parameters: ["buffer", "usize", "usize"], result: "usize" },
  __errno_location: { parameters: [], result: "usize" },
} as const satisfies Deno.ForeignLibraryInterface;

/** <asm-generic/socket.h> */
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;

type Library = Deno.DynamicLibrary<typeof SYMBOLS>;

export type OpenedLibc =
  | { readonly kind: "open"; readonly libc: Libc }
  | { readonly kind: "unable"; readonly reason: string };

/** Opens the first that is permitted, there, and has every call. */
export function openLibc(): OpenedLibc {
  const { os, arch } = Deno.build;
  if (os !== "linux") return { kind: "unable", reason: `it is made for Linux, and this is ${os}` };
  if (arch !== "x86_64" && arch !== "aarch64") {
    return { kind: "unable", reason: `it is made for x86-64 and arm64, and this is ${arch}` };
  }
  const paths = permittedLibraries();
  if (paths.length === 0) {
    const reason = "the permission for the C library is missing; start with `deno task start:fast`";
    return { kind: "unable", reason };
  }
  const failures: string[] = [];
  for (const path of paths) {
    try {
      return { kind: "open", libc: new Libc(Deno.dlopen(path, SYMBOLS)) };
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
    }
  }
  return { kind: "unable", reason: `no C library could be opened (${failures.join("; ")})` };
}

/**
 * Calls that return at once, on this thread, but for `epoll_wait_apart`. With a permission for one
 * path the runtime gives no pointers, so addresses are integers: `address` alone makes them, of
 * buffers whose owner keeps them for as long as it uses the address.
 */
export class Libc {
  readonly call: Library["symbols"];
  readonly #library: Library;
  readonly #option = new Int32Array(new ArrayBuffer(128));
  readonly #errno = new Int32Array(new ArrayBuffer(128));

  constructor(library: Library) {
    this.#library = library;
    this.call = library.symbols;
  }

  /** Where the bytes lie: memory outside V8's heap stays where it is. */
  address(buffer: ArrayBuffer): bigint {
    // Copies nothing, and returns where it would have copied to.
    return this.call.memcpy(buffer, 0n, 0n);
  }

  /** Why the last call failed; read before any other. */
  get errno(): number {
    this.call.memcpy(this.#errno, this.call.__errno_location(), 4n);
    return this.#errno[0] ?? 0;
  }

  /** Asks for a longer queue of a socket; the system gives what it allows (rmem_max). */
  setReceiveBuffer(fd: number, bytes: number): void {
    this.#option[0] = bytes;
    this.call.setsockopt(fd, SOL_SOCKET, SO_RCVBUF, this.#option, 4);
  }

  close(): void {
    this.#library.close();
  }
}
