import type { PeerAddress } from "../address.ts";
import {
  Attribute,
  CHANNEL_HEADER_LENGTH,
  channelNumberOf,
  dataLengthOf,
  MessageWriter,
  Method,
  paddedLength,
  type StunMessage,
  writeChannelHeader,
} from "../stun/mod.ts";
import type { Allocation, Route } from "./allocation.ts";
import type { Allocations } from "./allocations.ts";
import type { Effects, FiveTuple, Relay } from "./api.ts";
import type { Counters } from "./counters.ts";
import type { PeerGate } from "./peer_gate.ts";
import { asPeer } from "./peer_checks.ts";
import type { Relays } from "./relays.ts";
import type { Engine } from "./request.ts";

/** The most bytes that a UDP datagram over IPv4 carries: 65,535 less both headers. */
const MAX_DATAGRAM = 65_507;
/** STUN header, XOR-PEER-ADDRESS and the header of DATA: what a Data indication adds at most. */
const INDICATION_OVERHEAD = 20 + 24 + 4;

/** Whatever a driver hands over fits: the longest frame on a stream, padded (RFC 8656 §12.5). */
const MAX_FRAME = paddedLength(0xffff);
/** Longer than any packet of a WebRTC peer. */
const USUAL_LENGTH = 2_048;

/** The way of the data, in both directions: RFC 8656 §11 and §12. Every packet comes through here. */
export class Relaying {
  readonly #allocations: Allocations;
  readonly #relays: Relays;
  readonly #gate: PeerGate;
  readonly #effects: Effects;
  readonly #counters: Counters;
  /** The packet under way: its data, with room before it for the header of ChannelData. */
  readonly #packet = new Uint8Array(MAX_FRAME);
  readonly #frames = new Views(this.#packet, 0);
  readonly #data = new Views(this.#packet, CHANNEL_HEADER_LENGTH);
  readonly #writer = new MessageWriter(new Uint8Array(MAX_DATAGRAM + INDICATION_OVERHEAD + 4));
  /** Data indications are never answered, so the number of each says no more than that. */
  readonly #transactionId = new Uint8Array(12);
  #indications = 0;

  constructor(engine: Engine, effects: Effects, counters: Counters) {
    this.#allocations = engine.allocations;
    this.#relays = engine.relays;
    this.#gate = engine.gate;
    this.#effects = effects;
    this.#counters = counters;
    engine.random(this.#transactionId);
  }

  /** ChannelData from a client: RFC 8656 §12.6. Refreshes nothing. */
  channelData(flow: FiveTuple, bytes: Uint8Array, now: number): void {
    const allocation = this.#allocations.find(flow, now);
    if (!allocation) return this.#counters.drop("no-allocation");
    const length = dataLengthOf(bytes);
    if (length === undefined) return this.#counters.drop("malformed");
    const channel = allocation.channelNumbered(channelNumberOf(bytes), now);
    if (!channel) return this.#counters.drop("unbound-channel");
    // The frame as it is: a view of its data alone would be one more thing for each packet.
    this.#packet.set(bytes);
    this.#toPeer(allocation, channel, channel.peer, length, now);
  }

  /** A Send indication: RFC 8656 §11.2. Refreshes nothing; whatever is wrong, there is no answer. */
  send(flow: FiveTuple, message: StunMessage, now: number): void {
    const { peerAddresses, data, dontFragment } = message.attributes;
    const allocation = this.#allocations.find(flow, now);
    if (!allocation) return this.#counters.drop("no-allocation");
    const [peer] = peerAddresses;
    // DONT-FRAGMENT cannot be honoured, and so counts as an attribute that is not understood.
    const isUnknown = message.unknown.length > 0 || dontFragment;
    if (!peer || !data || isUnknown || message.unreadable.length > 0) {
      return this.#counters.drop("malformed");
    }
    const permission = allocation.permissionFor(peer.ip, now);
    if (!permission) return this.#counters.drop("no-permission");
    if (peer.port === 0) return this.#counters.drop("peer-denied");
    this.#packet.set(data, CHANNEL_HEADER_LENGTH);
    this.#toPeer(allocation, permission, asPeer(peer), data.length, now);
  }

  /** A datagram from a peer: RFC 8656 §11.3 and §12.7. */
  fromPeer(relay: Relay, peer: PeerAddress, data: Uint8Array, now: number): void {
    const allocation = this.#relays.ownerOf(relay);
    if (!allocation || allocation.expiresAt <= now) return this.#counters.drop("no-allocation");
    const permission = allocation.permissionFor(peer.ip, now);
    if (!permission) {
      // The gate tells an operator what was refused for good from what nobody asked for yet.
      const isDenied = this.#gate.judgeAddress(peer) === "denied";
      return this.#counters.drop(isDenied ? "peer-denied" : "no-permission");
    }
    if (!permission.direct || peer.port === 0) return this.#counters.drop("peer-denied");
    this.#packet.set(data, CHANNEL_HEADER_LENGTH);
    this.#toClient(allocation, peer, data.length, now);
  }

  /** Sends the packet under way on, with that many bytes of data. */
  #toPeer(
    allocation: Allocation,
    route: Route,
    peer: PeerAddress,
    length: number,
    now: number,
  ): void {
    if (length > MAX_DATAGRAM) return this.#counters.drop("too-large");
    const relay = allocation.relayFor(peer.ip);
    if (!relay) return this.#counters.drop("no-permission");
    const exceeded = allocation.fromClient.exceeded(length, now);
    if (exceeded) return this.#counters.dropBeyond(exceeded);
    this.#counters.clientPackets++;
    this.#counters.clientBytes += length;
    if (route.own) {
      const other = this.#relays.ownerAt(relay.family, peer.port);
      if (other && other.expiresAt > now) return this.#inProcess(relay, other, length, now);
    }
    if (route.direct) this.#effects.toPeer(relay, peer, this.#data.of(length));
    else this.#counters.drop("peer-denied");
  }

