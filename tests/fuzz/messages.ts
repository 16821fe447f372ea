/** Makes what clients send: by the grammar mostly, and against it often enough. */
import { address, type Ip, type TransportAddress } from "../../turn/address.ts";
import type { FiveTuple } from "../../turn/core/mod.ts";
import {
  Attribute,
  type MacAlgorithm,
  MessageWriter,
  Method,
  userhash,
} from "../../turn/stun/mod.ts";
import { writeChannelData } from "../support/channel_data.ts";
import { FLOWS, OPEN_IPS, PEER_IPS, PEER_PORTS, PLAYERS, REALM, UNIX_START } from "./cast.ts";
import type { Chance } from "./chance.ts";
import { byUsername, type Credential } from "./credentials.ts";
import { OFFERED } from "./identify.ts";
import { keyOf } from "./keys.ts";
import type { ModelAllocation } from "./holdings.ts";
import type { Model } from "./model.ts";

export interface Made {
  readonly flow: FiveTuple;
  readonly bytes: Uint8Array;
  /** Whether its integrity code is right; undefined where only a look at it can tell. */
  readonly authentic: boolean | undefined;
}

const NOBODY: Credential = {
  user: "mallory",
  username: "mallory",
  password: "guessed",
  expiresAt: Infinity,
};
/** What belongs to another protocol, or to nobody. */
const FOREIGN_TYPES = [0x0000, 0x0003, 0x0024, 0x002a, 0x7fff, 0x8003, 0x8023, 0xffff];
const KNOWN_TYPES = Object.values(Attribute).filter((type) =>
  type !== Attribute.FINGERPRINT && type !== Attribute.MESSAGE_INTEGRITY &&
  type !== Attribute.MESSAGE_INTEGRITY_SHA256
);
const METHODS = [Method.ALLOCATE, Method.REFRESH, Method.CREATE_PERMISSION, Method.CHANNEL_BIND];
/** Messages that are kept to be sent again, by others, or changed. */
const REMEMBERED = 256;
const LONGEST = 1_600;

export class Messages {
  readonly #model: Model;
  readonly #writer = new MessageWriter(new Uint8Array(2 * LONGEST));
  readonly #id = new Uint8Array(12);
  readonly #remembered: Made[] = [];

  constructor(model: Model) {
    this.#model = model;
  }

  /** A valid request most of the time, from a flow in a state that it may suit. */
  signed(chance: Chance, now: number): Made {
    const flow = chance.pick(FLOWS);
    const allocation = this.#model.held.allocations.get(flow.key);
    const method = chance.once(6)
      ? chance.pick(METHODS)
      : allocation
      ? chance.pick([Method.CREATE_PERMISSION, Method.CHANNEL_BIND, Method.REFRESH])
      : Method.ALLOCATE;
    const writer = this.#start(chance, "request", method);
    this.#ask(chance, method, allocation);
    const isDisturbed = chance.once(16);
    if (isDisturbed) this.#disturb(chance);
    const signed = this.#sign(chance, flow, now);
    const authentic = isDisturbed ? undefined : signed;
    if (chance.once(16)) this.#disturb(chance);
    if (chance.once(4)) writer.fingerprint();
    return this.#made(flow, authentic, chance);
  }

  /** Without an integrity code, which is how every client begins. */
  unsigned(chance: Chance): Made {
    const flow = chance.pick(FLOWS);
    const method = chance.pick(METHODS);
    const writer = this.#start(chance, "request", method);
    if (chance.once(2)) this.#ask(chance, method, undefined);
    if (chance.once(4)) this.#disturb(chance);
    if (chance.once(4)) writer.fingerprint();
    return this.#made(flow, false, chance);
  }

  binding(chance: Chance): Made {
    const messageClass = chance.once(4) ? "indication" : "request";
    const writer = this.#start(chance, messageClass, Method.BINDING);
    if (chance.once(4)) this.#disturb(chance);
    if (chance.once(4)) writer.fingerprint();
    return this.#made(chance.pick(FLOWS), false, chance);
  }

