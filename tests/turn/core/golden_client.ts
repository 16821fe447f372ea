/** The client of the golden table: writes its messages, and says in its words what came of them. */
import assert from "node:assert/strict";
import type { TransportAddress } from "../../../turn/address.ts";
import type { Transport } from "../../../turn/core/mod.ts";
import {
  Attribute,
  beginsChannelData,
  decode,
  longTermKey,
  MessageWriter,
  Method,
  type StunMessage,
  userhash,
  verifyMac,
} from "../../../turn/stun/mod.ts";
import { timeLimitedCredential } from "../../support/turn_client.ts";
import { type Attr, type Message, METHODS, type Signed } from "./golden_case.ts";

const NAMES = new Map(
  Object.entries(Attribute).map(([name, type]) => [type as number, name.replaceAll("_", "-")]),
);
const SHORT = new Map([["MESSAGE-INTEGRITY", "MI"], ["MESSAGE-INTEGRITY-SHA256", "MI-SHA256"]]);
/** Attributes whose values the table states. */
const STATED = new Map<number, (value: Uint8Array) => string>([
  [Attribute.LIFETIME, (value) => String(new DataView(value.slice().buffer).getUint32(0))],
  [Attribute.UNKNOWN_ATTRIBUTES, (value) => value.toHex()],
  [
    Attribute.ADDRESS_ERROR_CODE,
    (value) => `${value[0]}/${(value[2] ?? 0) * 100 + (value[3] ?? 0)}`,
  ],
  [Attribute.PASSWORD_ALGORITHMS, (value) => value.toHex()],
  [Attribute.ALTERNATE_SERVER, (value) => value.toHex()],
]);

/** Where the client is. */
export interface Place {
  readonly transport: Transport;
  /** The client's own transport address. */
  readonly client: TransportAddress;
  /** What the table calls so, here. */
  addressOf(name: string): TransportAddress;
  /** What the table calls it. */
  nameOf(address: TransportAddress): string;
}

export class GoldenClient {
  readonly #place: Place;
  #key: Uint8Array = new Uint8Array();
  #transaction = 0;
  #asked: Message | undefined;
  /** The token of the last Allocate that reserved a port. */
  #token: Uint8Array = new Uint8Array();
  /** Of the last Allocate that succeeded. */
  relayed: readonly TransportAddress[] = [];

  constructor(place: Place) {
    this.#place = place;
  }

  /** The message as bytes, signed with this nonce where it is to be signed with any. */
  encode(step: Message, nonce: string): Uint8Array {
    this.#asked = step;
    const id = new Uint8Array(12).fill(0x40);
    id[11] = step.transaction ?? ++this.#transaction;
    const writer = new MessageWriter(new Uint8Array(9_000))
      .start(step.class ?? "request", METHODS[step.method], id);
    this.#write(writer, step.attributes);
    if (step.signed !== "not") this.#sign(writer, step.signed, nonce);
    this.#write(writer, step.after ?? []);
    if (step.fingerprint) writer.fingerprint();
    return writer.finish().slice();
  }

  /** Keeps what later messages need of an answer. */
  learn(bytes: Uint8Array): void {
    const decoded = decode(bytes);
    if (decoded.kind !== "message") return;
    const { reservationToken, relayedAddresses } = decoded.message.attributes;
    if (reservationToken) this.#token = reservationToken.slice();
    if (relayedAddresses.length > 0) this.relayed = relayedAddresses;
  }

  /** What came to the client, in the table's words. Throws where it is no answer to what was asked. */
  say(bytes: Uint8Array): string {
    if (beginsChannelData(bytes[0] ?? 0)) return this.#sayChannelData(bytes);
    const decoded = decode(bytes);
    assert.equal(decoded.kind, "message");
    const { message } = decoded as { message: StunMessage };
    const { attributes } = message;
    if (message.class === "indication") {
      const [from] = attributes.peerAddresses;
      return `from ${from && this.#place.nameOf(from)}: ${attributes.data?.toHex()}`;
    }
    this.#checkAnswer(message);
    const head = message.class === "success" ? "success" : String(attributes.errorCode?.code);
    const list = walk(message.bytes).filter(([type]) => type !== Attribute.ERROR_CODE)
      .map(([type, value]) => {
        const name = NAMES.get(type) ?? type.toString(16);
        const stated = STATED.get(type);
        return (SHORT.get(name) ?? name) + (stated ? `=${stated(value)}` : "");
      });
    return [`${head}:`, ...list].join(" ");
  }

