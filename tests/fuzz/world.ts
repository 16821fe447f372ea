/** One server, its clients and its peers: the core and the model are told the same, step by step. */
import { address, type Family, type Ip, parseIp, type PeerAddress } from "../../turn/address.ts";
import {
  createTurnCore,
  type FiveTuple,
  type FlowKey,
  type Relay,
  type TurnCore,
} from "../../turn/core/mod.ts";
import { FrameReader } from "../../turn/stun/mod.ts";
import { configOf, FLOWS, OPEN_IPS, PEER_IPS, PEER_PORTS, PLAYERS, UNIX_START } from "./cast.ts";
import { Chance } from "./chance.ts";
import { compare, Mismatch, same, type SentToClient, type SentToPeer } from "./compare.ts";
import type { Expected } from "./expected.ts";
import { data, type Made, Messages } from "./messages.ts";
import { Model } from "./model.ts";
import { ModelStream } from "./stream.ts";

/** One step in so many sets the clock on far, so that something ends. */
const LONG_PAUSES = [1_000, 10_000, 29_999, 30_000, 40_000, 60_000, 299_999, 300_000];
/** And hardly ever so far that all does. */
const LONGEST_PAUSES = [600_000, 1_800_000, 3_600_000];
/** One integrity code of an answer in so many is looked at. */
const VERIFIED = 16;
/** Steps between two looks at everything that is held. */
const LOOK_EVERY = 64;

/** Bytes of a frame whose end does not come. */
const LONGEST_HALF = 1_000;

interface Stream {
  reader: FrameReader;
  model: ModelStream;
  /** What was not sent yet of the last frame. */
  rest: Uint8Array;
}

export class World {
  readonly #core: TurnCore;
  readonly #model: Model;
  readonly #messages: Messages;
  readonly #chance = new Chance(0);
  readonly #toClient: SentToClient[] = [];
  readonly #toPeer: SentToPeer[] = [];
  readonly #open = new Map<string, Relay>();
  /** Relays that were closed not long ago. */
  readonly #closed: Relay[] = [];
  readonly #closedClients = new Set<FlowKey>();
  readonly #streams = new Map<FlowKey, Stream>();
  #now = 0;
  #steps = 0;
  #unreleased = 0;
  /** What came of the datagrams so far, counted by the caller's table. */
  readonly #outcomes: Map<string, number>;
  datagrams = 0;