  /** A class or a method that no server is asked for. */
  odd(chance: Chance): Made {
    const messageClass = chance.pick(["request", "indication", "success", "error"] as const);
    const method = chance.once(2) ? chance.pick(Object.values(Method)) : chance.below(0x1000);
    this.#start(chance, messageClass, method);
    while (!chance.once(3)) this.#disturb(chance);
    return this.#made(chance.pick(FLOWS), false, chance);
  }

  send(chance: Chance): Made {
    const flow = this.#sender(chance);
    const writer = this.#start(chance, "indication", Method.SEND);
    const allocation = this.#model.held.allocations.get(flow.key);
    const permitted = allocation && [...allocation.permissions.keys()];
    if (permitted && permitted.length > 0 && !chance.once(6)) {
      const peer = this.#peerAt(chance, chance.pick(permitted));
      writer.xorAddress(Attribute.XOR_PEER_ADDRESS, peer);
    } else if (!chance.once(8)) {
      writer.xorAddress(Attribute.XOR_PEER_ADDRESS, this.#peer(chance, undefined));
    }
    if (!chance.once(12)) writer.bytes(Attribute.DATA, data(chance));
    if (chance.once(24)) this.#disturb(chance);
    return this.#made(flow, false, chance);
  }

  channelData(chance: Chance): Made {
    const flow = this.#sender(chance);
    const allocation = this.#model.held.allocations.get(flow.key);
    const bound = allocation && [...allocation.channels.keys()];
    const number = bound && bound.length > 0 && !chance.once(8)
      ? chance.pick(bound)
      : 0x4000 + chance.below(chance.pick([6, 0x1000, 0x4000]));
    const frame = new Uint8Array(64);
    const isPadded = flow.transport === "tcp" || chance.once(2);
    const length = writeChannelData(frame, number, data(chance), isPadded);
    if (flow.transport === "udp" && chance.once(16)) frame[3] = chance.next();
    return { flow, bytes: frame.subarray(0, length), authentic: false };
  }

  /** Neither STUN nor ChannelData, or hardly. */
  junk(chance: Chance): Made {
    const bytes = chance.fill(new Uint8Array(chance.below(48)));
    if (bytes.length > 0 && chance.once(2)) bytes[0] = chance.below(4);
    if (bytes.length >= 8 && chance.once(2)) bytes.set([0x21, 0x12, 0xa4, 0x42], 4);
    if (bytes.length >= 20 && chance.once(2)) bytes.set([0, bytes.length - 20], 2);
    return { flow: chance.pick(FLOWS), bytes, authentic: undefined };
  }

  /** What was sent before: the same again, from elsewhere, or with bytes changed, cut off or added. */
  again(chance: Chance): Made {
    if (this.#remembered.length === 0) return this.junk(chance);
    const earlier = chance.pick(this.#remembered);
    const how = chance.below(8);
    if (how < 2) return earlier;
    if (how === 2) return { ...earlier, flow: chance.pick(FLOWS) };
    let bytes = earlier.bytes.slice();
    if (how === 3) bytes = bytes.subarray(0, chance.below(bytes.length + 1));
    else if (how === 4) {
      const longer = new Uint8Array(bytes.length + 4 * (1 + chance.below(3)));
      longer.set(bytes);
      if (chance.once(2)) longer.set([0, longer.length - 20], 2);
      bytes = longer;
    } else {
      for (let edits = 1 + chance.below(3); edits > 0; edits--) {
        const at = chance.below(bytes.length);
        bytes[at] = chance.once(2) ? (bytes[at] ?? 0) ^ (1 << chance.below(8)) : chance.next();
      }
    }
    return { flow: earlier.flow, bytes, authentic: undefined };
  }

  /** Mostly one that has an allocation. */
  #sender(chance: Chance): FiveTuple {
    const { allocations } = this.#model.held;
    return allocations.size === 0 || chance.once(10)
      ? chance.pick(FLOWS)
      : chance.pick([...allocations.values()]).flow;
  }

  /** An address that a peer may have, whether it may be reached or not. */
  #peer(chance: Chance, allocation: ModelAllocation | undefined): TransportAddress {
    const ip = chance.pick(chance.once(5) ? PEER_IPS : OPEN_IPS);
    const isOfFamily = allocation?.relays.some(({ family }) =>
      family === (typeof ip === "number" ? 4 : 6)
    );
    // Mostly of a family that it has.
    if (allocation && !isOfFamily && !chance.once(6)) return this.#peer(chance, allocation);
    return this.#peerAt(chance, ip);
  }

  /** At that address, a port: of one of the server's relays, so that some data meets one. */
  #peerAt(chance: Chance, ip: Ip): TransportAddress {
    const { allocations } = this.#model.held;
    if (allocations.size > 0 && chance.once(2)) {
      const [relay] = chance.pick([...allocations.values()]).relays;
      if (relay) return address(ip, relay.port);
    }
    return address(ip, chance.pick(PEER_PORTS));
  }

