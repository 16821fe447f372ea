/** Datagrams from very many sources that do not exist: nothing of them may stay. */
import { address, type ClientAddress, type Ip } from "../../turn/address.ts";
import { createTurnCore } from "../../turn/core/mod.ts";
import { Attribute, MessageWriter, Method } from "../../turn/stun/mod.ts";
import { writeChannelData } from "../support/channel_data.ts";
import { configOf, flow, UNIX_START } from "./cast.ts";
import { Chance } from "./chance.ts";

export interface Spoofed {
  readonly datagrams: number;
  readonly bytesIn: number;
  readonly answers: number;
  readonly bytesOut: number;
  /** Entries of all the core's maps and sets, before and after. */
  readonly entriesBefore: number;
  readonly entriesAfter: number;
  /** Bytes, as `heap` measured them. */
  readonly heapGrowth: number;
  /** When the core wants to be woken; Infinity where nothing waits for anything. */
  readonly deadline: number;
}

/** What somebody unknown may send: each source sends one of each. */
function strangersDatagrams(): readonly Uint8Array[] {
  const writer = new MessageWriter(new Uint8Array(256));
  const id = new Uint8Array(12).fill(7);
  const start = (messageClass: "request" | "indication", method: number) =>
    writer.start(messageClass, method, id);
  const done = () => writer.finish().slice();
  const channelData = new Uint8Array(16);
  writeChannelData(channelData, 0x4000, new Uint8Array(12), false);
  start("request", Method.BINDING);
  const binding = done();
  start("request", Method.ALLOCATE).byte(Attribute.REQUESTED_TRANSPORT, 17);
  const allocate = done();
  start("request", Method.ALLOCATE).byte(Attribute.REQUESTED_TRANSPORT, 17)
    .text(Attribute.USERNAME, "alice").text(Attribute.REALM, "game")
    .text(Attribute.NONCE, "obMatJos2AAAB" + "A".repeat(20))
    .integrity("sha1", new Uint8Array(16));
  const badNonce = done();
  start("indication", Method.SEND)
    .xorAddress(Attribute.XOR_PEER_ADDRESS, address(0xc000_0201 as Ip, 9))
    .bytes(Attribute.DATA, new Uint8Array(8));
  const send = done();
  start("indication", Method.BINDING);
  return [binding, allocate, badNonce, send, done(), channelData, Uint8Array.of(22, 3, 1, 0, 0)];
}

/** `heap` gives the bytes in use, after a collection if it can; `onSource` is told of each one. */
export function spoof(
  sources: number,
  seed: number,
  heap: () => number,
  onSource: (source: number) => void = () => {},
): Spoofed {
  const chance = new Chance(seed);
  const datagrams = strangersDatagrams();
  let [answers, bytesIn, bytesOut] = [0, 0, 0];
  const ignore = () => {};
  return countTables((entries) => {
    const core = createTurnCore(configOf(chance), {
      toClient: (_flow, bytes) => {
        answers++;
        bytesOut += bytes.length;
      },
      toPeer: () => {
        throw new Error("Something went to a peer");
      },
      openRelay: () => {
        throw new Error("A relay was opened");
      },
      closeRelay: ignore,
      closeClient: ignore,
      note: ignore,
    }, {
      random: (bytes) => void chance.fill(bytes),
      nonceKey: chance.fill(new Uint8Array(32)),
      unixSeconds: (now) => UNIX_START + now / 1_000,
    });
    const play = (source: number) => {
      const from = flow(source % 8 === 0 ? "tcp" : "udp", addressOf(source));
      for (const bytes of datagrams) {
        bytesIn += bytes.length;
        core.fromClient(from, bytes, source);
      }
      core.wake(source);
    };
    // The first one fills what is filled once: a counter for each reason, and compiled code.
    for (let source = 0; source < 64; source++) play(source);
    const [entriesBefore, heapBefore] = [entries(), heap()];
    for (let source = 64; source < sources; source++) {
      play(source);
      onSource(source);
    }
    return {
      datagrams: Math.max(sources, 64) * datagrams.length,
      bytesIn,
      answers,
      bytesOut,
      entriesBefore,
      entriesAfter: entries(),
      heapGrowth: heap() - heapBefore,
      deadline: core.deadline(),
    };
  });
}

/** Each fourth of IPv6, in a network of its own. */
function addressOf(source: number): ClientAddress {
  if (source % 4 !== 0) return address((0x0b00_0000 + source) as Ip, 1_024 + source % 60_000);
  const bytes = [0x20, 1, 0x0d, 0xb8, source >>> 24, source >>> 16, source >>> 8, source];
  const ip = String.fromCharCode(...bytes.map((byte) => byte & 0xff), ...new Uint8Array(8));
  return address(ip as Ip, 1_024 + source % 60_000);
}

/**
 * Runs `body` with every `Map` and `Set` that is made meanwhile on a list, and lends it a count of
 * their entries: so a table that somebody adds to the core later is counted too.
 */
function countTables<T>(body: (entries: () => number) => T): T {
  const tables: { readonly size: number }[] = [];
  const { Map: PlainMap, Set: PlainSet } = globalThis;
  globalThis.Map = class<K, V> extends PlainMap<K, V> {
    constructor(entries?: Iterable<readonly [K, V]> | null) {
      super(entries);
      tables.push(this);
    }
  } as MapConstructor;
  globalThis.Set = class<T> extends PlainSet<T> {
    constructor(values?: Iterable<T> | null) {
      super(values);
      tables.push(this);
    }
  } as SetConstructor;
  try {
    return body(() => tables.reduce((sum, { size }) => sum + size, 0));
  } finally {
    globalThis.Map = PlainMap;
    globalThis.Set = PlainSet;
  }
}