  /** `outcomes`: how often what came of a datagram; goes on from world to world. */
  constructor(seed: number, outcomes: Map<string, number> = new Map()) {
    this.#outcomes = outcomes;
    const chance = new Chance(seed);
    const config = configOf(chance);
    const { first, last } = config.relayPorts;
    const taken = new Set(chance.once(2) ? [first + chance.below(last - first + 1)] : []);
    const external = new Map<Family, Ip>();
    for (const text of config.externalIps) {
      const ip = parseIp(text);
      if (ip !== undefined) external.set(typeof ip === "number" ? 4 : 6, ip);
    }
    this.#model = new Model(config, external, taken);
    this.#messages = new Messages(this.#model);
    this.#core = createTurnCore(config, {
      toClient: (flow, bytes) => void this.#toClient.push({ flow, bytes: bytes.slice() }),
      toPeer: (relay, peer, bytes) => void this.#toPeer.push({ relay, peer, bytes: bytes.slice() }),
      openRelay: (relay) => {
        if (taken.has(relay.address.port)) return false;
        if (this.#open.has(nameOf(relay))) throw new Mismatch("A relay was opened twice");
        this.#open.set(nameOf(relay), relay);
        return true;
      },
      closeRelay: (relay) => {
        if (!this.#open.delete(nameOf(relay))) throw new Mismatch("A relay was closed twice");
        this.#closed[this.#steps % 16] = relay;
      },
      closeClient: ({ key }) => void this.#closedClients.add(key),
      note: ({ kind }) => {
        if (kind === "allocated") this.#unreleased++;
        else if (kind === "released") this.#unreleased--;
      },
    }, {
      // Relay ports and tokens. The first two say by what key sources fall into rate buckets: they
      // are the same in each world, and chosen so that the cast's sources fall into different ones.
      random: (bytes) => void (this.#steps === 0 ? bytes.fill(7) : chance.fill(bytes)),
      nonceKey: new Uint8Array(32).fill(9),
      unixSeconds: (now) => UNIX_START + now / 1_000,
    });
  }

  /** One event, wholly decided by the seed and by what came before. */
  step(seed: number): void {
    const chance = this.#chance;
    chance.restart(seed);
    this.#steps++;
    this.#advance(chance.below(8));
    const kind = chance.below(1_000);
    if (kind < 300) this.#fromClient(this.#messages.channelData(chance));
    else if (kind < 460) this.#fromClient(this.#messages.send(chance));
    else if (kind < 720) this.#fromPeer(chance);
    else if (kind < 760) this.#fromClient(this.#messages.binding(chance));
    else if (kind < 815) this.#fromClient(this.#messages.junk(chance));
    else if (kind < 835) this.#fromClient(this.#messages.odd(chance));
    else if (kind < 895) this.#fromClient(this.#messages.again(chance));
    else if (kind < 907) this.#fromClient(this.#messages.unsigned(chance));
    else if (kind < 980) this.#fromClient(this.#messages.signed(chance, this.#now));
    else if (kind < 991) this.#burst(chance);
    else if (kind < 997) this.#edge(chance);
    else if (kind < 998) this.#advance(chance.pick(LONG_PAUSES));
    else this.#rarely(chance);
    if (this.#steps % LOOK_EVERY === 0) this.#look();
  }

  /** Lets everything come to its end, and looks whether anything is left. */
  finish(): void {
    this.#advance(3_600_000 + 40_000);
    this.#look();
    if (this.#core.deadline() !== Infinity) throw new Mismatch("Something waits for ever");
    if (this.#core.stats().allocations > 0 || this.#open.size > 0) {
      throw new Mismatch("Something is left when all has ended");
    }
    if (this.#unreleased !== 0) throw new Mismatch("Allocations and releases are not as many");
  }

  get held(): string {
    const { allocations, permissions, channels } = this.#core.stats();
    return `${allocations} allocations, ${permissions} permissions, ${channels} channels, ` +
      `${this.#open.size} relays`;
  }

  #fromClient(made: Made): void {
    if (made.flow.transport === "udp") this.#frame(made.flow, made.bytes, made.authentic);
    else this.#chunk(made);
  }

  /** A piece of a TCP stream: the rest of the frame before, and this one or its beginning. */
  #chunk({ flow, bytes, authentic }: Made): void {
    const stream = this.#streamOf(flow);
    const all = new Uint8Array(stream.rest.length + bytes.length);
    all.set(stream.rest);
    all.set(bytes, stream.rest.length);
    const end = this.#chance.once(4) ? this.#chance.below(all.length + 1) : all.length;
    stream.rest = all.slice(end);
    const frames = stream.model.push(all.subarray(0, end));
    let index = 0;
    for (const frame of stream.reader.push(all.subarray(0, end))) {
      const expected = frames[index++];
      if (!expected || !same(frame, expected)) throw new Mismatch("Another frame was expected");
      this.#frame(flow, frame.slice(), same(frame, bytes) ? authentic : undefined);
      if (!this.#streams.has(flow.key)) return;
    }
    if (index !== frames.length) throw new Mismatch("More frames were expected");
    const isBroken = stream.reader.fault !== undefined;
    if (isBroken !== stream.model.isBroken) throw new Mismatch("Is the stream broken, or not?");
    // A driver ends what waits too long for the end of a frame.
    if (isBroken || stream.reader.held > LONGEST_HALF) this.#gone(flow);
  }

  #streamOf({ key }: FiveTuple): Stream {
    let stream = this.#streams.get(key);
    if (!stream) {
      stream = { reader: new FrameReader(), model: new ModelStream(), rest: new Uint8Array() };
      this.#streams.set(key, stream);
    }
    return stream;
  }

  #frame(flow: FiveTuple, bytes: Uint8Array, authentic: boolean | undefined): void {
    const expected = this.#model.fromClient(flow, bytes, authentic, this.#now);
    this.#core.fromClient(flow, bytes, this.#now);
    this.#check(expected);
  }

  #fromPeer(chance: Chance): void {
    const relays = [...this.#open.values()];
    const isStale = relays.length === 0 || chance.once(40);
    const relay = isStale ? this.#closed.find((it) => it) : chance.pick(relays);
    if (relay) this.#fromPeerTo(relay, this.#peerOf(relay, chance), chance);
  }

  /** An address that data for this relay may come from: mostly one that is permitted. */
  #peerOf(relay: Relay, chance: Chance): PeerAddress {
    const holder = [...this.#model.held.allocations.values()].find((it) =>
      it.relays.some(({ family, port }) => family === relay.family && port === relay.address.port)
    );
    const permitted = [...holder?.permissions.keys() ?? []];
    const ip = permitted.length > 0 && !chance.once(4)
      ? chance.pick(permitted)
      : chance.pick(chance.once(4) ? PEER_IPS : OPEN_IPS);
    const peers = [...holder?.channels.values() ?? []].map(({ peer }) => peer);
    return peers.length > 0 && chance.once(2)
      ? chance.pick(peers) as PeerAddress
      : address<PeerAddress>(ip, chance.pick(PEER_PORTS));
  }

