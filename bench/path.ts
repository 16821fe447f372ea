/**
 * What the relay's core takes for one packet, without sockets: processor time, and the memory that
 * it leaves to the collector.
 *
 *     deno task bench:path [--rounds N]
 */
import { cpuUsage } from "node:process";
import { parseArgs } from "node:util";
import {
  address,
  type ClientAddress,
  type Ip,
  parseIp,
  type PeerAddress,
  type ServerAddress,
  type TransportAddress,
} from "../turn/address.ts";
import type { TurnConfig } from "../turn/config.ts";
import {
  createTurnCore,
  type Effects,
  type FiveTuple,
  flowKey,
  type Relay,
  type TurnCore,
} from "../turn/core/mod.ts";
import { summarize, withSpread } from "./stats.ts";
import { table } from "./table.ts";
import {
  type Address,
  addressOf,
  ALLOCATE,
  Attribute,
  type Attributes,
  attributesOf,
  CHANNEL_BIND,
  errorCode,
  longTermKey,
  number32,
  request,
  xorAddress,
} from "./load/stun.ts";

/** Of V8, where its flag asks for it. */
declare const gc: () => void;

const CLIENTS = 50;
const [USERNAME, PASSWORD, REALM] = ["bench", "bench-password", "game"];
const HERE = "203.0.113.1";
const PAYLOAD = 160;
const [TO_PEER, TO_PARTNER] = [0x4000, 0x4001];
/** Of one round: fewer than would fill the space for new objects, so nothing is collected in it. */
const PACKETS = 50_000;
const MS_BETWEEN = 0.001;

interface Client {
  readonly flow: FiveTuple;
  readonly credentials: Attributes;
  readonly relay: Relay;
  readonly relayed: Address;
  readonly peer: PeerAddress;
}

/** A core with clients that have a channel to a peer of their own, and one to their neighbour. */
class Scene {
  readonly core: TurnCore;
  readonly clients: Client[] = [];
  now = 0;
  sent = 0;
  #answer: Uint8Array = new Uint8Array();
  #opened: Relay | undefined;

  constructor() {
    const effects: Effects = {
      toClient: (_, bytes) => {
        this.sent++;
        this.#answer = bytes;
      },
      toPeer: () => this.sent++,
      openRelay: (relay) => {
        this.#opened = relay;
        return true;
      },
      closeRelay() {},
      closeClient() {},
      note() {},
    };
    const config: TurnConfig = {
      engine: "native",
      io: "plain",
      hosts: ["0.0.0.0"],
      port: 3478,
      realm: REALM,
      externalIps: [HERE],
      relayPorts: { first: 49_152, last: 65_535 },
      users: [{ name: USERNAME, password: PASSWORD }],
      secrets: [],
      credentialSeconds: 3_600,
      peerAllow: [],
      peerDeny: [],
      ownIps: [],
      broadcastIps: [],
      limits: "off",
    };
    this.core = createTurnCore(config, effects, {
      random: (bytes) => void crypto.getRandomValues(bytes as Uint8Array<ArrayBuffer>),
      nonceKey: new Uint8Array(32),
      unixSeconds: (now) => now / 1_000,
    });
    for (let index = 0; index < CLIENTS; index++) this.clients.push(this.#allocate(index));
    for (const [index, client] of this.clients.entries()) {
      const neighbour = this.clients[index ^ 1] as Client;
      this.#bind(client, TO_PEER, peerAt(index));
      this.#bind(client, TO_PARTNER, neighbour.relayed);
    }
  }

  #allocate(index: number): Client {
    const client = at<ClientAddress>({ hostname: "192.0.2.1", port: 10_000 + index });
    const server = at<ServerAddress>({ hostname: HERE, port: 3_478 });
    const flow: FiveTuple = { transport: "udp", client, server, key: flowKey(0, "udp", client) };
    const udp: Attributes = new Map([[Attribute.REQUESTED_TRANSPORT, number32(17 << 24)]]);
    const challenge = attributesOf(this.#ask(flow, request(ALLOCATE, udp)));
    const credentials: Attributes = new Map([
      [Attribute.USERNAME, new TextEncoder().encode(USERNAME)],
      [Attribute.REALM, new TextEncoder().encode(REALM)],
      [Attribute.NONCE, challenge.get(Attribute.NONCE) ?? new Uint8Array()],
    ]);
    const answer = this.#askSigned(flow, ALLOCATE, new Map([...udp, ...credentials]));
    const peer = at<PeerAddress>(peerAt(index));
    const relayed = addressOf(answer.get(Attribute.XOR_RELAYED_ADDRESS));
    return { flow, credentials, relay: this.#opened as Relay, relayed, peer };
  }

  #bind({ flow, credentials }: Client, channel: number, to: Address): void {
    const attributes: Attributes = new Map([
      [Attribute.CHANNEL_NUMBER, number32(channel << 16)],
      [Attribute.XOR_PEER_ADDRESS, xorAddress(to)],
      ...credentials,
    ]);
    this.#askSigned(flow, CHANNEL_BIND, attributes);
  }

  #askSigned(flow: FiveTuple, method: number, attributes: Attributes): Attributes {
    const key = longTermKey(USERNAME, REALM, PASSWORD);
    const answer = attributesOf(this.#ask(flow, request(method, attributes, key)));
    const code = errorCode(answer);
    if (code !== undefined) throw new Error(`The core answered method ${method} with ${code}`);
    return answer;
  }

  #ask(flow: FiveTuple, message: Uint8Array): Uint8Array {
    this.core.fromClient(flow, message, this.now);
    return this.#answer.slice();
  }
}

