/** Every command there is: what it is called, what it takes, and what it does in a line. */
export interface Command {
  readonly words: readonly string[];
  /** What follows the words: the names of the arguments that must be there. */
  readonly takes: readonly string[];
  /** Flags of its own: a `switch` stands alone, a `value` follows. */
  readonly flags?: { readonly [name: string]: "switch" | "value" };
  readonly summary: string;
  /** More for `help`, where there is more to say. */
  readonly details?: readonly string[];
}

const PASSWORD = [
  "The password is asked for twice on a terminal, unseen;",
  "otherwise it is one line of standard input.",
];

export const commands = {
  start: {
    words: ["start"],
    takes: [],
    summary: "Run the server until it is told to stop.",
  },
  userAdd: {
    words: ["user", "add"],
    takes: ["NAME"],
    flags: { host: "switch" },
    summary: "Add an account.",
    details: [
      ...PASSWORD,
      "--host             may use /api/admin; so may the first account of all, without being told",
    ],
  },
  userList: { words: ["user", "list"], takes: [], summary: "List accounts." },
  userPassword: {
    words: ["user", "passwd"],
    takes: ["NAME"],
    summary: "Change a password and end the account's sessions.",
    details: PASSWORD,
  },
  userDisable: {
    words: ["user", "disable"],
    takes: ["NAME"],
    summary: "Lock an account and end its sessions.",
  },
  userEnable: {
    words: ["user", "enable"],
    takes: ["NAME"],
    summary: "Unlock an account.",
  },
  userRemove: {
    words: ["user", "remove"],
    takes: ["NAME"],
    summary: "Remove an account and end its sessions.",
  },
  userRole: {
    words: ["user", "role"],
    takes: ["NAME", "ROLE"],
    summary: "Make an account a `host`, or a `player`.",
  },
  userLogout: {
    words: ["user", "logout"],
    takes: ["NAME"],
    summary: "End an account's sessions.",
  },
  userKick: {
    words: ["user", "kick"],
    takes: ["NAME"],
    summary: "End what an account has open; it may come back.",
  },
  userBan: {
    words: ["user", "ban"],
    takes: ["WHO"],
    flags: { for: "value" },
    summary: "Ban an account, an address or a range for a while.",
    details: [
      "WHO is a name, or an address or range such as 203.0.113.0/24.",
      "--for TIME         how long, such as 30m or 7d; 24h where none is given",
    ],
  },
  userUnban: { words: ["user", "unban"], takes: ["WHO"], summary: "Lift a ban." },
  userBans: { words: ["user", "bans"], takes: [], summary: "List bans." },
  userInvite: {
    words: ["user", "invite"],
    takes: [],
    flags: { for: "value" },
    summary: "Make a link that lets one person make an account.",
    details: [
      "--for TIME         how long it holds, such as 2h; 7d where none is given",
      "It needs HEARTH_REGISTRATION=invite. --public-host HOST sets the host in the link.",
    ],
  },
  userInvites: { words: ["user", "invites"], takes: [], summary: "List invitations." },
  userWithdraw: {
    words: ["user", "withdraw"],
    takes: ["NUMBER"],
    summary: "Take an invitation back.",
  },
  userAudit: {
    words: ["user", "audit"],
    takes: [],
    summary: "Print who did what, the latest hundred changes.",
  },
  userExport: {
    words: ["user", "export"],
    takes: [],
    summary: "Print every account, with its password's hash, as a line of JSON.",
    details: ["Keep it from others: (umask 077; … user export > accounts.jsonl)"],
  },
  userImport: {
    words: ["user", "import"],
    takes: [],
    summary: "Add the accounts that an export has, from standard input: all or none.",
  },
  userBackup: {
    words: ["user", "backup"],
    takes: ["FILE"],
    summary: "Copy the database into the data folder, also while the server runs.",
    details: ["To go back, stop the server and put the copy in the place of hearth.db."],
  },
  userRotateKeys: {
    words: ["user", "rotate-keys"],
    takes: [],
    flags: { now: "switch" },
    summary: "Sign access tokens with a new key from now on; nobody is logged out.",
    details: [
      "The new key is published first and signs five minutes later, so that a game's own back end",
      "has it in time; what the old one signed holds until it expires.",
      "--now              the old key leaked: what it signed is refused at once",
    ],
  },
  turnCredential: {
    words: ["turn", "credential"],
    takes: [],
    flags: { user: "value" },
    summary: "Make a TURN credential, for trying the relay with other tools.",
    details: [
      "--user NAME        whose it is to be; `tester` where none is given",
      "Prints {username, password, ttl, uris} as JSON. --public-host HOST sets the host in the URIs.",
    ],
  },
  selfSigned: {
    words: ["tls", "self-signed"],
    takes: [],
    summary: "Make a certificate that no authority vouches for: TLS on a LAN.",
    details: ["It is for this machine's addresses; --public-host HOST adds a name."],
  },
  service: {
    words: ["service", "print"],
    takes: [],
    summary: "Print the file that makes the server a service of this machine.",
    details: ["For systemd, launchd or Windows, whichever this machine has."],
  },
  check: {
    words: ["check"],
    takes: [],
    flags: { json: "switch" },
    summary: "Look what keeps players away, and say what to do.",
    details: [
      "--json             prints the findings as JSON",
      "The exit status is 1 where something is broken, and 0 otherwise, warnings or not.",
      "It asks the router, and nobody beyond who is not named in HEARTH_CHECK_STUN.",
    ],
  },
  config: {
    words: ["config"],
    takes: [],
    summary: "Print each option with the value in effect and where it comes from.",
  },
  version: {
    words: ["version"],
    takes: [],
    summary: "Print the version, and what it was built of.",
  },
  help: {
    words: ["help"],
    takes: [],
    summary: "Explain the commands, or one: `help start`.",
  },
} as const satisfies Record<string, Command>;

export type CommandName = keyof typeof commands;

/** Flags that take no value, of whatever command. */
export const switches: readonly string[] = Object.values<Command>(commands).flatMap(({ flags }) =>
  Object.entries(flags ?? {}).filter(([, kind]) => kind === "switch").map(([name]) => name)
);

/** The command that these words begin with, and what follows it. */
export function findCommand(
  words: readonly string[],
): { readonly name: CommandName; readonly rest: readonly string[] } | undefined {
  for (const [name, command] of Object.entries(commands)) {
    if (command.words.every((word, index) => words[index] === word)) {
      return { name: name as CommandName, rest: words.slice(command.words.length) };
    }
  }
  return undefined;
}
