import { BlockList, isIP, isIPv4, isIPv6 } from "node:net";
import { networkOf as homeOf } from "../ip/mod.ts";

/** Reaches no other machine without an interface's name, or none at all. */
const OWN_ONLY = ranges(["127.0.0.0", 8], ["169.254.0.0", 16], ["::1", 128], ["fe80::", 10]);

/** Bridges of containers and virtual machines: real, but never how a player comes in. */
const VIRTUAL = /^(docker|br-|veth|virbr|vmnet|vboxnet|cni|podman|lxc)/;

function ranges(...list: readonly (readonly [address: string, prefix: number])[]): BlockList {
  const block = new BlockList();
  for (const [address, prefix] of list) block.addSubnet(address, prefix, familyOf(address));
  return block;
}

function familyOf(ip: string): "ipv4" | "ipv6" {
  return isIPv6(ip) ? "ipv6" : "ipv4";
}

export interface MachineAddresses {
  /** Every address of this machine. */
  readonly own: readonly string[];
  /** Those that other machines may know it by, the likeliest first. */
  readonly lan: readonly string[];
  /** Where each IPv4 network of it is addressed as a whole. */
  readonly broadcast: readonly string[];
  /** The networks that `lan` is in, as CIDRs. */
  readonly networks: readonly string[];
}

type Interface = Pick<Deno.NetworkInterfaceInfo, "name" | "address" | "netmask">;

/** Sorts out what `Deno.networkInterfaces()` says. */
export function addressesOf(interfaces: readonly Interface[]): MachineAddresses {
  const reachable = interfaces.filter(({ address }) =>
    isIP(address) && !OWN_ONLY.check(address, familyOf(address))
  );
  const [virtual, real] = [true, false].map((wanted) =>
    reachable.filter(({ name }) => VIRTUAL.test(name) === wanted).map(({ address }) => address)
  );
  return {
    own: Array.from(new Set(interfaces.map(({ address }) => address))),
    lan: Array.from(new Set([...real ?? [], ...virtual ?? []])),
    broadcast: Array.from(new Set(interfaces.flatMap(broadcastOf))),
    networks: Array.from(new Set(reachable.map(networkOf))),
  };
}

/** All ones (RFC 919 §7), and all zeros, as it once was and some still take it (RFC 1122 §3.3.6). */
function broadcastOf({ address, netmask }: Interface): string[] {
  if (!isIPv4(address)) return [];
  const [ip, mask] = [bitsOf(address), bitsOf(netmask)];
  const hosts = ~mask >>> 0;
  // A network of one or two addresses has none (RFC 3021).
  return hosts < 2 ? [] : [dotted(ip & mask), dotted(ip | hosts)];
}

/** A network at home with IPv6 is a /64 (RFC 4291 §2.5.4). */
function networkOf({ address, netmask }: Interface): string {
  if (!isIPv4(address)) return homeOf(address);
  const mask = bitsOf(netmask);
  return `${dotted(bitsOf(address) & mask)}/${Math.clz32(~mask)}`;
}

function bitsOf(ip: string): number {
  return ip.split(".").reduce((bits, byte) => bits << 8 | Number(byte), 0);
}

function dotted(bits: number): string {
  return [24, 16, 8, 0].map((shift) => bits >>> shift & 0xff).join(".");
}
