/**
 * More than any C library takes from its heap (mallopt(3) of glibc: 32 MiB at most), so that each
 * page of a slab takes memory only once it is written to.
 */
const SLAB_BUFFERS = 2 ** 14;
/** Longer by one than any packet of a WebRTC peer or a usual link: a full one may have been cut. */
export const RECEIVE_BUFFER_BYTES = 2_049;

/** So many buffers in one piece, which goes when none of them is in use. */
class Slab {
  readonly bytes = new ArrayBuffer(SLAB_BUFFERS * RECEIVE_BUFFER_BYTES);
  /** Places that were in use; those from `fresh` on never were. */
  readonly #free: number[] = [];
  #fresh = 0;

  get isFull(): boolean {
    return this.#free.length === 0 && this.#fresh === SLAB_BUFFERS;
  }

  get isUnused(): boolean {
    return this.#free.length === this.#fresh;
  }

  take(): Uint8Array<ArrayBuffer> {
    const offset = this.#free.pop() ?? this.#fresh++ * RECEIVE_BUFFER_BYTES;
    return new Uint8Array(this.bytes, offset, RECEIVE_BUFFER_BYTES);
  }

  giveBack(offset: number): void {
    this.#free.push(offset);
  }
}

/**
 * Buffers for sockets that wait for a datagram, each its own. Most relay sockets never hear of
 * one; those take no memory by this.
 */
export class ReceiveBuffers {
  readonly #slabs = new Map<ArrayBuffer, Slab>();

  take(): Uint8Array<ArrayBuffer> {
    for (const slab of this.#slabs.values()) if (!slab.isFull) return slab.take();
    const slab = new Slab();
    this.#slabs.set(slab.bytes, slab);
    return slab.take();
  }

  /** Takes back what `take` gave and nobody writes to any more; of another buffer nothing comes. */
  giveBack({ buffer, byteOffset }: Uint8Array<ArrayBuffer>): void {
    const slab = this.#slabs.get(buffer);
    slab?.giveBack(byteOffset);
    if (slab?.isUnused) this.#slabs.delete(buffer);
  }
}
