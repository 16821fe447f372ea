import type { Fact, Moment, PortFact } from "./facts.ts";
import type { Finding } from "./finding.ts";
import { judgeAddresses } from "./judge_addresses.ts";
import { judgeFirewall } from "./judge_firewall.ts";
import { namesOf } from "./port_names.ts";

/** Whoever plays holds some three: a WebSocket, a relayed transport address, a TCP connection. */
const DESCRIPTORS_PER_PLAYER = 3;
/** 1 January 2024, in Unix milliseconds: no clock before it is right, as this program is younger. */
const BEFORE_THIS_PROGRAM_MS = 1_704_067_200_000;
/** A file that is newer than now by less was written by a clock that was set right meanwhile. */
const CLOCK_TOLERANCE_MS = 60_000;

/** What the facts mean, in their order. */
export function judge(facts: readonly Fact[]): Finding[] {
  return facts.flatMap(judgeOne);
}

function judgeOne(fact: Fact): Finding[] {
  switch (fact.kind) {
    case "port":
      return [judgePort(fact)];
    case "addresses":
      return judgeAddresses(fact);
    case "hairpin":
      return [judgeHairpin(fact)];
    case "firewall":
      return judgeFirewall(fact);
    case "ipv6":
      return judgeIpv6(fact);
    case "clock":
      return [judgeClock(fact)];
    case "descriptors":
      return [judgeDescriptors(fact)];
    case "data-folder":
      return [judgeFolder(fact)];
    case "permission":
      return [judgePermission(fact)];
  }
}

function judgePort({ service, transport, host, port, state }: PortFact): Finding {
  const about = "ports";
  const name = `${port}/${transport}`;
  const variable = `HEARTH_${service.toUpperCase()}`;
  const breaks = service === "http"
    ? "The server does not start: no page, no room, no login."
    : "The server does not start: no player behind a strict router is relayed.";
  switch (state.kind) {
    case "free":
      return { level: "good", about, what: `Port ${name} is free.`, seen: "it could be opened" };
    case "ours":
      return { level: "good", about, what: `Hearth has port ${name}.`, seen: "it answers there" };
    case "taken":
      return {
        level: "broken",
        about,
        what: `Another program has port ${name}${state.who ? `: ${state.who}` : "."}`,
        seen: `it cannot be opened on ${host}: the address is in use`,
        breaks,
        todo: `Stop it (sudo ss -lnp${transport[0]} 'sport = :${port}' names it), or set ` +
          `${variable}_PORT to another port.`,
      };
    case "refused":
      return state.why === "permission"
        ? {
          level: "broken",
          about,
          what: `This user may not open port ${name}.`,
          seen: `it cannot be opened on ${host}: permission denied`,
          breaks,
          todo: `Set ${variable}_PORT to a port from 1024 up.`,
        }
        : {
          level: "broken",
          about,
          what: `This machine does not have the address ${host}.`,
          seen: `port ${name} cannot be opened on it: no such address`,
          breaks,
          todo: `Set ${variable}_HOST to 0.0.0.0, or to an address of this machine.`,
        };
  }
}

function judgeHairpin({ ip, works }: Fact & { kind: "hairpin" }): Finding {
  const about = "hairpin";
  if (works) {
    return {
      level: "good",
      about,
      what: `The router leads from inside to ${ip} and back in.`,
      seen: `a datagram to ${ip} came back to this machine`,
    };
  }
  return {
    level: "warning",
    about,
    what: `The router does not lead from inside to its own address ${ip} (no hairpin).`,
    seen: `a datagram to ${ip} did not come back to this machine`,
    breaks: "Players at home cannot use the address that players outside use.",
    todo: "Give players at home the address on your network that the start prints, or turn on " +
      '"NAT loopback" in the router.',
  };
}

