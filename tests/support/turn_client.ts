import { createHmac } from "node:crypto";
import { formatAddress, type TransportAddress } from "../../turn/address.ts";
import {
  Attribute,
  beginsChannelData,
  channelNumberOf,
  decode,
  longTermKey,
  MessageWriter,
  Method,
  PasswordAlgorithm,
  type StunMessage,
  verifyMac,
} from "../../turn/stun/mod.ts";
import { dataOf, writeChannelData } from "./channel_data.ts";

export interface TurnClientOptions {
  readonly username: string;
  readonly password: string;
  /** 0 ≤ n < 1 */
  readonly random: () => number;
  /** Whether ChannelData is padded, and requests are not sent again. */
  readonly stream?: boolean;
  /** Whether to do as RFC 8489 has it where the server can, instead of as browsers do. */
  readonly sha256?: boolean;
}

export type ClientEvent =
  | {
    readonly kind: "allocated";
    readonly relayed: TransportAddress;
    readonly mapped: TransportAddress;
    readonly lifetime: number;
  }
  | { readonly kind: "refreshed"; readonly lifetime: number }
  | { readonly kind: "permitted" }
  | { readonly kind: "bound"; readonly channel: number }
  | { readonly kind: "failed"; readonly method: number; readonly code: number }
  | { readonly kind: "timed-out"; readonly method: number }
  | { readonly kind: "data"; readonly from: string; readonly data: Uint8Array };

interface Transaction {
  readonly method: number;
  readonly write: (writer: MessageWriter) => void;
  readonly bytes: Uint8Array;
  readonly succeeded: (message: StunMessage, now: number) => ClientEvent;
  sent: number;
  again: number;
  challenged: number;
}

/** RFC 8489 §6.2.1: first after 500 ms, then doubled, seven times in all. */
const RTO_MS = 500;
const REQUESTS = 7;
/** A permission is asked for again a minute before it ends. */
const PERMISSION_REFRESH_MS = 240_000;

/**
 * A TURN client without sockets and clock, as a browser is one: it answers challenges, sends requests
 * again, and keeps its allocation, permissions and channels alive.
 */
export class TurnClient {
  readonly #options: TurnClientOptions;
  readonly #buffer = new Uint8Array(70_000);
  readonly #writer = new MessageWriter(this.#buffer);
  readonly #transactions = new Map<string, Transaction>();
  readonly #output: Uint8Array[] = [];
  readonly #events: ClientEvent[] = [];
  /** What is to be done again, by name: when, and how. */
  readonly #upkeep = new Map<string, { due: number; readonly run: (now: number) => void }>();
  readonly #channels = new Map<number, string>();
  #challenge: { realm: string; nonce: string; algorithms?: Uint8Array } | undefined;
  relayed: TransportAddress | undefined;
  /** For the port that EVEN-PORT reserved. */
  reservationToken: Uint8Array | undefined;

  constructor(options: TurnClientOptions) {
    this.#options = options;
  }

  takeOutput(): Uint8Array[] {
    return this.#output.splice(0);
  }

  takeEvents(): ClientEvent[] {
    return this.#events.splice(0);
  }

  get isIdle(): boolean {
    return this.#transactions.size === 0;
  }

