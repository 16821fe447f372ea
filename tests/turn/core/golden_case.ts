/** A table of cases as data: what is asked, and exactly what comes back. */
import assert from "node:assert/strict";
import { type Family, familyOf, formatAddress, type PeerAddress } from "../../../turn/address.ts";
import type { TurnConfig } from "../../../turn/config.ts";
import type { FiveTuple, Transport } from "../../../turn/core/mod.ts";
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
import { at, flowFrom, Harness, UNIX_START } from "../../support/turn_harness.ts";

/** An attribute: its type and its value as bytes, or a transport address that is yet to be XORed. */
export type Attr = readonly [type: number, value: readonly number[] | string];

/** How a request is signed; what is not said is as it ought to be, for alice, as browsers do it. */
export interface Signed {
  readonly username?: string | null;
  readonly userhash?: boolean;
  readonly password?: string;
  readonly realm?: string | null;
  /** `other`: one that another client got. `old`: one from 30 minutes ago. */
  readonly nonce?: "other" | "old" | "made up" | "forged" | null;
  readonly hash?: "md5" | "sha256";
  readonly mac?: "sha1" | "sha256" | "both" | "cut";
  readonly algorithm?: number;
  readonly algorithms?: readonly number[];
  readonly key?: "wrong";
}

export interface Message {
  readonly method: keyof typeof METHODS;
  readonly class?: "indication" | "success";
  readonly attributes: readonly Attr[];
  readonly signed: Signed | "not";
  /** Attributes put after the integrity code. */
  readonly after?: readonly Attr[];
  readonly fingerprint?: boolean;
  /** The last byte of the transaction id, where the same is to be used again. */
  readonly transaction?: number;
}

export type Step =
  | Message
  | { readonly bytes: readonly number[] }
  | { readonly peer: string; readonly data: readonly number[] }
  | { readonly wait: number }
  | "drain";

export interface Case {
  /** The section and the rule. */
  readonly rule: string;
  readonly given?: readonly Step[];
  readonly then: Step;
  /** `code:` or `success:` and the attributes in order, or what was relayed, or `silence`. */
  readonly expect: string;
  readonly config?: Partial<TurnConfig>;
  /** Where it holds only for clients of that address family. */
  readonly from?: Family;
}

const METHODS = {
  Binding: Method.BINDING,
  Allocate: Method.ALLOCATE,
  Refresh: Method.REFRESH,
  Send: Method.SEND,
  Data: Method.DATA,
  CreatePermission: Method.CREATE_PERMISSION,
  ChannelBind: Method.CHANNEL_BIND,
  Connect: 0x00a,
} as const;

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

export const ask = (
  method: keyof typeof METHODS,
  attributes: readonly Attr[] = [],
  signed: Signed | "not" = {},
  more: { after?: readonly Attr[]; fingerprint?: boolean; transaction?: number } = {},
): Step => ({ method, attributes, signed, ...more });
export const indicate = (
  method: keyof typeof METHODS,
  attributes: readonly Attr[] = [],
): Step => ({ method, class: "indication", attributes, signed: "not" });

export const uint32 = (type: number, value: number): Attr => [
  type,
  [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255],
];
export const UDP: Attr = [Attribute.REQUESTED_TRANSPORT, [17, 0, 0, 0]];
export const lifetime = (seconds: number) => uint32(Attribute.LIFETIME, seconds);
export const peer = (text: string): Attr => [Attribute.XOR_PEER_ADDRESS, text];
export const channel = (number: number): Attr =>
  uint32(Attribute.CHANNEL_NUMBER, number * 0x1_0000);
export const data = (...bytes: number[]): Attr => [Attribute.DATA, bytes];
export const family = (number: number): Attr => [
  Attribute.REQUESTED_ADDRESS_FAMILY,
  [number, 0, 0, 0],
];
export const additional = (number: number): Attr => [
  Attribute.ADDITIONAL_ADDRESS_FAMILY,
  [number, 0, 0, 0],
];
export const evenPort = (reserve: boolean): Attr => [Attribute.EVEN_PORT, [reserve ? 0x80 : 0]];

export const VARIANTS: readonly (readonly [transport: Transport, client: string])[] = [
  ["udp", "198.51.100.10:5000"],
  ["tcp", "198.51.100.10:5000"],
  ["udp", "[2001:db8:1::10]:5000"],
  ["tcp", "[2001:db8:1::10]:5000"],
];

/** Runs one case for one kind of client, and compares what came of its last step. */
export function play(
  test: Case,
  transport: Transport,
  client: string,
  harness = new Harness(test.config),
): void {
  const flow = flowFrom(client, transport);
  if (test.from !== undefined && familyOf(flow.client.ip) !== test.from) return;
  const table = new Player(harness, flow);
  for (const step of test.given ?? []) table.step(step);
  harness.take(flow);
  harness.toPeer.splice(0);
  table.step(test.then);
  assert.equal(table.outcome(), test.expect);
}

class Player {
  readonly #harness: Harness;
  readonly #flow: FiveTuple;
  #key: Uint8Array = new Uint8Array();
  #transaction = 0;
  #asked: Step | undefined;
  /** The token of the last Allocate that reserved a port. */
  #token: readonly number[] = [];

  constructor(harness: Harness, flow: FiveTuple) {
    this.#harness = harness;
    this.#flow = flow;
  }

