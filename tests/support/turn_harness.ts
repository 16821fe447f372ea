import {
  address,
  type ClientAddress,
  formatAddress,
  parseIp,
  type PeerAddress,
  type RelayedAddress,
  type ServerAddress,
  type TransportAddress,
} from "../../turn/address.ts";
import type { TurnConfig, TurnLimits } from "../../turn/config.ts";
import {
  createTurnCore,
  type Effects,
  type FiveTuple,
  flowKey,
  type Relay,
  type Transport,
  type TurnCore,
  type TurnEvent,
} from "../../turn/core/mod.ts";
import { chance } from "./chance.ts";

export { chance as seeded };

export const EXTERNAL_4 = "203.0.113.1";
export const EXTERNAL_6 = "2001:db8:ffff::1";
/** 2027-01-15T08:00:00Z: the wall clock when the core's is 0. */
export const UNIX_START = 1_800_000_000;

export const LIMITS: TurnLimits = {
  allocations: 100,
  allocationsPerUser: 50,
  allocationsPerRoom: 50,
  allocationsPerAddress: 50,
  permissionsPerAllocation: 10,
  channelsPerAllocation: 10,
  maxLifetimeSeconds: 3_600,
  tcpConnections: 100,
  tcpConnectionsPerAddress: 10,
  tcpIdleSeconds: 30,
  tcpBufferBytes: 100_000,
  unauthenticatedPerSecond: 100,
  bindingsPerSecond: 100,
  bytesPerSecond: 10_000_000,
  packetsPerSecond: 10_000,
  newPeersPerSecond: 100,
};

export const CONFIG: TurnConfig = {
  engine: "native",
  io: "plain",
  hosts: ["0.0.0.0", "::"],
  port: 3478,
  realm: "game",
  externalIps: [EXTERNAL_4, EXTERNAL_6],
  relayPorts: { first: 50_000, last: 50_999 },
  users: [{ name: "alice", password: "secret" }, { name: "bob", password: "hunter2" }],
  secrets: ["first secret", "second secret"],
  credentialSeconds: 3_600,
  peerAllow: [],
  peerDeny: [],
  ownIps: ["192.168.1.5", "fd00::5"],
  broadcastIps: ["192.168.1.0", "192.168.1.255"],
  limits: LIMITS,
};

/** Reads `192.0.2.1:99` or `[2001:db8::1]:99`. */
export function at<Role extends TransportAddress = TransportAddress>(text: string): Role {
  const cut = text.lastIndexOf(":");
  const ip = parseIp(text.slice(0, cut).replace(/^\[|\]$/g, ""));
  if (ip === undefined) throw new Error(`Cannot read the address ${text}`);
  return address<Role>(ip, Number(text.slice(cut + 1)));
}

export function flowFrom(client: string, transport: Transport = "udp"): FiveTuple {
  const from = at<ClientAddress>(client);
  const server = at<ServerAddress>(`${EXTERNAL_4}:3478`);
  return { transport, client: from, server, key: flowKey(0, transport, from) };
}

/** A core whose effects are kept for the test to look at. */
export class Harness {
  readonly core: TurnCore;
  now = 0;
  readonly toClient: { readonly flow: FiveTuple; readonly bytes: Uint8Array }[] = [];
  /** Told of each frame to a client, also of those that are taken from `toClient`. */
  onToClient: (bytes: Uint8Array) => void = () => {};
  readonly toPeer: {
    readonly relay: Relay;
    readonly peer: PeerAddress;
    readonly bytes: Uint8Array;
  }[] = [];
  readonly events: TurnEvent[] = [];
  readonly closed: FiveTuple[] = [];
  /** What the driver has open, by relayed address. */
  readonly open = new Map<string, Relay>();
  /** Ports that something else on the machine has. */
  readonly taken = new Set<number>();
  openCalls = 0;

  constructor(config: Partial<TurnConfig> = {}, seed = 1) {
    const random = chance(seed);
    const effects: Effects = {
      toClient: (flow, bytes) => {
        this.onToClient(bytes);
        this.toClient.push({ flow, bytes: bytes.slice() });
      },
      toPeer: (relay, peer, bytes) => void this.toPeer.push({ relay, peer, bytes: bytes.slice() }),
      openRelay: (relay) => {
        this.openCalls++;
        if (this.taken.has(relay.address.port)) return false;
        const name = formatAddress(relay.address);
        if (this.open.has(name)) throw new Error(`${name} was opened twice`);
        this.open.set(name, relay);
        return true;
      },
      closeRelay: (relay) => {
        const name = formatAddress(relay.address);
        if (!this.open.delete(name)) throw new Error(`${name} was closed and not open`);
      },
      closeClient: (flow) => void this.closed.push(flow),
      note: (event) => void this.events.push(event),
    };
    this.core = createTurnCore({ ...CONFIG, ...config }, effects, {
      random: (bytes) => {
        for (let i = 0; i < bytes.length; i++) bytes[i] = Math.floor(random() * 256);
      },
      nonceKey: new Uint8Array(32).fill(9),
      unixSeconds: (now) => UNIX_START + now / 1_000,
    });
  }

  /** Hands the core a message; returns what it sent to that client at once. */
  ask(flow: FiveTuple, bytes: Uint8Array): Uint8Array[] {
    this.core.fromClient(flow, bytes, this.now);
    return this.take(flow);
  }

  /** Takes what was sent to the client since. */
  take(flow: FiveTuple): Uint8Array[] {
    const theirs = this.toClient.filter((sent) => sent.flow.key === flow.key);
    const others = this.toClient.filter((sent) => sent.flow.key !== flow.key);
    this.toClient.splice(0, Infinity, ...others);
    return theirs.map(({ bytes }) => bytes);
  }

  fromPeer(relayed: string, peer: string, bytes: Uint8Array): void {
    const relay = this.open.get(relayed);
    if (!relay) throw new Error(`${relayed} is not open`);
    this.core.fromPeer(relay, at<PeerAddress>(peer), bytes, this.now);
  }

  /** Moves the clock as a driver does: waking the core at each deadline on the way. */
  advance(ms: number): void {
    const end = this.now + ms;
    while (this.core.deadline() <= end) {
      this.now = Math.max(this.now, this.core.deadline());
      this.core.wake(this.now);
    }
    this.now = end;
  }

  dropped(why: string): number {
    return this.core.stats().droppedByReason[why as "malformed"] ?? 0;
  }
}

export function relayedAddress(text: string): RelayedAddress {
  return at<RelayedAddress>(text);
}
