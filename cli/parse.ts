import { parseArgs } from "node:util";
import { type Command, type CommandName, commands, findCommand, switches } from "./commands.ts";

/** What a command line asks for. */
export type Request =
  | {
    readonly kind: "run";
    readonly command: Exclude<CommandName, "help" | "version">;
    /** As many as the command takes. */
    readonly args: readonly string[];
    /** By name, without dashes; `true` is a flag without a value. Not judged yet. */
    readonly flags: ReadonlyMap<string, string | true>;
  }
  | { readonly kind: "help"; readonly on?: CommandName }
  | { readonly kind: "version" }
  /** It asks for nothing that there is. */
  | { readonly kind: "wrong"; readonly problem?: string; readonly on?: CommandName };

export function parse(argv: readonly string[]): Request {
  // Every other flag takes a value, one that does not exist as well: the configuration knows what
  // was meant by it, as long as its value is not taken for an argument.
  const valued = argv.flatMap((arg) => arg.match(/^--([^=]+)/)?.[1] ?? []);
  const { values: { help, version }, positionals, tokens } = parseArgs({
    args: [...argv],
    strict: false,
    tokens: true,
    allowPositionals: true,
    options: {
      ...Object.fromEntries(valued.map((flag) => [flag, { type: "string" as const }])),
      ...Object.fromEntries(switches.map((flag) => [flag, { type: "boolean" as const }])),
      help: { type: "boolean", short: "h" },
      version: { type: "boolean", short: "V" },
    },
  });
  if (version) return { kind: "version" };

  const found = findCommand(positionals);
  if (!found) {
    if (help) return { kind: "help" };
    const problem = `There is no command \`${positionals.join(" ")}\`.`;
    return positionals.length === 0 ? { kind: "wrong" } : { kind: "wrong", problem };
  }
  const { name, rest } = found;
  if (name === "version") return { kind: "version" };
  if (name === "help") return helpOn(rest);
  if (help) return { kind: "help", on: name };

  const { words, takes }: Command = commands[name];
  if (rest.length !== takes.length) {
    const wanted = takes.length === 0 ? "no argument" : takes.join(" ");
    return {
      kind: "wrong",
      problem: `\`${words.join(" ")}\` takes ${wanted}, not \`${rest.join(" ")}\`.`,
      on: name,
    };
  }
  return {
    kind: "run",
    command: name,
    args: rest,
    flags: new Map(
      tokens.filter((token) => token.kind === "option")
        .map(({ name, value }) => [name, value ?? true]),
    ),
  };
}

function helpOn(words: readonly string[]): Request {
  if (words.length === 0) return { kind: "help" };
  const found = findCommand(words);
  return found
    ? { kind: "help", on: found.name }
    : { kind: "wrong", problem: `There is no command \`${words.join(" ")}\`.` };
}
