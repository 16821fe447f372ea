/** Which address players outside come to, and whether they get through to here. */
import type { AddressFact, Port } from "./facts.ts";
import type { Finding } from "./finding.ts";
import { namesOf } from "./port_names.ts";
import { reachOf } from "./reach.ts";

const about = "address" as const;
const OUTSIDE = "Players outside your home cannot reach this machine; players at home can.";

export function judgeAddresses(fact: AddressFact): Finding[] {
  const outside = seenOutside(fact);
  const carrier = judgeCarrier(fact, outside);
  return [
    ...judgeSilence(fact),
    ...carrier,
    ...judgeExternal(fact, outside, carrier.length > 0),
    ...judgeConfigured(fact, outside),
    ...judgeFamily(fact),
    // Where no port can be forwarded, whether one is does not matter.
    ...carrier.length > 0 ? [] : judgeForwards(fact),
  ];
}

interface Seen {
  readonly ip: string;
  readonly how: string;
}

/** The address that the internet sees, by the best witness. */
function seenOutside({ own, router, stun }: AddressFact): Seen | undefined {
  const mine = own.find((ip) => reachOf(ip) === "internet");
  if (mine !== undefined) return { ip: mine, how: "it is on a network interface of this machine" };
  for (const { server, ip } of stun) {
    if (ip !== undefined) return { ip, how: `the STUN server ${server} says so` };
  }
  if (router.kind !== "forwarded" || reachOf(router.externalIp) !== "internet") return undefined;
  return {
    ip: router.externalIp,
    how: `the router ${router.router} says so (${router.protocol})`,
  };
}

function judgeSilence({ stun }: AddressFact): Finding[] {
  return stun.filter(({ ip }) => ip === undefined).map(({ server }): Finding => ({
    level: "warning",
    about,
    what: `The STUN server ${server} does not answer.`,
    seen: "no answer came to three Binding requests",
    breaks: "Nothing for players; this check knows less.",
    todo: "Name another in HEARTH_CHECK_STUN, or look whether UDP gets out of your network.",
  }));
}

function judgeExternal(
  fact: AddressFact,
  outside: Seen | undefined,
  isExplained: boolean,
): Finding[] {
  if (outside === undefined) return isExplained ? [] : [unknownAddress(fact)];
  return [{
    level: "good",
    about,
    what: `Players outside see this network as ${outside.ip}.`,
    seen: outside.how,
  }];
}

function unknownAddress({ configured }: AddressFact): Finding {
  const seen =
    "this machine has no public address, and neither a router nor a STUN server told one";
  if (configured !== "auto") {
    return {
      level: "good",
      about,
      what: `Players are told ${configured.join(", ")}, as you set it.`,
      seen,
    };
  }
  return {
    level: "warning",
    about,
    what: "The address that players outside see is not known.",
    seen,
    breaks: "Players are told an address of your network, which leads nowhere from outside.",
    todo:
      "Look it up in the router and set HEARTH_EXTERNAL_IP to it, or name a STUN server to ask " +
      "in HEARTH_CHECK_STUN.",
  };
}

/** The router's address outside is not the internet's: somebody else is in between. */
function judgeCarrier({ router, own, stun }: AddressFact, outside: Seen | undefined): Finding[] {
  const mine = own.find((ip) => reachOf(ip) === "carrier");
  const routers = router.kind === "forwarded" ? router.externalIp : undefined;
  const reach = routers === undefined ? undefined : reachOf(routers);
  const differs = routers !== undefined && outside !== undefined && outside.ip !== routers &&
    stun.some(({ ip }) => ip === outside.ip);
  const shared = mine ?? (reach === "carrier" ? routers : undefined);
  if (shared !== undefined || differs && reach === "internet") {
    return [{
      level: "broken",
      about,
      what: "Your provider shares one address among its customers (carrier-grade NAT).",
      seen: shared === undefined
        ? `the router has ${routers}, and ${
          outside?.how.replace(" says so", "")
        } sees ${outside?.ip}`
        : shared === mine
        ? `a network interface has ${shared}, of 100.64.0.0/10`
        : `the router has ${shared}, of 100.64.0.0/10`,
      breaks: `${OUTSIDE} No port can be forwarded to you.`,
      todo: "Ask the provider for a public IPv4 address (often free), or use IPv6.",
    }];
  }
  if (reach !== "home") return [];
  return [{
    level: "broken",
    about,
    what: "There is a second router between yours and the internet.",
    seen: `the router has the private address ${routers}`,
    breaks: OUTSIDE,
    todo:
      "Forward the same ports in the first router to the second, or set one of them to bridge " +
      "mode.",
  }];
}