  allocate(now: number, extra: (writer: MessageWriter) => void = () => {}): void {
    this.#request(Method.ALLOCATE, now, (writer) => {
      writer.byte(Attribute.REQUESTED_TRANSPORT, 17);
      extra(writer);
    }, (message, then) => {
      const [relayed] = message.attributes.relayedAddresses;
      const { mappedAddress: mapped, lifetime } = message.attributes;
      if (!relayed || !mapped || lifetime === undefined) throw new Error("Allocate lacks a part");
      this.relayed = relayed;
      this.reservationToken = message.attributes.reservationToken?.slice();
      this.#keepAllocation(lifetime, then);
      return { kind: "allocated", relayed, mapped, lifetime };
    });
  }

  refresh(now: number, seconds?: number): void {
    this.#request(Method.REFRESH, now, (writer) => {
      if (seconds !== undefined) writer.uint32(Attribute.LIFETIME, seconds);
    }, (message, then) => {
      const { lifetime = 0 } = message.attributes;
      if (lifetime === 0) this.#upkeep.clear();
      else this.#keepAllocation(lifetime, then);
      return { kind: "refreshed", lifetime };
    });
  }

  permit(peer: TransportAddress, now: number): void {
    this.#request(
      Method.CREATE_PERMISSION,
      now,
      (writer) => writer.xorAddress(Attribute.XOR_PEER_ADDRESS, peer),
      (_, then) => {
        const run = (due: number) => this.permit(peer, due);
        this.#upkeep.set(`permission ${peer.ip}`, { due: then + PERMISSION_REFRESH_MS, run });
        return { kind: "permitted" };
      },
    );
  }

  bind(channel: number, peer: TransportAddress, now: number): void {
    this.#request(
      Method.CHANNEL_BIND,
      now,
      (writer) =>
        writer.uint32(Attribute.CHANNEL_NUMBER, channel * 0x1_0000)
          .xorAddress(Attribute.XOR_PEER_ADDRESS, peer),
      (_, then) => {
        this.#channels.set(channel, formatAddress(peer));
        const run = (due: number) => this.bind(channel, peer, due);
        this.#upkeep.set(`channel ${channel}`, { due: then + PERMISSION_REFRESH_MS, run });
        return { kind: "bound", channel };
      },
    );
  }

  send(peer: TransportAddress, data: Uint8Array): void {
    this.#output.push(
      this.#writer.start("indication", Method.SEND, this.#newId())
        .xorAddress(Attribute.XOR_PEER_ADDRESS, peer).bytes(Attribute.DATA, data)
        .finish().slice(),
    );
  }

  sendOnChannel(channel: number, data: Uint8Array): void {
    const padded = this.#options.stream ?? false;
    const size = writeChannelData(this.#buffer, channel, data, padded);
    this.#output.push(this.#buffer.slice(0, size));
  }

  input(bytes: Uint8Array, now: number): void {
    if (beginsChannelData(bytes[0] ?? 0)) return this.#channelData(bytes);
    const decoded = decode(bytes);
    if (decoded.kind !== "message") throw new Error(`The server sent what is ${decoded.kind}`);
    const { message } = decoded;
    if (message.class === "indication") return this.#dataIndication(message);
    this.#response(message, now);
  }

  /** When `wake` is next needed. */
  deadline(): number {
    const again = [...this.#transactions.values()].map((transaction) => transaction.again);
    return Math.min(Infinity, ...again, ...[...this.#upkeep.values()].map(({ due }) => due));
  }

  wake(now: number): void {
    for (const [id, transaction] of this.#transactions) {
      if (transaction.again > now) continue;
      if (transaction.sent === REQUESTS) {
        this.#transactions.delete(id);
        this.#events.push({ kind: "timed-out", method: transaction.method });
      } else {
        this.#output.push(transaction.bytes);
        transaction.again = now + RTO_MS * 2 ** transaction.sent++;
      }
    }
    for (const [name, { due, run }] of this.#upkeep) {
      if (due > now) continue;
      this.#upkeep.delete(name);
      run(now);
    }
  }

  #keepAllocation(lifetime: number, now: number): void {
    const run = (due: number) => this.refresh(due);
    this.#upkeep.set("allocation", { due: now + Math.max(lifetime - 60, 1) * 1_000, run });
  }

  #request(
    method: number,
    now: number,
    write: Transaction["write"],
    succeeded: Transaction["succeeded"],
    challenged = 0,
  ): void {
    const id = this.#newId();
    const writer = this.#writer.start("request", method, id);
    write(writer);
    this.#sign(writer);
    const bytes = writer.finish().slice();
    const again = this.#options.stream ? Infinity : now + RTO_MS;
    this.#transactions.set(id.toHex(), {
      method,
      write,
      bytes,
      succeeded,
      sent: 1,
      again,
      challenged,
    });
    this.#output.push(bytes);
  }

  get #usesSha256(): boolean {
    return this.#options.sha256 === true && this.#challenge?.algorithms !== undefined;
  }

  get #key(): Uint8Array {
    const { username, password } = this.#options;
    const algorithm = this.#usesSha256 ? "sha256" : "md5";
    return longTermKey(algorithm, username, this.#challenge?.realm ?? "", password);
  }

  #sign(writer: MessageWriter): void {
    if (!this.#challenge) return;
    const { realm, nonce, algorithms } = this.#challenge;
    writer.text(Attribute.USERNAME, this.#options.username)
      .text(Attribute.REALM, realm).text(Attribute.NONCE, nonce);
    if (this.#usesSha256 && algorithms) {
      writer.bytes(Attribute.PASSWORD_ALGORITHMS, algorithms)
        .uint32(Attribute.PASSWORD_ALGORITHM, PasswordAlgorithm.SHA256 * 0x1_0000);
    }
    writer.integrity(this.#usesSha256 ? "sha256" : "sha1", this.#key);
  }

  #response(message: StunMessage, now: number): void {
    const id = message.transactionId.toHex();
    const transaction = this.#transactions.get(id);
    if (!transaction || transaction.method !== message.method) return;
    this.#transactions.delete(id);
    const { errorCode, realm, nonce, passwordAlgorithms } = message.attributes;
    if (message.class === "success") {
      if (!verifyMac(message, this.#usesSha256 ? "sha256" : "sha1", this.#key)) {
        throw new Error("A success response is not signed as it must be");
      }
      this.#events.push(transaction.succeeded(message, now));
      return;
    }
    const code = errorCode?.code ?? 0;
    const isChallenge = code === 438 || (code === 401 && transaction.challenged === 0);
    if (isChallenge && realm !== undefined && nonce !== undefined && transaction.challenged < 3) {
      // The value is lent with the message, and the challenge outlives it.
      const algorithms = passwordAlgorithms?.slice();
      this.#challenge = { realm, nonce, ...(algorithms && { algorithms }) };
      const { method, write, succeeded, challenged } = transaction;
      this.#request(method, now, write, succeeded, challenged + 1);
      return;
    }
    this.#events.push({ kind: "failed", method: message.method, code });
  }

  #dataIndication({ method, attributes }: StunMessage): void {
    const [from] = attributes.peerAddresses;
    if (method !== Method.DATA || !from || !attributes.data) throw new Error("No Data indication");
    this.#events.push({ kind: "data", from: formatAddress(from), data: attributes.data.slice() });
  }

  #channelData(bytes: Uint8Array): void {
    const data = dataOf(bytes);
    if (!data) throw new Error("The server sent ChannelData that is cut short");
    const from = this.#channels.get(channelNumberOf(bytes));
    // It may come before the answer that says the channel is bound.
    if (from !== undefined) this.#events.push({ kind: "data", from, data: data.slice() });
  }

  #newId(): Uint8Array {
    return Uint8Array.from({ length: 12 }, () => Math.floor(this.#options.random() * 256));
  }
}

/** A username and password as the shared secret makes them (draft-uberti-behave-turn-rest-00). */
export function timeLimitedCredential(secret: string, user: string, expiry: number) {
  const username = `${expiry}:${user}`;
  const password = createHmac("sha1", secret).update(username).digest("base64");
  return { username, password };
}
