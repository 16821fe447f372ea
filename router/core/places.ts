/** Where a router may be: the runtime tells no default gateway (Deno 2.9.6 keeps /proc shut). */
import { isOwnOnly, isPrivate, parseIpv4, showIpv4 } from "./ipv4.ts";

export interface Interface {
  readonly name: string;
  readonly address: string;
  readonly netmask: string;
}

/** One network of this machine. */
export interface Place {
  /** This machine's address there. */
  readonly local: string;
  /** Addresses that routers have, the likeliest first. */
  readonly routers: readonly string[];
}

/** Networks of containers, virtual machines and tunnels: no home router is there. */
const VIRTUAL =
  /^(docker|br-|veth|virbr|vmnet|vboxnet|vEthernet|tun|tap|utun|wg|tailscale|zt|cni|flannel|cali|kube|podman|lxc|lxd|ifb|dummy)/i;

/** A machine with several is no home's; more would only make more noise. */
const MAX_PLACES = 4;

/**
 * `setting` is `auto`, or the router's address. By itself, a machine that has a public address asks
 * nobody: it needs no router, and its operator did not ask for packets in the provider's network.
 */
export function placesToAsk(setting: string, interfaces: readonly Interface[]): Place[] {
  const named = setting === "auto" ? undefined : parseIpv4(setting);
  const networks = interfaces.flatMap(({ name, address, netmask }) => {
    const [ip, mask] = [parseIpv4(address), parseIpv4(netmask)];
    if (ip === undefined || mask === undefined || isOwnOnly(ip)) return [];
    return [{ ip, mask, isVirtual: VIRTUAL.test(name) }];
  });
  if (named !== undefined) {
    return networks.filter(({ ip, mask }) => (ip & mask) === (named & mask)).slice(0, 1)
      .map(({ ip }) => ({ local: showIpv4(ip), routers: [setting] }));
  }
  if (networks.some(({ ip }) => !isPrivate(ip))) return [];
  return networks.filter(({ isVirtual }) => !isVirtual).slice(0, MAX_PLACES)
    .map(({ ip, mask }) => ({ local: showIpv4(ip), routers: usualRouters(ip, mask) }));
}

/** By convention a router has the first address of its network, or the last. */
function usualRouters(ip: number, mask: number): string[] {
  const network = (ip & mask) >>> 0;
  const broadcast = (network | ~mask) >>> 0;
  return [network + 1, broadcast - 1]
    .filter((router, index, all) => all.indexOf(router) === index)
    .filter((router) => router !== ip && router > network && router < broadcast)
    .map(showIpv4);
}
