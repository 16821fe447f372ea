import { BlockList, isIP, isIPv6 } from "node:net";

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
