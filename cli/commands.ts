/** Every command there is: what it is called, what it takes, and what it does in a line. */
export interface Command {
  readonly words: readonly string[];
  /** What follows the words: the names of the arguments that must be there. */
  readonly takes: readonly string[];
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
    summary: "Add an account.",
    details: PASSWORD,
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
  turnCredential: {
    words: ["turn", "credential"],
    takes: [],
    summary: "Make a TURN credential, for trying the relay with other tools.",
    details: [
      "--user NAME        whose it is to be; `tester` where none is given",
      "Prints {username, password, ttl, uris} as JSON. --public-host HOST sets the host in the URIs.",
    ],
  },
  config: {
    words: ["config"],
    takes: [],
    summary: "Print each option with the value in effect and where it comes from.",
  },
  version: { words: ["version"], takes: [], summary: "Print the version." },
  help: {
    words: ["help"],
    takes: [],
    summary: "Explain the commands, or one: `help start`.",
  },
} as const satisfies Record<string, Command>;

export type CommandName = keyof typeof commands;

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
