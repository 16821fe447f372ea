/** What the start knows that the person in front of it needs; a configuration brings most of it. */
export interface GreetingFacts {
  readonly version: string;
  /** What comes before a command of this program, as it is typed here. */
  readonly program: string;
  readonly http: {
    readonly host: string;
    readonly publicHost?: string;
    /** Where there are any, players from outside come by a proxy, which is there for TLS. */
    readonly trustedProxies: readonly string[];
  };
  readonly httpPort: number;
  /** Absent where there is no certificate. */
  readonly tlsPort: number | undefined;
  /** This machine's addresses on its networks, loopback and link-local ones left out. */
  readonly lanIps: readonly string[];
  readonly turn: { readonly users: readonly unknown[] };
  readonly turnPort: number;
  /** Whether the router is asked to forward the ports: its answer comes later. */
  readonly asksRouter: boolean;
  /** What the relay has to say of itself, a sentence or two each. */
  readonly relayRemarks: readonly string[];
  /** What is not right with this machine, a line each. */
  readonly machineWarnings: readonly string[];
  /** What its addresses will not do. */
  readonly addressWarnings: readonly { readonly message: string }[];
  readonly auth: { readonly mode: "open" | "required" };
  readonly accounts: number;
  readonly limits: "on" | "off";
  readonly dataDir: string;
}

const EVERY_INTERFACE = new Set(["0.0.0.0", "::"]);

/** The lines that the start prints: what to open, who can play, and what will not work. */
export function greeting(facts: GreetingFacts): string[] {
  return [
    `Hearth ${facts.version}`,
    "",
    ...labelled("Open", addresses(facts)),
    ...labelled("Data", [facts.dataDir]),
    ...labelled("Players", [who(facts), reach(facts)]),
    ...warnings(facts).flatMap((warning) => ["", ...labelled("WARNING", [warning])]),
  ];
}

function labelled(label: string, lines: readonly string[]): string[] {
  return lines.map((line, index) => `  ${(index === 0 ? label : "").padEnd(9)}${line}`);
}

function addresses({ http, httpPort, tlsPort, lanIps }: GreetingFacts): string[] {
  const url = (host: string) => `http://${bracketed(host)}:${httpPort}`;
  const own = EVERY_INTERFACE.has(http.host)
    ? [
      `${url("localhost")}  on this machine`,
      ...lanIps.filter((ip) => http.host === "::" || !ip.includes(":"))
        .map((ip) => `${url(ip)}  on your network`),
    ]
    : [url(http.host)];
  const { publicHost } = http;
  if (publicHost === undefined) return own;
  if (isProxied(http)) {
    return [...own, `https://${bracketed(publicHost)}  from outside, by your proxy`];
  }
  if (tlsPort === undefined) return [...own, `${url(publicHost)}  from outside`];
  const port = tlsPort === 443 ? "" : `:${tlsPort}`;
  return [...own, `https://${bracketed(publicHost)}${port}  from outside`];
}

function isProxied({ trustedProxies }: GreetingFacts["http"]): boolean {
  return trustedProxies.length > 0;
}

function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

function who({ auth, accounts, program }: GreetingFacts): string {
  const number = accounts === 1 ? "1 account" : `${accounts} accounts`;
  const add = `To add one: ${program} user add NAME`;
  return auth.mode === "open"
    ? `anybody may join (${number}; HEARTH_AUTH=required asks for one). ${add}`
    : `only those with an account may join (${number}). ${add}`;
}

function reach({ http, httpPort, turnPort, tlsPort, asksRouter }: GreetingFacts): string {
  const tls = tlsPort === undefined ? "" : `${tlsPort}/tcp, `;
  // The pages come by the proxy; the relay cannot.
  const pages = isProxied(http) ? tls : `${tls}${httpPort}/tcp, `;
  const ports = `${pages}${turnPort}/udp and ${turnPort}/tcp`;
  return "from your network: nothing to do; from outside: " +
    (asksRouter
      ? `your router is asked to forward ${ports}`
      : `forward ${ports} on the router to this machine`) +
    (isProxied(http) ? "; your proxy's port leads to the proxy" : "");
}

function warnings(facts: GreetingFacts): string[] {
  const { turn, limits, auth, accounts, program, relayRemarks, addressWarnings } = facts;
  const warnings = [
    ...facts.machineWarnings,
    ...relayRemarks,
    ...addressWarnings.map(({ message }) => message),
  ];
  if (limits === "off") {
    warnings.push("HEARTH_LIMITS=off: NO RATE LIMITS. Fit for measuring, unfit for strangers.");
  }
  const { length: lasting } = turn.users;
  if (lasting > 0) {
    warnings.push(
      `HEARTH_TURN_USERS sets ${lasting} lasting password${lasting === 1 ? "" : "s"}, meant for ` +
        "tests: whoever learns one relays through this machine until you change it.",
    );
  }
  if (auth.mode === "required" && accounts === 0) {
    warnings.push(
      "HEARTH_AUTH=required and no account: nobody can join. " +
        `Add one: ${program} user add NAME`,
    );
  }
  return warnings;
}
