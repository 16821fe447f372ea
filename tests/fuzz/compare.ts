/** Whether what the core sent is what the model expected; throws `Mismatch` where it is not. */
import { formatAddress, type PeerAddress } from "../../turn/address.ts";
import type { FiveTuple, Relay } from "../../turn/core/mod.ts";
import { Attribute } from "../../turn/stun/mod.ts";
import type { Answer, Expected, ToClient, ToPeer } from "./expected.ts";
import { isSigned } from "./identify.ts";
import { addressIn, type Read, read, uint16, uint32, valueOf } from "./read.ts";

export interface SentToClient {
  readonly flow: FiveTuple;
  readonly bytes: Uint8Array;
}

export interface SentToPeer {
  readonly relay: Relay;
  readonly peer: PeerAddress;
  readonly bytes: Uint8Array;
}

/** The core and the model are of two minds: one of them has a bug. */
export class Mismatch extends Error {}

/**
 * The most bytes that somebody unknown is sent for one datagram: a 401 with everything, since a 420
 * to Binding names at most 16 types.
 */
const MOST_FOR_STRANGERS = 112;
const DATA_INDICATION = 0x0017;

/** `verifies`: whether to look at the integrity code, which costs more than all the rest. */
export function compare(
  expected: Expected | undefined,
  toClient: readonly SentToClient[],
  toPeer: readonly SentToPeer[],
  verifies: boolean,
): void {
  const wanted = expected ? 1 : 0;
  if (toClient.length + toPeer.length !== wanted) {
    throw new Mismatch(
      `${told(expected)} was expected; ${toClient.length} datagrams went to clients${
        toClient.map(({ bytes }) => ` (${bytes.toHex()})`).join()
      } and ${toPeer.length} to peers`,
    );
  }
  if (!expected) return;
  if (expected.kind === "to peer") return sameToPeer(expected, toPeer[0]);
  const [sent] = toClient;
  if (!sent) throw new Mismatch(`${told(expected)} was expected, and a peer got something`);
  must(sent.flow.key === expected.flow.key, "the client that is sent to");
  if (expected.kind === "to client") sameData(expected, sent.bytes);
  else if (expected.kind === "replay") must(same(sent.bytes, expected.bytes), "the answer again");
  else sameAnswer(expected, sent.bytes, verifies);
}

function sameToPeer(expected: ToPeer, sent: SentToPeer | undefined): void {
  if (!sent) throw new Mismatch("Data to a peer was expected, and a client got something");
  const { relay, peer, bytes } = sent;
  must(peer.key === expected.peer.key, `the peer, ${formatAddress(peer)}`);
  must(relay.family === expected.family, "the relay's family");
  must(relay.address.port === expected.port, "the relay's port");
  must(same(bytes, expected.data), "the data to the peer");
}

function sameData({ flow, channel, from, data }: ToClient, bytes: Uint8Array): void {
  if (channel !== undefined) {
    const length = uint16(bytes, 2);
    must(uint16(bytes, 0) === channel, "the channel's number");
    must(same(bytes.subarray(4, 4 + length), data), "the data on the channel");
    // RFC 8656 §12.5: padded on a stream; not needed otherwise.
    const padding = flow.transport === "tcp" ? -length & 3 : 0;
    must(bytes.length === 4 + length + padding, "the padding");
    return;
  }
  const message = read(bytes);
  must(message?.type === DATA_INDICATION, "a Data indication");
  const types = message?.attributes.map(([type]) => type).join();
  must(types === `${Attribute.XOR_PEER_ADDRESS},${Attribute.DATA}`, "what the indication has");
  for (const [type, value] of message?.attributes ?? []) {
    if (type === Attribute.DATA) must(same(value, data), "the data in the indication");
    else must(addressIn(value, bytes).key === from.key, "the peer in the indication");
  }
}

function sameAnswer(expected: Answer, bytes: Uint8Array, verifies: boolean): void {
  const { request, code, flow } = expected;
  const message = read(bytes);
  if (!message) throw new Mismatch(`The answer cannot be read: ${bytes.toHex()}`);
  const gotCode = codeOf(valueOf(message, Attribute.ERROR_CODE));
  must(gotCode === code, `${told(expected)}; it was ${gotCode}`);
  must(message.type === uint16(request, 0) + (code === 0 ? 0x0100 : 0x0110), "the type");
  must(same(bytes.subarray(4, 20), request.subarray(4, 20)), "the transaction id");
  const types = typesIn(bytes);
  must(
    types.join() === expected.attributes.join(),
    `the attributes of ${told(expected)}: ${types}`,
  );

  const { signature, unknown, lifetime, addressError } = expected;
  if (!signature) must(bytes.length <= MOST_FOR_STRANGERS, "the length of what a stranger is sent");
  else if (verifies) must(isSigned(message, signature), "the integrity code");
  if (unknown) {
    const named = valueOf(message, Attribute.UNKNOWN_ATTRIBUTES) ?? new Uint8Array();
    const list = unknown.map((type) => type.toString(16).padStart(4, "0")).join("");
    must(named.toHex() === list, "the unknown attributes");
  }
  if (lifetime !== undefined) {
    const told = uint32(valueOf(message, Attribute.LIFETIME) ?? new Uint8Array(), 0);
    must(told === lifetime, `the lifetime of ${lifetime}; it was ${told}`);
  }
  if (addressError) {
    const value = valueOf(message, Attribute.ADDRESS_ERROR_CODE);
    must(value?.[0] === (addressError.family === 4 ? 1 : 2), "the family that is missing");
    must(codeOf(value) === addressError.code, "why it is missing");
  }
  const mapped = valueOf(message, Attribute.XOR_MAPPED_ADDRESS);
  if (mapped) must(addressIn(mapped, bytes).key === flow.client.key, "the mapped address");
  learn(expected, message);
}

function learn({ relays = [], learn }: Answer, message: Read): void {
  const relayed = message.attributes
    .filter(([type]) => type === Attribute.XOR_RELAYED_ADDRESS)
    .map(([, value]) => addressIn(value, message.bytes));
  relays.forEach(({ family, even }, i) => {
    const got = relayed[i];
    must((typeof got?.ip === "number" ? 4 : 6) === family, "the relayed address's family");
    must(!even || (got?.port ?? 1) % 2 === 0, "an even port");
  });
  const nonce = valueOf(message, Attribute.NONCE);
  const token = valueOf(message, Attribute.RESERVATION_TOKEN);
  learn?.({
    answer: message.bytes,
    ports: relayed.map(({ port }) => port),
    ...(nonce && { nonce: new TextDecoder().decode(nonce) }),
    ...(token && { token: token.toHex() }),
  });
}

/** 0 where there is none. */
function codeOf(value: Uint8Array | undefined): number {
  return value ? (value[2] ?? 0) * 100 + (value[3] ?? 0) : 0;
}

function typesIn(bytes: Uint8Array): number[] {
  const types: number[] = [];
  for (let at = 20; at < bytes.length; at += 4 + Math.ceil(uint16(bytes, at + 2) / 4) * 4) {
    types.push(uint16(bytes, at));
  }
  return types;
}

function told(expected: Expected | undefined): string {
  if (!expected) return "Silence";
  if (expected.kind !== "answer") return `"${expected.kind}"`;
  return expected.code === 0 ? "A success" : `An error ${expected.code}`;
}

function must(holds: boolean, what: string): void {
  if (!holds) throw new Mismatch(`Not as expected: ${what}`);
}

export function same(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return false;
  return true;
}