  step(step: Step): void {
    this.#asked = step;
    const { core } = this.#harness;
    if (step === "drain") return core.drain();
    if ("wait" in step) return this.#harness.advance(step.wait);
    if ("peer" in step) {
      const family = step.peer.startsWith("[") ? 6 : 4;
      const relay = [...this.#harness.open.values()].find((open) => open.family === family);
      if (!relay) throw new Error("There is no relay for that peer");
      return core.fromPeer(
        relay,
        at<PeerAddress>(step.peer),
        Uint8Array.from(step.data),
        this.#harness.now,
      );
    }
    const bytes = "bytes" in step ? Uint8Array.from(step.bytes) : this.#encode(step);
    core.fromClient(this.#flow, bytes, this.#harness.now);
    for (const { bytes } of this.#harness.toClient) {
      const decoded = decode(bytes);
      const token = decoded.kind === "message" && decoded.message.attributes.reservationToken;
      if (token) this.#token = [...token];
    }
  }

  /** What the last step led to, in the table's words. */
  outcome(): string {
    const said = this.#harness.take(this.#flow).map((bytes) => this.#say(bytes));
    for (const { peer, bytes } of this.#harness.toPeer.splice(0)) {
      said.push(`to ${formatAddress(peer)}: ${bytes.toHex()}`);
    }
    return said.join("; ") || "silence";
  }

  #say(bytes: Uint8Array): string {
    if (beginsChannelData(bytes[0] ?? 0)) {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const length = view.getUint16(2);
      const padded = this.#flow.transport === "tcp" ? Math.ceil(length / 4) * 4 : length;
      assert.equal(bytes.length, 4 + padded, "RFC 8656 §12.5: padded on a stream, and only there");
      return `channel ${view.getUint16(0).toString(16)}: ${bytes.subarray(4, 4 + length).toHex()}`;
    }
    const decoded = decode(bytes);
    assert.equal(decoded.kind, "message");
    const { message } = decoded as { message: StunMessage };
    const { attributes } = message;
    if (message.class === "indication") {
      const [from] = attributes.peerAddresses;
      return `from ${from && formatAddress(from)}: ${attributes.data?.toHex()}`;
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

  /** What holds for every answer, whatever it says. */
  #checkAnswer(message: StunMessage): void {
    const asked = this.#asked;
    assert.ok(typeof asked === "object" && "method" in asked);
    assert.equal(message.method, METHODS[asked.method]);
    assert.equal(message.transactionId[11], asked.transaction ?? this.#transaction);
    const { mappedAddress, relayedAddresses } = message.attributes;
    if (mappedAddress) assert.equal(mappedAddress.key, this.#flow.client.key);
    // A retransmission is told what was open when it was first asked for.
    for (const relayed of asked.transaction === undefined ? relayedAddresses : []) {
      assert.ok(this.#harness.open.has(formatAddress(relayed)), "what is told is open");
    }
    if (message.integrityAt !== undefined) assert.ok(verifyMac(message, "sha1", this.#key));
    if (message.integritySha256At !== undefined) {
      assert.ok(verifyMac(message, "sha256", this.#key));
    }
  }

  #encode(step: Message): Uint8Array {
    const id = new Uint8Array(12).fill(0x40);
    id[11] = step.transaction ?? ++this.#transaction;
    const writer = new MessageWriter(new Uint8Array(9_000))
      .start(step.class ?? "request", METHODS[step.method], id);
    this.#write(writer, step.attributes);
    if (step.signed !== "not") this.#sign(writer, step.signed);
    this.#write(writer, step.after ?? []);
    if (step.fingerprint) writer.fingerprint();
    return writer.finish().slice();
  }

  #write(writer: MessageWriter, attributes: readonly Attr[]): void {
    for (const [type, value] of attributes) {
      if (typeof value === "string") writer.xorAddress(type, at(value));
      else if (type === Attribute.RESERVATION_TOKEN && value.length === 0) {
        writer.bytes(type, Uint8Array.from(this.#token));
      } else writer.bytes(type, Uint8Array.from(value));
    }
  }

  #sign(writer: MessageWriter, signed: Signed): void {
    const username = signed.username === undefined ? "alice" : signed.username;
    const password = signed.password ?? passwordOf(username ?? "alice");
    const realm = signed.realm === undefined ? "game" : signed.realm;
    const { hash = "md5", mac = "sha1" } = signed;
    if (signed.userhash) writer.bytes(Attribute.USERHASH, userhash(username ?? "alice", "game"));
    else if (username !== null) writer.text(Attribute.USERNAME, username);
    if (realm !== null) writer.text(Attribute.REALM, realm);
    if (signed.nonce !== null) writer.text(Attribute.NONCE, this.#nonce(signed.nonce));
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

  #nonce(kind: Signed["nonce"]): string {
    if (kind === "made up") return "obMatJos2AAAD" + "A".repeat(20);
    const flow = kind === "other" ? flowFrom("198.51.100.99:5000") : this.#flow;
    const request = new MessageWriter(new Uint8Array(40))
      .start("request", Method.REFRESH, new Uint8Array(12)).finish();
    const kept = this.#harness.toClient.splice(0);
    const [answer] = this.#harness.ask(flow, request);
    this.#harness.toClient.push(...kept);
    const decoded = decode(answer ?? new Uint8Array());
    assert.equal(decoded.kind, "message");
    const nonce = (decoded as { message: StunMessage }).message.attributes.nonce ?? "";
    if (kind === "old") this.#harness.advance(30 * 60_000);
    return kind === "forged" ? nonce.slice(0, -1) + (nonce.endsWith("A") ? "B" : "A") : nonce;
  }
}

/** The static users' passwords, and those of `expiry:user` under the first secret. */
function passwordOf(username: string): string {
  if (username === "alice") return "secret";
  if (username === "bob") return "hunter2";
  const [expiry = "", user = ""] = username.split(":");
  return timeLimitedCredential("first secret", user, Number(expiry)).password;
}

/** A time-limited username that lasts so many seconds from the start. */
export const lasting = (seconds: number, user = "carol") => `${UNIX_START + seconds}:${user}`;

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
