import { allOptions } from "../config/mod.ts";
import { type Command, type CommandName, commands } from "./commands.ts";

/** How a command is typed. */
export function usage(name: CommandName): string {
  const { words, takes }: Command = commands[name];
  return ["hearth", ...words, ...takes].join(" ");
}

/** What all commands are, one line each. */
export function overview(): string[] {
  return [
    "Usage: hearth COMMAND [--OPTION VALUE]…",
    "",
    ...Object.entries<Command>(commands).map(([name, { summary }]) =>
      `  ${usage(name as CommandName).padEnd(28)}${summary}`
    ),
    "",
    "`hearth help start` lists the options. Each may also stand in the environment or in hearth.json.",
  ];
}

/** One command; the one that runs the server with all options. */
export function helpOn(name: CommandName): string[] {
  const command: Command = commands[name];
  const lines = [`Usage: ${usage(name)} [--OPTION VALUE]…`, "", command.summary];
  if (command.details) lines.push("", ...command.details);
  if (name === "start") lines.push("", ...options());
  return lines;
}

function options(): string[] {
  const flags = allOptions.filter(({ option }) => !option.environmentOnly).map((
    { flag, option },
  ) => [
    `  --${flag}${option.fallback ? ` (${option.fallback})` : ""}`,
    `        ${option.help}`,
  ]);
  return [
    "  --config PATH (hearth.json)",
    "        Configuration file: JSON with comments.",
    ...flags.flat(),
  ];
}