  #sayChannelData(bytes: Uint8Array): string {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const length = view.getUint16(2);
    const padded = Math.ceil(length / 4) * 4;
    // RFC 8656 §12.5: on a stream it must be, elsewhere it need not.
    const isStream = this.#place.transport === "tcp";
    const isPadded = bytes.length === 4 + padded;
    assert.ok(isPadded || (!isStream && bytes.length === 4 + length), "padded as it ought to be");
    const padding = isPadded && !isStream && padded > length ? " with padding" : "";
    return `channel ${view.getUint16(0).toString(16)}: ${
      bytes.subarray(4, 4 + length).toHex()
    }${padding}`;
  }

  /** What holds for every answer, whatever it says. */
  #checkAnswer(message: StunMessage): void {
    const asked = this.#asked;
    assert.ok(asked);
    assert.equal(message.method, METHODS[asked.method]);
    assert.equal(message.transactionId[11], asked.transaction ?? this.#transaction);
    const { mappedAddress } = message.attributes;
    if (mappedAddress) assert.equal(mappedAddress.key, this.#place.client.key);
    if (message.integrityAt !== undefined) assert.ok(verifyMac(message, "sha1", this.#key));
    if (message.integritySha256At !== undefined) {
      assert.ok(verifyMac(message, "sha256", this.#key));
    }
  }

  #write(writer: MessageWriter, attributes: readonly Attr[]): void {
    for (const [type, value] of attributes) {
      if (typeof value === "string") writer.xorAddress(type, this.#place.addressOf(value));
      else if (type === Attribute.RESERVATION_TOKEN && value.length === 0) {
        writer.bytes(type, this.#token);
      } else writer.bytes(type, Uint8Array.from(value));
    }
  }

  #sign(writer: MessageWriter, signed: Signed, nonce: string): void {
    const username = signed.username === undefined ? "alice" : signed.username;
    const password = signed.password ?? passwordOf(username ?? "alice");
    const realm = signed.realm === undefined ? "game" : signed.realm;
    const { hash = "md5", mac = "sha1" } = signed;
    if (signed.userhash) writer.bytes(Attribute.USERHASH, userhash(username ?? "alice", "game"));
    else if (username !== null) writer.text(Attribute.USERNAME, username);
    if (realm !== null) writer.text(Attribute.REALM, realm);
    if (signed.nonce !== null) writer.text(Attribute.NONCE, nonce);
    if (signed.algorithms) {
      writer.bytes(Attribute.PASSWORD_ALGORITHMS, Uint8Array.from(signed.algorithms));
    }
    if (signed.algorithm !== undefined) {
      writer.uint32(Attribute.PASSWORD_ALGORITHM, signed.algorithm * 0x1_0000);
    }
    this.#key = longTermKey(hash, username ?? "alice", realm ?? "game", password);
    const key = signed.key === "wrong" ? new Uint8Array(16) : this.#key;
    if (mac === "cut") {
      writer.bytes(Attribute.MESSAGE_INTEGRITY_SHA256, new Uint8Array(16));
      return;
    }
    if (mac !== "sha256") writer.integrity("sha1", key);
    if (mac !== "sha1") writer.integrity("sha256", key);
  }
}

/** What a request without credentials is told to sign with, or a nonce that is none. */
export function nonceOf(challenge: Uint8Array, kind: Signed["nonce"]): string {
  if (kind === "made up") return "obMatJos2wAAA" + "A".repeat(20);
  const decoded = decode(challenge);
  assert.equal(decoded.kind, "message");
  const nonce = (decoded as { message: StunMessage }).message.attributes.nonce ?? "";
  return kind === "forged" ? nonce.slice(0, -1) + (nonce.endsWith("A") ? "B" : "A") : nonce;
}

/** Asks for a challenge. */
export function unsignedAllocate(): Uint8Array {
  return new MessageWriter(new Uint8Array(40))
    .start("request", Method.ALLOCATE, new Uint8Array(12)).finish();
}

/** The static users' passwords, and those of `expiry:user` under the first secret. */
function passwordOf(username: string): string {
  if (username === "alice") return "secret";
  if (username === "bob") return "hunter2";
  const [expiry = "", user = ""] = username.split(":");
  return timeLimitedCredential("first secret", user, Number(expiry)).password;
}

function walk(bytes: Uint8Array): [type: number, value: Uint8Array][] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found: [number, Uint8Array][] = [];
  for (let offset = 20; offset < bytes.length;) {
    const length = view.getUint16(offset + 2);
    found.push([view.getUint16(offset), bytes.subarray(offset + 4, offset + 4 + length)]);
    offset += 4 + length + (-length & 3);
  }
  return found;
}
