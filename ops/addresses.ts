import { BlockList, isIP, isIPv6 } from "node:net";

/** Ranges that lead nowhere on the Internet (RFC 6890), with carriers' shared one (RFC 6598). */
const PRIVATE = ranges(
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["::1", 128],
  ["fc00::", 7],
  ["fe80::", 10],
);

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

export function isPrivate(ip: string): boolean {
  return PRIVATE.check(ip, familyOf(ip));
}

export interface MachineAddresses {
  /** Every address of this machine. */
  readonly own: readonly string[];
  /** Those that other machines may know it by, the likeliest first. */
  readonly lan: readonly string[];
}

/** Sorts out what `Deno.networkInterfaces()` says. */
export function addressesOf(
  interfaces: readonly { readonly name: string; readonly address: string }[],
): MachineAddresses {
  const reachable = interfaces.filter(({ address }) =>
    isIP(address) && !OWN_ONLY.check(address, familyOf(address))
  );
  const [virtual, real] = [true, false].map((wanted) =>
    reachable.filter(({ name }) => VIRTUAL.test(name) === wanted).map(({ address }) => address)
  );
  return {
    own: Array.from(new Set(interfaces.map(({ address }) => address))),
    lan: Array.from(new Set([...real ?? [], ...virtual ?? []])),
  };
}

/**
 * The addresses to advertise relayed addresses with, as far as this machine can tell alone: for each
 * family that `hosts` listens on, the address listened on, or else a public one, or else the likeliest.
 * A router's address cannot be seen from inside.
 */
export function externalIpsOf(hosts: readonly string[], lan: readonly string[]): string[] {
  return (["ipv4", "ipv6"] as const).flatMap((family) => {
    const listened = hosts.filter((host) => familyOf(host) === family);
    if (listened.length === 0) return [];
    const candidates = listened.some((host) => host === "0.0.0.0" || host === "::")
      ? lan.filter((ip) => familyOf(ip) === family)
      : listened;
    const best = candidates.find((ip) => !isPrivate(ip)) ?? candidates[0];
    return best === undefined ? [] : [best];
  });
}
