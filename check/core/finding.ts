/** One thing that was found, in words for the person who runs the server. */
export type Finding =
  | {
    readonly level: "good";
    readonly about: About;
    readonly what: string;
    /** How it was seen. */
    readonly seen: string;
  }
  | {
    /**
     * `broken`: players are shut out; `warning`: some may be, or something else is not right;
     * `unknown`: it cannot be seen from here, and a person has to look.
     */
    readonly level: "unknown" | "warning" | "broken";
    readonly about: About;
    readonly what: string;
    readonly seen: string;
    /** What does not work because of it. */
    readonly breaks: string;
    /** What to click or type. */
    readonly todo: string;
  };

export type About =
  | "ports"
  | "address"
  | "router"
  | "hairpin"
  | "firewall"
  | "ipv6"
  | "clock"
  | "descriptors"
  | "data folder"
  | "permissions";

export interface Report {
  readonly findings: readonly Finding[];
}

export function isBroken({ findings }: Report): boolean {
  return findings.some(({ level }) => level === "broken");
}

/** The whole report as lines for a terminal, the worst first. */
export function reportLines({ findings }: Report): string[] {
  const order = ["broken", "warning", "unknown", "good"] as const;
  return order.flatMap((level) => findings.filter((finding) => finding.level === level))
    .flatMap(linesOf);
}

/** What is wrong, one sentence or two each: for where there is no room for more. */
export function shortLines({ findings }: Report): string[] {
  return findings.flatMap((finding) =>
    finding.level === "good" || finding.level === "unknown"
      ? []
      : [`${finding.what} ${finding.breaks} ${finding.todo}`]
  );
}

function linesOf(finding: Finding): string[] {
  if (finding.level === "good") return [`ok       ${finding.what} (${finding.seen})`];
  return [
    `${finding.level.toUpperCase().padEnd(9)}${finding.what}`,
    `         seen:   ${finding.seen}`,
    `         breaks: ${finding.breaks}`,
    `         do:     ${finding.todo}`,
  ];
}
