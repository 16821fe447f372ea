/** Arrays of `struct mmsghdr` over buffers of their own: recvmmsg(2), sendmmsg(2). */
import type { Libc } from "./libc.ts";
import { SOCKET_ADDRESS_LENGTH, SOCKET_ADDRESS_LENGTH_IP4 } from "./socket_address.ts";

/** Offsets in `struct mmsghdr` where pointers have 64 bits: the same for glibc and musl. */
const HEADER = {
  name: 0,
  nameLength: 8,
  vector: 16,
  vectorLength: 24,
  flags: 48,
  length: 56,
  size: 64,
};
const VECTOR_SIZE = 16;
const NAME_SIZE = 32;
/** Keeps slots of a power of two from sharing the same few lines of the cache. */
const PADDING = 192;

/** `count` datagrams of at most `slotSize` bytes, each with an address. */
export class Messages {
  readonly #addresses: readonly bigint[];
  readonly names: DataView;
  readonly #slots: readonly Uint8Array[];
  readonly #lent: Uint8Array[];
  readonly #headers: DataView;
  readonly #vectors: DataView;

  constructor(libc: Libc, count: number, slotSize: number) {
    const stride = slotSize + PADDING;
    const data = new ArrayBuffer(count * stride);
    const names = new ArrayBuffer(count * NAME_SIZE);
    const vectors = new ArrayBuffer(count * VECTOR_SIZE);
    const headers = new ArrayBuffer(count * HEADER.size);
    // These four live as long as this object, through the views it holds.
    this.names = new DataView(names);
    this.#headers = new DataView(headers);
    this.#vectors = new DataView(vectors);
    const indices = Array.from({ length: count }, (_, i) => i);
    this.#slots = indices.map((i) => new Uint8Array(data, i * stride, slotSize));
    this.#lent = [...this.#slots];
    const [atData, atNames, atVectors, atHeaders] = [data, names, vectors, headers].map((buffer) =>
      libc.address(buffer)
    ) as [bigint, bigint, bigint, bigint];
    this.#addresses = indices.map((i) => atHeaders + BigInt(i * HEADER.size));
    for (const i of indices) {
      setPointer(this.#vectors, i * VECTOR_SIZE, atData + BigInt(i * stride));
      const header = i * HEADER.size;
      setPointer(this.#headers, header + HEADER.name, atNames + BigInt(i * NAME_SIZE));
      setPointer(this.#headers, header + HEADER.vector, atVectors + BigInt(i * VECTOR_SIZE));
      this.#headers.setUint32(header + HEADER.vectorLength, 1, true);
      this.expect(i);
    }
  }

  static nameOffset(i: number): number {
    return i * NAME_SIZE;
  }

  /** Where header `i` lies, for the system. */
  addressOf(i: number): bigint {
    const address = this.#addresses[i];
    if (address === undefined) throw new RangeError(`There is no header ${i}`);
    return address;
  }

  slot(i: number): Uint8Array {
    const slot = this.#slots[i];
    if (!slot) throw new RangeError(`There is no slot ${i}`);
    return slot;
  }

  /** The first bytes of slot `i`. Datagrams of a flow have few lengths: the last view is kept. */
  lent(i: number, length: number): Uint8Array {
    const last = this.#lent[i];
    if (last?.length === length) return last;
    return this.#lent[i] = this.slot(i).subarray(0, length);
  }

  /** Makes slot `i` ready to receive. */
  expect(i: number): void {
    this.#vectors.setUint32(i * VECTOR_SIZE + 8, this.slot(i).length, true);
    this.#headers.setUint32(i * HEADER.size + HEADER.nameLength, SOCKET_ADDRESS_LENGTH, true);
  }

  /** Makes slot `i` ready to be sent: so many of its bytes, to the name written for it. */
  ready(i: number, length: number, nameLength: number): void {
    this.#vectors.setUint32(i * VECTOR_SIZE + 8, length, true);
    this.#headers.setUint32(i * HEADER.size + HEADER.nameLength, nameLength, true);
  }

  /** Whether the system wrote an address for slot `i` that is of one of the two lengths. */
  isNamed(i: number): boolean {
    const length = this.#headers.getUint32(i * HEADER.size + HEADER.nameLength, true);
    return length === SOCKET_ADDRESS_LENGTH || length === SOCKET_ADDRESS_LENGTH_IP4;
  }

  /** How many bytes the system says it received, or -1 where they were more than fit. */
  received(i: number): number {
    const header = i * HEADER.size;
    const length = this.#headers.getUint32(header + HEADER.length, true);
    const isCut = (this.#headers.getUint32(header + HEADER.flags, true) & MSG_TRUNC) !== 0;
    return isCut || length > this.slot(i).length ? -1 : length;
  }
}

const MSG_TRUNC = 0x20;

function setPointer(view: DataView, offset: number, address: bigint): void {
  view.setBigUint64(offset, address, true);
}