  /** Between two allocations of this server: as if the datagram had gone by both sockets. */
  #inProcess(from: Relay, to: Allocation, length: number, now: number): void {
    const sender = asPeer(from.address);
    if (!to.permissionFor(sender.ip, now)) return this.#counters.drop("no-permission");
    this.#counters.inProcessPackets++;
    this.#toClient(to, sender, length, now);
  }

  /** The sender has a permission. A bound channel must be used: RFC 8656 §12.7. */
  #toClient(allocation: Allocation, sender: PeerAddress, length: number, now: number): void {
    const { flow } = allocation;
    const channel = allocation.channelTo(sender, now);
    const overhead = channel ? CHANNEL_HEADER_LENGTH : INDICATION_OVERHEAD;
    if (length + overhead > MAX_DATAGRAM) return this.#counters.drop("too-large");
    const exceeded = allocation.fromPeers.exceeded(length, now);
    if (exceeded) return this.#counters.dropBeyond(exceeded);
    this.#counters.peerPackets++;
    this.#counters.peerBytes += length;
    if (channel) {
      const padded = flow.transport === "tcp";
      const size = writeChannelHeader(this.#packet, channel.number, length, padded);
      this.#effects.toClient(flow, this.#frames.of(size));
    } else {
      this.#effects.toClient(flow, this.#dataIndication(sender, this.#data.of(length)));
    }
  }

  #dataIndication(sender: PeerAddress, data: Uint8Array): Uint8Array {
    new DataView(this.#transactionId.buffer).setUint32(8, this.#indications++ >>> 0);
    return this.#writer.start("indication", Method.DATA, this.#transactionId)
      .xorAddress(Attribute.XOR_PEER_ADDRESS, sender)
      .bytes(Attribute.DATA, data)
      .finish();
  }
}

/** Views of a buffer from one place on: one for each usual length, made once and not for each packet. */
class Views {
  readonly #whole: Uint8Array;
  readonly #usual = new Array<Uint8Array | undefined>(USUAL_LENGTH + 1).fill(undefined);

  constructor(buffer: Uint8Array, start: number) {
    this.#whole = buffer.subarray(start);
  }

  of(length: number): Uint8Array {
    if (length > USUAL_LENGTH) return this.#whole.subarray(0, length);
    return this.#usual[length] ??= this.#whole.subarray(0, length);
  }
}
