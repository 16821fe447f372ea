import type { TransportAddress } from "../address.ts";
import { Attribute } from "./attributes.ts";
import { fingerprint, mac, MAC_LENGTH, type MacAlgorithm } from "./integrity.ts";
import { HEADER_LENGTH, MAGIC_COOKIE, type MessageClass, messageType } from "./message.ts";
import { writeAddress, writeXorAddress } from "./xor_address.ts";

const utf8 = new TextEncoder();

/**
 * Writes one STUN message after another into a buffer that is the caller's. A message that does not
 * fit throws `RangeError`: what is written, and how much, is the caller's own choice.
 */
export class MessageWriter {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #length = 0;

  constructor(buffer: Uint8Array) {
    this.#bytes = buffer;
    this.#view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  }

  /** Begins a message; whatever the buffer held is given up. */
  start(messageClass: MessageClass, method: number, transactionId: Uint8Array): this {
    this.#view.setUint16(0, messageType(messageClass, method));
    this.#view.setUint32(4, MAGIC_COOKIE);
    this.#bytes.set(transactionId, 8);
    this.#length = HEADER_LENGTH;
    return this;
  }

  bytes(type: number, value: Uint8Array): this {
    const at = this.#header(type, value.length);
    this.#bytes.set(value, at);
    return this.#pad(at + value.length);
  }

  text(type: number, value: string): this {
    return this.bytes(type, utf8.encode(value));
  }

  uint32(type: number, value: number): this {
    const at = this.#header(type, 4);
    this.#view.setUint32(at, value);
    return this;
  }

  /** A number in the first byte of four, as REQUESTED-TRANSPORT and the address families have it. */
  byte(type: number, value: number): this {
    return this.uint32(type, value * 0x100_0000);
  }

  uint16s(type: number, values: readonly number[]): this {
    const at = this.#header(type, 2 * values.length);
    values.forEach((value, i) => this.#view.setUint16(at + 2 * i, value));
    return this.#pad(at + 2 * values.length);
  }

  xorAddress(type: number, value: TransportAddress): this {
    const at = this.#header(type, typeof value.ip === "number" ? 8 : 20);
    writeXorAddress(value, this.#bytes, at);
    return this;
  }

  /** Not XORed, as ALTERNATE-SERVER has it (RFC 8489 §14.15). */
  address(type: number, value: TransportAddress): this {
    const at = this.#header(type, typeof value.ip === "number" ? 8 : 20);
    writeAddress(value, this.#bytes, at);
    return this;
  }

  errorCode(code: number, reason: string): this {
    return this.#error(Attribute.ERROR_CODE, 0, code, reason);
  }

  /** `family` as on the wire (RFC 8656 §18.12). */
  addressErrorCode(family: number, code: number, reason: string): this {
    return this.#error(Attribute.ADDRESS_ERROR_CODE, family, code, reason);
  }

  integrity(algorithm: MacAlgorithm, key: Uint8Array): this {
    const type = algorithm === "sha1"
      ? Attribute.MESSAGE_INTEGRITY
      : Attribute.MESSAGE_INTEGRITY_SHA256;
    const offset = this.#length;
    const at = this.#header(type, MAC_LENGTH[algorithm]);
    this.#bytes.set(mac(algorithm, key, this.#bytes, offset), at);
    return this;
  }

  fingerprint(): this {
    return this.uint32(Attribute.FINGERPRINT, fingerprint(this.#bytes, this.#length));
  }

  /** The message, lent: the next one overwrites it. */
  finish(): Uint8Array {
    this.#view.setUint16(2, this.#length - HEADER_LENGTH);
    return this.#bytes.subarray(0, this.#length);
  }

  #error(type: number, first: number, code: number, reason: string): this {
    const phrase = utf8.encode(reason);
    const at = this.#header(type, 4 + phrase.length);
    this.#view.setUint32(at, first * 0x100_0000 + Math.floor(code / 100) * 0x100 + code % 100);
    this.#bytes.set(phrase, at + 4);
    return this.#pad(at + 4 + phrase.length);
  }

  /** Writes an attribute's header, with its padding counted in; returns where its value goes. */
  #header(type: number, size: number): number {
    const at = this.#length;
    const end = at + 4 + size + (-size & 3);
    if (end > this.#bytes.length) throw new RangeError(`Cannot write ${end} bytes of STUN message`);
    this.#view.setUint16(at, type);
    this.#view.setUint16(at + 2, size);
    this.#length = end;
    return at + 4;
  }

  #pad(from: number): this {
    this.#bytes.fill(0, from, this.#length);
    return this;
  }
}