function at<Role extends TransportAddress>({ hostname, port }: Address): Role {
  return address<Role>(parseIp(hostname) as Ip, port);
}

function peerAt(index: number): Address {
  return { hostname: "198.51.100.1", port: 20_000 + index };
}

function frameOn(channel: number): Uint8Array {
  const frame = new Uint8Array(4 + PAYLOAD);
  const view = new DataView(frame.buffer);
  view.setUint16(0, channel);
  view.setUint16(2, PAYLOAD);
  return frame;
}

const scene = new Scene();
const data = new Uint8Array(PAYLOAD);
const [toPeer, toPartner] = [frameOn(TO_PEER), frameOn(TO_PARTNER)];
const ways: readonly (readonly [string, (client: Client) => void])[] = [
  ["client → peer", ({ flow }) => scene.core.fromClient(flow, toPeer, scene.now)],
  ["peer → client", ({ relay, peer }) => scene.core.fromPeer(relay, peer, data, scene.now)],
  ["client → client", ({ flow }) => scene.core.fromClient(flow, toPartner, scene.now)],
];

/** What one packet takes, over a round: nanoseconds of processor time, and bytes. */
function round(once: (client: Client) => void): { readonly ns: number; readonly bytes: number } {
  gc();
  const { sent } = scene;
  const before = Deno.memoryUsage().heapUsed;
  const begin = cpuUsage();
  for (let i = 0; i < PACKETS; i++) {
    once(scene.clients[i % CLIENTS] as Client);
    scene.now += MS_BETWEEN;
  }
  const { user, system } = cpuUsage(begin);
  const bytes = (Deno.memoryUsage().heapUsed - before) / PACKETS;
  if (scene.sent - sent !== PACKETS) throw new Error(`Only ${scene.sent - sent} came through`);
  return { ns: (user + system) * 1_000 / PACKETS, bytes };
}

const { values } = parseArgs({ options: { rounds: { type: "string", default: "10" } } });
const rounds = Number(values.rounds);
console.log(
  `A packet of ${PAYLOAD} bytes in the relay's core: ${rounds} rounds of ${PACKETS}, after as ` +
    `many thrown away (Deno ${Deno.version.deno}); medians, with the quartiles in brackets.\n`,
);
console.log(table(["way", "CPU ns", "bytes of garbage"], [
  ...ways.map(([name, once]) => {
    for (let i = 0; i < rounds; i++) round(once);
    const measured = Array.from({ length: rounds }, () => round(once));
    return [
      name,
      withSpread(summarize(measured.map(({ ns }) => ns)), 0),
      withSpread(summarize(measured.map(({ bytes }) => bytes)), 0),
    ];
  }),
]));