  #start(
    chance: Chance,
    messageClass: "request" | "indication" | "success" | "error",
    method: number,
  ): MessageWriter {
    return this.#writer.start(messageClass, method, chance.fill(this.#id));
  }

  /** What a request of this method says. */
  #ask(chance: Chance, method: number, allocation: ModelAllocation | undefined): void {
    const writer = this.#writer;
    switch (method) {
      case Method.ALLOCATE: {
        if (!chance.once(16)) {
          writer.byte(Attribute.REQUESTED_TRANSPORT, chance.once(16) ? chance.below(256) : 17);
        }
        if (chance.once(32)) writer.bytes(Attribute.DONT_FRAGMENT, new Uint8Array(0));
        this.#lifetime(chance, [1, 600, 3_600, 100_000]);
        const tokens = [...this.#model.held.reservations.keys()];
        if (tokens.length > 0 ? chance.once(3) : chance.once(40)) {
          const token = tokens.length > 0 && !chance.once(6)
            ? Uint8Array.fromHex(chance.pick(tokens))
            : chance.fill(new Uint8Array(8));
          writer.bytes(Attribute.RESERVATION_TOKEN, token);
          if (!chance.once(8)) return;
        }
        if (chance.once(2)) {
          writer.bytes(Attribute.EVEN_PORT, Uint8Array.of(chance.pick([0, 0x80, 0x80, 0x7f])));
        }
        if (chance.once(3)) {
          writer.byte(Attribute.REQUESTED_ADDRESS_FAMILY, chance.pick([1, 2, 2, 3]));
        }
        if (chance.once(4)) {
          writer.byte(Attribute.ADDITIONAL_ADDRESS_FAMILY, chance.pick([1, 2, 2, 2, 0]));
        }
        return;
      }
      case Method.REFRESH:
        this.#lifetime(chance, [0, 0, 0, 1, 600, 100_000]);
        if (chance.once(4)) {
          writer.byte(Attribute.REQUESTED_ADDRESS_FAMILY, chance.pick([1, 2, 3]));
        }
        return;
      case Method.CREATE_PERMISSION:
        for (let count = chance.pick([0, 1, 1, 1, 2, 3, 7]); count > 0; count--) {
          writer.xorAddress(Attribute.XOR_PEER_ADDRESS, this.#peer(chance, allocation));
        }
        return;
      case Method.CHANNEL_BIND:
        if (!chance.once(16)) {
          const number = chance.once(6) ? chance.below(0x1_0000) : 0x4000 + chance.below(6);
          writer.uint32(Attribute.CHANNEL_NUMBER, number * 0x1_0000);
        }
        if (!chance.once(16)) {
          const bound = allocation ? [...allocation.channels.values()] : [];
          const peer = bound.length > 0 && chance.once(3)
            ? chance.pick(bound).peer
            : this.#peer(chance, allocation);
          writer.xorAddress(Attribute.XOR_PEER_ADDRESS, peer);
        }
    }
  }

  #lifetime(chance: Chance, seconds: readonly number[]): void {
    if (chance.once(2)) this.#writer.uint32(Attribute.LIFETIME, chance.pick(seconds));
  }

  /** An attribute that is foreign, a second one, or of a wrong size. */
  #disturb(chance: Chance): void {
    const type = chance.pick(chance.once(2) ? FOREIGN_TYPES : KNOWN_TYPES);
    const size = chance.once(60) ? 500 + chance.below(400) : chance.pick([0, 1, 4, 8, 20, 32, 7]);
    const value = new Uint8Array(size);
    if (chance.once(2)) value.fill(0x41);
    this.#writer.bytes(type, value);
  }

  /** Returns whether the code is right, where that is plain. */
  #sign(chance: Chance, flow: FiveTuple, now: number): boolean | undefined {
    const writer = this.#writer;
    const credential = this.#credential(chance, flow, now);
    const defect = chance.once(16) ? chance.below(9) : -1;
    const variant = chance.below(16);
    const choosesSha256 = variant < 3;
    const chooses = variant < 4 || defect === 0;
    const macs: readonly MacAlgorithm[] = variant < 2 || variant === 5
      ? ["sha256"]
      : variant === 6
      ? ["sha1", "sha256"]
      : ["sha1"];
    if (defect !== 1) {
      const { username } = credential;
      if (variant === 7) writer.bytes(Attribute.USERHASH, userhash(username, REALM));
      else writer.text(Attribute.USERNAME, username);
    }
    if (defect !== 2) writer.text(Attribute.REALM, defect === 3 ? "gane" : REALM);
    if (defect !== 4) writer.text(Attribute.NONCE, this.#nonce(chance, flow));
    if (chooses) {
      if (defect !== 5) {
        const list = defect === 6 ? "00010000" : OFFERED;
        writer.bytes(Attribute.PASSWORD_ALGORITHMS, Uint8Array.fromHex(list));
      }
      const number = defect === 0 ? chance.below(0x1_0000) : choosesSha256 ? 2 : 1;
      writer.uint32(Attribute.PASSWORD_ALGORITHM, number * 0x1_0000);
    }
    const key = keyOf({ ...credential, hash: choosesSha256 ? "sha256" : "md5" });
    if (defect === 7) {
      writer.bytes(Attribute.MESSAGE_INTEGRITY_SHA256, new Uint8Array(16));
      return false;
    }
    for (const mac of macs) writer.integrity(mac, defect === 8 ? new Uint8Array(16) : key);
    if (defect === 0) return undefined;
    return defect !== 8 && credential !== NOBODY;
  }

  #credential(chance: Chance, flow: FiveTuple, now: number): Credential {
    const usual = FLOWS.indexOf(flow) % 5;
    const who = chance.once(8) ? chance.below(6) : usual;
    if (who < 2) return byUsername(who === 0 ? "alice" : "bob") ?? NOBODY;
    const player = PLAYERS[who - 2];
    if (player === undefined) return NOBODY;
    // Few different ones, so that a name is used again.
    const seconds = chance.pick([-64, 64, 640, 3_600, 3_700, 5_000, 5_000, 5_000]);
    const expiresAt = UNIX_START + Math.floor(now / 64_000) * 64 + seconds;
    return byUsername(`${expiresAt}:${player}`) ?? NOBODY;
  }

  /** The one that this flow was last told. */
  #nonce(chance: Chance, flow: FiveTuple): string {
    const told = this.#model.nonceOf.get(chance.once(40) ? chance.pick(FLOWS).key : flow.key);
    return told ?? "obMatJos2AAAB" + "A".repeat(20);
  }

  #made(flow: FiveTuple, authentic: boolean | undefined, chance: Chance): Made {
    const made = { flow, bytes: this.#writer.finish().slice(), authentic };
    if (this.#remembered.length < REMEMBERED) this.#remembered.push(made);
    else if (chance.once(2)) this.#remembered[chance.below(REMEMBERED)] = made;
    return made;
  }
}

export function data(chance: Chance): Uint8Array {
  const bytes = new Uint8Array(chance.below(chance.pick([4, 40, 40, 56])));
  // Telling one from another is all that the bytes are for.
  return bytes.fill(chance.next());
}