  #fromPeerTo(relay: Relay, peer: PeerAddress, chance: Chance): void {
    const bytes = data(chance);
    const { family, address: { port } } = relay;
    const isOpen = this.#open.get(nameOf(relay)) === relay;
    const expected = isOpen
      ? this.#model.fromPeer(family, port, peer, bytes, this.#now)
      : undefined;
    this.#core.fromPeer(relay, peer, bytes, this.#now);
    this.#check(expected);
  }

  /** The same many times in no time: rates come to their limits. */
  #burst(chance: Chance): void {
    const made = chance.pick([
      () => this.#messages.binding(chance),
      () => this.#messages.unsigned(chance),
      () => this.#messages.channelData(chance),
      () => this.#messages.send(chance),
      () => this.#messages.again(chance),
    ])();
    for (let left = chance.below(60); left > 0; left--) this.#fromClient(made);
  }

  /** The last millisecond of whatever ends next, and the first without it: its timer may be late. */
  #edge(chance: Chance): void {
    const ends = [...this.#model.ends()].filter(({ until }) => until > this.#now);
    const [next] = ends.sort((one, other) => one.until - other.until);
    if (!next) return;
    const { flow, request, permitted } = next;
    const end = Math.ceil(next.until);
    this.#advance(end - 1 - this.#now);
    this.#probe(chance);
    if (chance.once(2)) {
      this.#now = end;
      this.#probe(chance);
      if (permitted !== undefined) {
        const from = address<PeerAddress>(permitted, 9);
        for (const relay of this.#open.values()) this.#fromPeerTo(relay, from, chance);
      }
      this.#advance(0);
    } else this.#advance(1);
    this.#look();
    if (flow && request) this.#fromClient({ flow, bytes: request, authentic: undefined });
    for (let left = chance.below(4); left > 0; left--) {
      this.#fromClient(this.#messages.signed(chance, this.#now));
    }
  }

  /** Data in every direction. */
  #probe(chance: Chance): void {
    for (let left = 4; left > 0; left--) {
      this.#fromPeer(chance);
      this.#fromClient(this.#messages.send(chance));
      this.#fromClient(this.#messages.channelData(chance));
    }
  }

  #rarely(chance: Chance): void {
    const what = chance.below(32);
    if (what === 0) this.#advance(chance.pick(LONGEST_PAUSES));
    else if (what < 7) {
      const user = chance.pick(["alice", "bob", ...PLAYERS]);
      const expected = this.#model.revoke(user, this.#now);
      const ended = this.#core.revoke(user, this.#now);
      if (ended !== expected) throw new Mismatch(`Revoked ${ended} allocations, not ${expected}`);
    } else if (what === 7 && this.#steps > 10_000) {
      this.#core.drain();
      this.#model.drain();
    } else this.#gone(chance.pick(FLOWS.filter(({ transport }) => transport === "tcp")));
    for (const key of this.#closedClients) this.#streams.delete(key);
    this.#closedClients.clear();
  }

  #gone(flow: FiveTuple): void {
    this.#streams.delete(flow.key);
    this.#model.gone(flow);
    this.#core.clientGone(flow, this.#now);
  }

  /** As a driver does: waking the core at each deadline on the way. */
  #advance(ms: number): void {
    const end = this.#now + ms;
    for (let due = this.#core.deadline(); due <= end; due = this.#core.deadline()) {
      this.#now = Math.max(this.#now, due);
      this.#core.wake(this.#now);
    }
    this.#now = end;
    this.#model.tick(end);
  }

  #check(expected: Expected | undefined): void {
    this.datagrams++;
    compare(expected, this.#toClient, this.#toPeer, this.#chance.once(VERIFIED));
    this.#toClient.length = 0;
    this.#toPeer.length = 0;
    const what = !expected
      ? "silence"
      : expected.kind !== "answer"
      ? expected.kind
      : expected.code === 0
      ? "success"
      : String(expected.code);
    this.#outcomes.set(what, (this.#outcomes.get(what) ?? 0) + 1);
  }

  /** Compares all that is held with what should be. */
  #look(): void {
    const { allocations, permissions, channels } = this.#core.stats();
    const model = [...this.#model.held.allocations.values()];
    const sum = (count: (it: typeof model[number]) => number) =>
      model.reduce((total, it) => total + count(it), 0);
    const should = [
      model.length,
      sum((it) => it.permissions.size),
      sum((it) => it.channels.size),
      sum((it) => it.relays.length) + this.#model.held.reservations.size,
    ];
    const is = [allocations, permissions, channels, this.#open.size];
    if (is.join() !== should.join()) {
      throw new Mismatch(
        `Allocations, permissions, channels and relays should be ${should}, and are ${is}`,
      );
    }
    for (const flow of FLOWS) {
      if (this.#core.hasAllocation(flow) !== this.#model.held.allocations.has(flow.key)) {
        throw new Mismatch("A flow holds an allocation, or it does not");
      }
    }
  }
}

function nameOf({ family, address }: Relay): string {
  return `${family} ${address.port}`;
}
