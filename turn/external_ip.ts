/** Which addresses relayed addresses are advertised with: the server cannot see its own router. */
import { type Family, familyOf, type Ip, parseIp } from "./address.ts";

export interface ExternalIpQuestion {
  /** As configured. */
  readonly externalIps: "auto" | readonly string[];
  /** The addresses that are listened on, and their port. */
  readonly hosts: readonly string[];
  readonly port: number;
  /** What `Deno.networkInterfaces()` says. */
  readonly interfaces: readonly Pick<Deno.NetworkInterfaceInfo, "name" | "address">[];
  /** The address of the router that forwards our ports, where one does. */
  readonly routerIp?: string | undefined;
  /** What was chosen last: it stays as long as nothing is better, since a change costs players. */
  readonly last?: readonly string[];
}

export interface ExternalIps {
  /** At most one for each family that is listened on. */
  readonly ips: readonly string[];
  readonly warnings: readonly ExternalWarning[];
}

export type ExternalWarning = {
  readonly kind:
    | "this-machine-only"
    | "home-only"
    | "carrier-grade-nat"
    | "several-networks"
    | "ipv6-only";
  readonly ip: string;
  /** For people: what will not work, and what to do. */
  readonly message: string;
};

/** Who can reach an address, the most first. */
const REACHES = ["internet", "home", "carrier", "machine"] as const;
type Reach = typeof REACHES[number];

interface Candidate {
  readonly text: string;
  readonly family: Family;
  readonly reach: Reach;
  readonly isVirtual: boolean;
}

/** Interfaces of containers, virtual machines and tunnels: no player is behind them, as a rule. */
const VIRTUAL =
  /^(docker|br-|veth|virbr|vmnet|vboxnet|vEthernet|tun|tap|utun|wg|tailscale|zt|cni|flannel|cali|kube|podman|lxc|lxd|ifb|dummy)/i;

export function chooseExternalIps(question: ExternalIpQuestion): ExternalIps {
  const { externalIps: setting, port } = question;
  const given = setting === "auto" ? undefined : setting.map((text) => candidate(text, ""));
  const chosen = given?.filter((one) => one !== undefined) ?? choose(question);
  return {
    ips: chosen.map(({ text }) => text),
    warnings: [
      ...chosen.flatMap((one) => warn(one, port)),
      ...setting === "auto" ? warnSeveral(chosen, question) : warnIpv6Only(chosen),
    ],
  };
}

function choose(question: ExternalIpQuestion): Candidate[] {
  const best = ([4, 6] as const).map((family) => ranked(family, question)[0]);
  const chosen = best.filter((one) => one !== undefined);
  // An address of this machine alone says nothing beside one that others can reach.
  const reachable = chosen.filter(({ reach }) => reach !== "machine");
  return reachable.length > 0 ? reachable : chosen.slice(0, 1);
}

/** What this machine could advertise for a family, the best first. */
function ranked(family: Family, question: ExternalIpQuestion): Candidate[] {
  const { hosts, interfaces, routerIp, last = [] } = question;
  const isNew = ({ text }: Candidate) => Number(!last.includes(text));
  const own = hosts.filter((host) => host.includes(":") === (family === 6));
  const isAny = hosts.includes("::") || own.includes("0.0.0.0");
  // Listening on one address means relaying from it.
  const all = isAny
    ? interfaces.map(({ name, address }) => candidate(address, name))
    : own.map((host) => candidate(host, ""));
  // One that is private itself is of no use to anybody: our own is nearer to whom it would serve.
  const router = routerIp === undefined ? undefined : candidate(routerIp, "");
  return [...all, ...router?.reach === "internet" ? [router] : []]
    .filter((one) => one !== undefined)
    .filter((one) => one.family === family)
    .sort((a, b) => rank(a) - rank(b) || isNew(a) - isNew(b));
}

function rank({ reach, isVirtual }: Candidate): number {
  const virtual = isVirtual && reach !== "internet" ? REACHES.indexOf("carrier") : 0;
  return Math.max(REACHES.indexOf(reach), virtual);
}

function candidate(text: string, interfaceName: string): Candidate | undefined {
  const ip = parseIp(text);
  const reach = ip === undefined ? undefined : reachOf(ip);
  if (ip === undefined || reach === undefined) return undefined;
  return { text, family: familyOf(ip), reach, isVirtual: VIRTUAL.test(interfaceName) };
}

/** Undefined for what is no address of one machine, or of one link only. */
function reachOf(ip: Ip): Reach | undefined {
  if (typeof ip === "string") {
    const first = ip.charCodeAt(0);
    if (ip === parseIp("::1")) return "machine";
    if (first >= 0x20 && first <= 0x3f) return "internet";
    return first === 0xfc || first === 0xfd ? "home" : undefined;
  }
  const [a, b] = [ip >>> 24, (ip >>> 16) & 255];
  if (a === 0 || a >= 224 || (a === 169 && b === 254)) return undefined;
  if (a === 127) return "machine";
  if (a === 100 && b >= 64 && b < 128) return "carrier";
  const isPrivate = a === 10 || (a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168);
  return isPrivate ? "home" : "internet";
}

function warn({ text, reach, family }: Candidate, port: number): ExternalWarning[] {
  switch (reach) {
    case "internet":
      return [];
    case "machine":
      return [{
        kind: "this-machine-only",
        ip: text,
        message: `Only this machine can reach ${text}: connect it to a network, or set ` +
          "HEARTH_EXTERNAL_IP.",
      }];
    case "carrier":
      return [{
        kind: "carrier-grade-nat",
        ip: text,
        message: `${text} is your provider's, shared with other customers, and players outside ` +
          "cannot reach it: ask the provider for a public address, or use IPv6.",
      }];
    case "home":
      return [{
        kind: "home-only",
        ip: text,
        message: `Players outside your home cannot reach ${text}: ` +
          (family === 4
            ? "set HEARTH_EXTERNAL_IP to your router's public address, and forward port " +
              `${port} (UDP and TCP) to this machine.`
            : "set HEARTH_EXTERNAL_IP to a public IPv6 address of this machine."),
      }];
  }
}

function warnIpv6Only(chosen: readonly Candidate[]): ExternalWarning[] {
  const [first] = chosen;
  if (first === undefined || chosen.some(({ family }) => family === 4)) return [];
  return [{
    kind: "ipv6-only",
    ip: first.text,
    message: "HEARTH_EXTERNAL_IP has no IPv4 address: Chromium asks for IPv4 relays alone, and " +
      `gets none. Add one, such as HEARTH_EXTERNAL_IP=203.0.113.7,${first.text}.`,
  }];
}

/** A choice between equals is a guess, and is said to be one. */
function warnSeveral(
  chosen: readonly Candidate[],
  question: ExternalIpQuestion,
): ExternalWarning[] {
  return chosen.filter(({ family, reach }) => family === 4 && reach === "home").flatMap((one) => {
    const others = ranked(4, question)
      .filter((other) => other.text !== one.text && rank(other) === rank(one))
      .map(({ text }) => text);
    return others.length === 0 ? [] : [{
      kind: "several-networks" as const,
      ip: one.text,
      message: `This machine is in several networks, and ${one.text} was taken: where players ` +
        `use another (${others.join(", ")}), set HEARTH_EXTERNAL_IP to it.`,
    }];
  });
}
