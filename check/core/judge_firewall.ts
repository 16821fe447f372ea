/** The firewall of this machine: its rules are the administrator's alone to read. */
import type { Fact, Port } from "./facts.ts";
import type { Finding } from "./finding.ts";
import { namesOf } from "./port_names.ts";

type FirewallFact = Extract<Fact, { kind: "firewall" }>;

export function judgeFirewall({ os, ufw, ports }: FirewallFact): Finding[] {
  if (ports.length === 0) return [];
  return [{
    level: "unknown",
    about: "firewall",
    what: ufw
      ? `The firewall ufw is on; whether it lets in ${namesOf(ports)} cannot be seen from here.`
      : `Whether a firewall of this machine lets in ${namesOf(ports)} cannot be seen from here.`,
    seen: ufw
      ? "/etc/ufw/ufw.conf says ENABLED=yes, and only an administrator may read the rules"
      : ufw === false
      ? "/etc/ufw/ufw.conf says that ufw is off; other firewalls tell administrators alone"
      : "only an administrator may read the rules",
    breaks: "What it keeps out does not get here, not even from other machines at home.",
    todo: todoOn(os, ufw, ports),
  }];
}

function todoOn(os: FirewallFact["os"], ufw: boolean | undefined, ports: readonly Port[]): string {
  switch (os) {
    case "linux":
      return ufw ? ufwLines(ports) : linuxLines(ufw, ports);
    case "windows":
      return "Look, in a PowerShell of the administrator: Get-NetFirewallProfile. " +
        `Let them in: ${
          byTransport(ports, (transport, numbers) =>
            `New-NetFirewallRule -DisplayName 'Hearth ${transport}' -Direction Inbound ` +
            `-Protocol ${transport.toUpperCase()} -LocalPort ${numbers.join(",")} -Action Allow`)
            .join("; ")
        }`;
    case "darwin":
      return "Look under System Settings, Network, Firewall: where it is on, add this program " +
        "under Options and allow incoming connections.";
    case "other":
      return "Look into the firewall of this machine, where it has one, and let them in there.";
  }
}

function ufwLines(ports: readonly Port[]): string {
  const allow = ports.map(({ port, transport }) => `sudo ufw allow ${port}/${transport}`);
  return `Look: sudo ufw status. Let them in: ${allow.join("; ")}`;
}

function linuxLines(ufw: boolean | undefined, ports: readonly Port[]): string {
  const added = ports.map(({ port, transport }) => `--add-port=${port}/${transport}`).join(" ");
  const rules = byTransport(
    ports,
    (transport, numbers) =>
      `sudo nft add rule inet filter input ${transport} dport '{ ${numbers.join(", ")} }' accept`,
  );
  return [
    ...ufw === undefined ? [`With ufw: ${ufwLines(ports)}`] : [],
    "With firewalld: Look: sudo firewall-cmd --list-all. Let them in: " +
    `sudo firewall-cmd --permanent ${added}; sudo firewall-cmd --reload`,
    `With nftables alone: Look: sudo nft list ruleset. Let them in: ${rules.join("; ")}`,
  ].join(". ");
}

function byTransport(
  ports: readonly Port[],
  show: (transport: Port["transport"], numbers: readonly number[]) => string,
): string[] {
  return (["tcp", "udp"] as const).flatMap((wanted) => {
    const numbers = ports.filter(({ transport }) => transport === wanted).map(({ port }) => port);
    return numbers.length === 0 ? [] : [show(wanted, numbers)];
  });
}