function judgeIpv6({ publicIps, listens, ports }: Fact & { kind: "ipv6" }): Finding[] {
  const about = "ipv6";
  const [ip] = publicIps;
  if (ip === undefined) return [];
  const deaf = [
    ...listens.http ? [] : ["HEARTH_HTTP_HOST=::"],
    ...listens.turn ? [] : [
      "HEARTH_TURN_HOST=0.0.0.0,::",
    ],
  ];
  const seen = `a network interface has ${ip}`;
  if (deaf.length === 0) {
    return [{
      level: "good",
      about,
      what: "This machine has a public IPv6 address and listens there.",
      seen,
    }, {
      level: "unknown",
      about,
      what: `Whether the router lets in ${namesOf(ports)} by IPv6 cannot be seen from here.`,
      seen: "a router lets in by IPv6 what it was told to, and it is not asked about that here",
      breaks: "Unless it does, players who come by IPv6 wait in vain, and then take IPv4.",
      todo: `In the router, under "IPv6 firewall", "pinholes" or "shared ports": let in ` +
        `${namesOf(ports)} to ${ip}.`,
    }];
  }
  return [{
    level: "warning",
    about,
    what: "This machine has a public IPv6 address, and Hearth does not listen there.",
    seen,
    breaks: "Players with IPv6 take the longer way by IPv4, and behind a provider's NAT that may " +
      "be no way at all.",
    todo: `Set ${deaf.join(" and ")}; in the router's IPv6 firewall, let in ${namesOf(ports)} ` +
      `to ${ip}.`,
  }];
}

function judgeClock({ now, lastWrite }: Fact & { kind: "clock" }): Finding {
  const about = "clock";
  if (now.ms < BEFORE_THIS_PROGRAM_MS) return wrongClock(now, "this program is younger than that");
  if (lastWrite === undefined || lastWrite.ms - now.ms <= CLOCK_TOLERANCE_MS) {
    return {
      level: "good",
      about,
      what: `The clock says ${now.text}.`,
      seen: "neither this program nor anything in the data folder is from a later time",
    };
  }
  return wrongClock(now, `a file in the data folder was written at ${lastWrite.text}`);
}

function wrongClock(now: Moment, seen: string): Finding {
  return {
    level: "broken",
    about: "clock",
    what: `The clock is wrong: it says ${now.text}, and it has been later.`,
    seen,
    breaks: "Logins and TURN credentials are refused as not valid yet, or last too long.",
    todo: "Set it: sudo timedatectl set-ntp true",
  };
}

function judgeDescriptors({ opened, tried }: Fact & { kind: "descriptors" }): Finding {
  const about = "descriptors";
  if (opened >= tried) {
    return {
      level: "good",
      about,
      what: `There is room for ${Math.floor(tried / DESCRIPTORS_PER_PLAYER)} players and more.`,
      seen: `${tried} sockets could be open at once`,
    };
  }
  return {
    level: "warning",
    about,
    what: `This process may open few files: room for some ${
      Math.floor(opened / DESCRIPTORS_PER_PLAYER)
    } players.`,
    seen: `after ${opened} sockets the system refused the next one`,
    breaks: "Players beyond that are refused.",
    todo: "Raise the limit: ulimit -n 65536 before the start, or LimitNOFILE=65536 in the service.",
  };
}

function judgeFolder({ path, state }: Fact & { kind: "data-folder" }): Finding {
  const about = "data folder";
  switch (state.kind) {
    case "usable":
      return { level: "good", about, what: `Data lies in ${path}.`, seen: "it can be written to" };
    case "absent":
      return {
        level: "good",
        about,
        what: `Data will lie in ${path}.`,
        seen: "there is no such folder yet: the first start makes it",
      };
    case "open-to-others":
      return {
        level: "warning",
        about,
        what: `Other users of this machine can change what lies in ${path}.`,
        seen: `its mode is ${state.mode.toString(8).padStart(3, "0")}`,
        breaks: "They can put accounts and keys of their own in the place of yours.",
        todo: `Close it: chmod 700 '${path}'`,
      };
    case "unusable":
      return {
        level: "broken",
        about,
        what: `The data folder ${path} cannot be used.`,
        seen: state.why,
        breaks: "The server does not start: it has nowhere to keep accounts and keys.",
        todo: `Give it to this user: sudo chown -R "$USER" '${path}', or set HEARTH_DATA_DIR.`,
      };
  }
}

function judgePermission({ name, granted }: Fact & { kind: "permission" }): Finding {
  const about = "permissions";
  if (granted) {
    return { level: "good", about, what: `${name} is allowed.`, seen: "the runtime says so" };
  }
  return {
    level: "broken",
    about,
    what: `${name} is not allowed to this program.`,
    seen: "the runtime says so",
    breaks: "The server does not start, or not whole.",
    todo: "Start it by its task, `deno task start`, which gives what is needed.",
  };
}
