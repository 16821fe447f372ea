/** The command line. */
import {
  type Config,
  type Environment,
  type FileRead,
  loadConfig,
  type Loaded,
  readConfigFile,
  readEnvironment,
  type Setting,
} from "../config/mod.ts";
import type { Opened } from "../auth/mod.ts";
import type { check } from "../check/mod.ts";
import { addressesOf } from "../ops/mod.ts";
import type { Accounts } from "./accounts.ts";
import { checkCommand } from "./check.ts";
import { type Command, commands } from "./commands.ts";
import { turnCredential } from "./credential.ts";
import { openAccounts } from "./open_accounts.ts";
import { makeSelfSigned } from "./self_signed.ts";
import { helpOn, overview, usage } from "./help.ts";
import { parse, type Request } from "./parse.ts";
import { LiveConfig } from "./reload.ts";
import { type Program, serviceFile } from "./service.ts";
import { ownTerminal, type Terminal } from "./terminal.ts";
import { userCommand } from "./users.ts";
import { type Build, thisBuild, versionLine } from "./version.ts";

export type { Accounts } from "./accounts.ts";
export { checkRunning } from "./check.ts";
export { FollowedAddresses } from "./follow_addresses.ts";
export { openAccounts } from "./open_accounts.ts";
export { openRelay } from "./open_relay.ts";
export { version } from "./version.ts";
export type { Terminal } from "./terminal.ts";

/** A server to be run. */
export interface Start {
  readonly kind: "start";
  readonly settings: LiveConfig;
}

/** What is left to do after `run`. */
export type Outcome =
  | Start
  | { readonly kind: "exit"; readonly code: 0 | typeof FAILURE | typeof USAGE };

export interface Dependencies {
  readonly version: string;
  /** Those in the data folder, where absent; what follows is this process's own. */
  readonly openAccounts?: (config: Config) => Promise<Opened<Accounts>>;
  readonly terminal?: Terminal;
  readonly env?: Environment;
  readonly readFile?: (path: string | undefined) => FileRead;
  /** Unix milliseconds. */
  readonly clock?: () => number;
  readonly program?: Program;
  readonly build?: Build;
  readonly interfaces?: () => Deno.NetworkInterfaceInfo[];
  readonly check?: typeof check;
}

const FAILURE = 1;
const USAGE = 2;

/** Carries out a command line, save `start`: that is the caller's, with the configuration to run by. */
export async function run(argv: readonly string[], deps: Dependencies): Promise<Outcome> {
  const terminal = deps.terminal ?? ownTerminal();
  const request = parse(argv);
  switch (request.kind) {
    case "version":
      return succeed(terminal, [versionLine(deps.version, deps.build ?? thisBuild())]);
    case "help":
      return succeed(terminal, request.on ? helpOn(request.on) : overview());
    case "wrong":
      return fail(terminal, USAGE, explain(request));
    case "run":
      return await carryOut(request, deps, terminal);
  }
}

async function carryOut(
  { command, args, flags }: Extract<Request, { kind: "run" }>,
  deps: Dependencies,
  terminal: Terminal,
): Promise<Outcome> {
  if (command === "service") {
    return succeed(terminal, serviceFile(deps.program ?? thisProgram()));
  }
  const options = new Map(flags);
  const own = takeOwn(options, commands[command]);
  if (!own) return fail(terminal, USAGE, helpOn(command));
  const read = () => load(new Map(options), deps);
  const loaded = read();
  if (!loaded.ok) return fail(terminal, USAGE, loaded.problems);
  const { config, settings } = loaded;

  if (command === "start") return { kind: "start", settings: new LiveConfig(loaded, read) };
  if (command === "config") return succeed(terminal, settings.map(lineOf));
  const now = (deps.clock ?? Date.now)();
  if (command === "selfSigned") {
    const { lan } = addressesOf((deps.interfaces ?? Deno.networkInterfaces)());
    return { kind: "exit", code: await makeSelfSigned(config, lan, now, terminal) };
  }
  if (command === "check") {
    return {
      kind: "exit",
      code: await checkCommand(config, own.has("json"), terminal, deps.check),
    };
  }

  const opened = await (deps.openAccounts ?? openAccounts)(config);
  if (opened.kind === "failed") return fail(terminal, FAILURE, [opened.message]);
  const accounts = opened.value;
  try {
    if (command !== "turnCredential") {
      const code = await userCommand({ command, args, flags: own, config }, accounts, terminal);
      return { kind: "exit", code };
    }
    const host = config.http.publicHost ?? "127.0.0.1";
    const subject = own.get("user") ?? "tester";
    return succeed(terminal, [turnCredential(accounts, subject, host, now)]);
  } finally {
    accounts.close();
  }
}

function thisProgram(): Program {
  const user = Deno.env.get("USER");
  return {
    os: Deno.build.os,
    standalone: Deno.build.standalone,
    execPath: Deno.execPath(),
    folder: Deno.cwd(),
    ...user !== undefined && { user },
  };
}

/** Takes the command's own flags out of all; undefined where one lacks its value. */
function takeOwn(
  options: Map<string, string | true>,
  { flags = {} }: Command,
): ReadonlyMap<string, string> | undefined {
  const own = new Map<string, string>();
  for (const [name, kind] of Object.entries(flags)) {
    const value = take(options, name);
    if (value === true && kind === "value") return undefined;
    if (value !== undefined) own.set(name, String(value));
  }
  return own;
}

function explain({ problem, on }: Extract<Request, { kind: "wrong" }>): readonly string[] {
  if (problem === undefined) return overview();
  return [problem, on ? `Usage: ${usage(on)}` : "`hearth help` lists the commands."];
}

function load(flags: Map<string, string | true>, deps: Dependencies): Loaded {
  const path = take(flags, "config");
  if (path === true) {
    return {
      ok: false,
      problems: ["--config (command line): has no value; give the path of a file."],
    };
  }
  const read = (deps.readFile ?? readConfigFile)(path);
  if (!read.ok) return { ok: false, problems: [read.problem] };
  return loadConfig({
    flags,
    env: deps.env ?? readEnvironment(),
    os: Deno.build.os,
    ...read.file && { file: read.file },
  });
}

function take(flags: Map<string, string | true>, name: string): string | true | undefined {
  const value = flags.get(name);
  flags.delete(name);
  return value;
}

function lineOf({ variable, value, origin }: Setting): string {
  return `${variable}=${value}  # ${origin}`;
}

function succeed(terminal: Terminal, lines: readonly string[]): Outcome {
  for (const line of lines) terminal.out(line);
  return { kind: "exit", code: 0 };
}

function fail(
  terminal: Terminal,
  code: typeof FAILURE | typeof USAGE,
  lines: readonly string[],
): Outcome {
  for (const line of lines) terminal.err(line);
  return { kind: "exit", code };
}