function judgeConfigured({ configured, own }: AddressFact, outside: Seen | undefined): Finding[] {
  if (configured === "auto" || outside === undefined) return [];
  const told = configured.filter((ip) => !ip.includes(":"));
  if (told.length === 0 || told.includes(outside.ip)) return [];
  if (told.some((ip) => own.includes(ip))) return [];
  return [{
    level: "broken",
    about,
    what: `HEARTH_EXTERNAL_IP says ${told.join(", ")}, and it is ${outside.ip}.`,
    seen: outside.how,
    breaks:
      "Players are told an address that leads elsewhere: whoever needs the relay has no game.",
    todo: "Leave HEARTH_EXTERNAL_IP out, so that it is found and followed, or set it right.",
  }];
}

/** What is advertised for IPv6 alone is no relay for Chromium, which asks for IPv4 even over IPv6. */
function judgeFamily({ configured }: AddressFact): Finding[] {
  if (configured === "auto" || configured.some((ip) => !ip.includes(":"))) return [];
  return [{
    level: "warning",
    about,
    what: `HEARTH_EXTERNAL_IP has no IPv4 address: it says ${configured.join(", ")}.`,
    seen: "it is set so",
    breaks: "Chromium and browsers made of it ask for IPv4 relays alone, and get none.",
    todo: "Add an IPv4 address of this machine or of its router, after a comma: one of your " +
      "network will do where all players use the relay.",
  }];
}

function judgeForwards({ router, own, ports }: AddressFact): Finding[] {
  const about = "router" as const;
  const byHand = (list: readonly Port[]) =>
    `In the router, forward ${namesOf(list)} to ${own[0] ?? "this machine"}` +
    "; in this machine's firewall, let them in.";
  if (own.some((ip) => reachOf(ip) === "internet") || ports.length === 0) return [];
  switch (router.kind) {
    case "off":
    case "nobody":
      return [{
        level: "warning",
        about,
        what: "Whether the router forwards the ports is not known.",
        seen: router.kind === "off"
          ? "HEARTH_ROUTER=off: it was not asked"
          : "no network of this machine is a home's",
        breaks: `Unless it does: ${OUTSIDE}`,
        todo: byHand(ports),
      }];
    case "not-forwarded":
      return [{
        level: "warning",
        about,
        what: "The router does not forward the ports by itself.",
        seen: router.whys.length > 0
          ? router.whys.join("; ")
          : "no router answered to PCP, NAT-PMP or UPnP",
        breaks: `Unless you have forwarded them by hand: ${OUTSIDE}`,
        todo: `Turn on UPnP in the router. Or by hand: ${byHand(ports)}`,
      }];
    case "forwarded": {
      const good: Finding = {
        level: "good",
        about,
        what: `The router forwards ${namesOf(router.mapped)} to this machine.`,
        seen: `${router.router} said so by ${router.protocol}`,
      };
      return [
        good,
        ...router.missing.map((port): Finding => ({
          level: "broken",
          about,
          what: `The router does not forward ${namesOf([port])}.`,
          seen: `${router.router} said by ${router.protocol}: ${port.why}`,
          breaks: "What uses it is not reached from outside.",
          todo:
            "Remove what has the port from the router's list of forwarded ports, or set another " +
            "port here.",
        })),
      ];
    }
  }
}
