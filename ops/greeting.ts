import { isPrivate } from "./addresses.ts";

/** What the start knows that the person in front of it needs. */
export interface GreetingFacts {
  readonly version: string;
  readonly http: { readonly host: string; readonly port: number; readonly publicHost?: string };
  /** This machine's addresses on its networks, loopback and link-local ones left out. */
  readonly lanIps: readonly string[];
  readonly turn: {
    readonly port: number;
    /** What relayed addresses are advertised with. */
    readonly externalIps: readonly string[];
    readonly engine: "native" | "node-turn";
    /** How many users with a lasting password there are. */
    readonly users: number;
  };
  readonly auth: "open" | "required";
  readonly accounts: number;
  readonly limits: "on" | "off";
  readonly dataDir: string;
  /** What adds an account, as it is typed here. */
  readonly addUser: string;
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

function addresses({ http, lanIps }: GreetingFacts): string[] {
  const url = (host: string) => `http://${host.includes(":") ? `[${host}]` : host}:${http.port}`;
  const own = EVERY_INTERFACE.has(http.host)
    ? [
      `${url("localhost")}  on this machine`,
      ...lanIps.filter((ip) => http.host === "::" || !ip.includes(":"))
        .map((ip) => `${url(ip)}  on your network`),
    ]
    : [url(http.host)];
  return http.publicHost === undefined ? own : [...own, `${url(http.publicHost)}  from outside`];
}

function who({ auth, accounts, addUser }: GreetingFacts): string {
  const number = accounts === 1 ? "1 account" : `${accounts} accounts`;
  return auth === "open"
    ? `anybody may join (${number}; HEARTH_AUTH=required asks for one). To add one: ${addUser}`
    : `only those with an account may join (${number}). To add one: ${addUser}`;
}

function reach({ http, turn: { port } }: GreetingFacts): string {
  return `from your network: nothing to do; from outside: forward ${http.port}/tcp, ${port}/udp and ` +
    `${port}/tcp on the router to this machine`;
}

function warnings({ turn, limits, auth, accounts, addUser }: GreetingFacts): string[] {
  const warnings: string[] = [];
  if (turn.externalIps.every(isPrivate)) {
    const relay = turn.externalIps.length === 0
      ? "The relay knows no address of this machine"
      : `The relay's address ${turn.externalIps.join(" and ")} is private`;
    warnings.push(
      `${relay}: two players outside connect when both use this relay, and may not when only one ` +
        "does. Set HEARTH_EXTERNAL_IP to the router's address on the Internet.",
    );
  }
  if (limits === "off") {
    warnings.push("HEARTH_LIMITS=off: NO RATE LIMITS. Fit for measuring, unfit for strangers.");
  }
  if (turn.users > 0) {
    warnings.push(
      `HEARTH_TURN_USERS sets ${turn.users} lasting password${
        turn.users === 1 ? "" : "s"
      }: whoever learns one relays through this machine until you change it.`,
    );
  }
  if (turn.engine === "node-turn") {
    warnings.push(
      "HEARTH_TURN_ENGINE=node-turn, for comparison only: no TCP, no guard on whom it relays to, " +
        "ChannelData to peers is lost, the first Refresh ends an allocation, relay sockets stay open.",
    );
  }
  if (auth === "required" && accounts === 0) {
    warnings.push(`HEARTH_AUTH=required and no account: nobody can join. Add one: ${addUser}`);
  }
  return warnings;
}
