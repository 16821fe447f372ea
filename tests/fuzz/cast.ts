/** Who takes part: clients, users and peers, with what the model has to know of each. */
import {
  address,
  type ClientAddress,
  type Ip,
  parseIp,
  type ServerAddress,
  type TransportAddress,
} from "../../turn/address.ts";
import type { TurnConfig, TurnLimits } from "../../turn/config.ts";
import { type FiveTuple, flowKey, type Transport } from "../../turn/core/mod.ts";
import type { Chance } from "./chance.ts";

export const REALM = "game";
export const SECRETS = ["first secret", "second secret"] as const;
export const STATIC_USERS = [
  { name: "alice", password: "secret" },
  { name: "bob", password: "hunter2" },
] as const;
/** Users of time-limited credentials. */
export const PLAYERS = ["carol", "dave", "erin"] as const;
/** 2027-01-15T08:00:00Z: the wall clock when the core's is 0. */
export const UNIX_START = 1_800_000_000;
export const CREDENTIAL_SECONDS = 3_600;

const EXTERNAL_4 = "203.0.113.1";
const EXTERNAL_6 = "2001:db8:ffff::1";

/** How an address is to be reached: `nowhere` may be permitted, and yet nothing goes there. */
export type Reach = "direct" | "own" | "nowhere" | "denied";

/** Written down by hand, so that the gate is not asked what it itself decides. */
const REACHES: Readonly<Record<Reach, readonly string[]>> = {
  direct: [
    "192.0.2.1",
    "192.0.2.2",
    "192.0.2.3",
    "8.8.8.8",
    "10.9.0.1", // opened by `peerAllow`
    "2001:db8:5::1",
    "2001:db8:5::2",
    "2606:4700::1111",
    "::ffff:192.0.2.9",
  ],
  own: [EXTERNAL_4, "192.168.1.5", EXTERNAL_6, "fd00::5"],
  nowhere: [`::ffff:${EXTERNAL_4}`, "64:ff9b::192.168.1.5"],
  denied: [
    "0.0.0.0",
    "10.0.0.1",
    "127.0.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.2.66", // closed by `peerDeny`
    "192.168.1.6",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "2002:7f00:1::1",
    "64:ff9b::10.0.0.1",
    "fd00::6",
    "fe80::1",
    "ff02::1",
  ],
};

export const PEER_IPS: readonly Ip[] = Object.values(REACHES).flat().map(ip);
export const REACH: ReadonlyMap<Ip, Reach> = new Map(
  Object.entries(REACHES).flatMap(([reach, list]) =>
    list.map((text) => [ip(text), reach as Reach] as const)
  ),
);
/** Those that data may come from and go to: what is mostly asked for. */
export const OPEN_IPS: readonly Ip[] = [...REACHES.direct, ...REACHES.own].map(ip);
export const PEER_PORTS: readonly number[] = [9, 4_000, 65_535, 0];

/** Two of one address, two of one IPv6 network: they share what is counted by source. */
export const FLOWS: readonly FiveTuple[] = ([
  ["udp", "198.51.100.10", 5_000],
  ["udp", "198.51.100.10", 5_001],
  ["udp", "198.51.100.11", 5_000],
  ["udp", "198.51.100.12", 1],
  ["udp", "2001:db8:1::10", 5_000],
  ["udp", "2001:db8:1::11", 5_000],
  ["tcp", "198.51.100.11", 5_000],
  ["tcp", "198.51.100.13", 65_535],
  ["tcp", "2001:db8:2::10", 5_000],
] as const).map(([transport, text, port]) => flow(transport, address(ip(text), port)));

export function flow(transport: Transport, client: ClientAddress): FiveTuple {
  const server = address<ServerAddress>(ip(EXTERNAL_4), 3_478);
  return { transport, client, server, key: flowKey(0, transport, client) };
}

/** Limits so low that they are met all the time. */
function limitsOf(chance: Chance): TurnLimits {
  return {
    allocations: chance.pick([3, 9]),
    // No name here has a room.
    allocationsPerRoom: 1,
    allocationsPerUser: chance.pick([2, 4]),
    allocationsPerAddress: chance.pick([1, 2, 4]),
    permissionsPerAllocation: 5,
    channelsPerAllocation: 4,
    maxLifetimeSeconds: chance.pick([600, 3_600]),
    tcpConnections: 100,
    tcpConnectionsPerAddress: 10,
    tcpIdleSeconds: 30,
    tcpBufferBytes: 100_000,
    unauthenticatedPerSecond: 20,
    bindingsPerSecond: 20,
    bytesPerSecond: chance.pick([1_000, 20_000]),
    packetsPerSecond: 100,
    newPeersPerSecond: 8,
  };
}

/** A server as it might be configured; `chance` decides what of it is there. */
export function configOf(chance: Chance): TurnConfig {
  const families = chance.pick(["both", "both", "both", "IPv4", "IPv6"]);
  const first = chance.pick([50_000, 50_001]);
  return {
    engine: "native",
    io: "plain",
    hosts: ["0.0.0.0", "::"],
    port: 3_478,
    realm: REALM,
    externalIps: [
      ...(families === "IPv6" ? [] : [EXTERNAL_4]),
      ...(families === "IPv4" ? [] : [EXTERNAL_6]),
    ],
    relayPorts: { first, last: first + chance.pick([1, 5, 8, 40]) },
    users: STATIC_USERS,
    secrets: chance.once(8) ? [] : SECRETS,
    credentialSeconds: CREDENTIAL_SECONDS,
    peerAllow: ["10.9.0.0/16"],
    peerDeny: ["192.0.2.66"],
    // Whichever families are relayed, both are this machine's.
    ownIps: ["192.168.1.5", "fd00::5", EXTERNAL_4, EXTERNAL_6],
    broadcastIps: [],
    limits: limitsOf(chance),
    oldChannels: chance.once(2),
    ...(chance.once(4) && { software: "Hearth" }),
  };
}

export function sameAddress(one: TransportAddress, other: TransportAddress): boolean {
  return one.key === other.key;
}

function ip(text: string): Ip {
  const parsed = parseIp(text);
  if (parsed === undefined) throw new Error(`Cannot read the address "${text}"`);
  return parsed;
}
