/**
 * Makes one executable file of the program, with the permissions of the task `start` baked in.
 *
 *     deno task compile [--target TARGET] [--output FILE]
 */
import { parseArgs } from "node:util";
import { progressLine } from "../progress/mod.ts";
import { ASSETS, embeddedFiles, MAIN, WORKERS } from "./embedded.ts";
import { COMMIT_FILE, writeCommit } from "./commit.ts";
import { portableFlags, type Project } from "./permissions.ts";

export { COMMIT_FILE, currentCommit } from "./commit.ts";
export { embeddedFiles } from "./embedded.ts";
export { type Project, serverFlags } from "./permissions.ts";

export interface Order {
  readonly output: string;
  /** Absent for the machine that compiles. */
  readonly target?: string;
}

/** The arguments of `deno compile`. */
export function compileArgs(project: Project, { output, target }: Order): string[] {
  return [
    "compile",
    ...portableFlags(project),
    ...[...WORKERS, ...ASSETS, COMMIT_FILE].map((path) => `--include=${path}`),
    "--exclude-unused-npm",
    `--output=${output}`,
    ...target === undefined ? [] : [`--target=${target}`],
    MAIN,
  ];
}

/** What to do where Deno's base runtime cannot be downloaded. */
export function withoutBase(version: string, target: string): string[] {
  const archive = `denort-${target}.zip`;
  return [
    "The base runtime that the program is put into could not be had.",
    `Deno downloads it from https://dl.deno.land/release/v${version}/${archive}`,
    "Where this machine cannot reach that address, fetch the archive on one that can, unpack the",
    "file `denort` (`denort.exe` for Windows) that is in it, and say where it lies:",
    "",
    "    DENORT_BIN=/path/to/denort deno task compile",
    "",
    `It must be of Deno ${version} and for ${target}.`,
  ];
}

/** How Deno says that its download failed, or that what `DENORT_BIN` names is not there. */
const NO_BASE = /Setting up base binary|Could not find denort/;

async function main(args: string[]): Promise<number> {
  const { values: { output, target } } = parseArgs({
    args,
    options: { target: { type: "string" }, output: { type: "string", default: "hearth" } },
  });
  const project: Project = JSON.parse(await Deno.readTextFile("deno.json"));
  await using _commit = await writeCommit(Deno.cwd());
  const order = { output, ...target !== undefined && { target } };
  const progress = progressLine();
  const child = new Deno.Command(Deno.execPath(), {
    args: compileArgs(project, order),
    env: { NO_COLOR: "1" },
    stdout: "inherit",
    stderr: "piped",
  }).spawn();
  let said = "";
  for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
    said += text;
    progress(said.trimEnd().split(/[\r\n]/).at(-1) ?? "");
  }
  progress("");
  const { success } = await child.status;
  // Its trace leads into Deno itself, which helps nobody here.
  const [complaint = ""] = said.split("\nStack backtrace:");
  if (!success) {
    console.error(complaint);
    if (NO_BASE.test(complaint)) {
      for (const line of withoutBase(Deno.version.deno, target ?? Deno.build.target)) {
        console.error(line);
      }
    }
    return 1;
  }
  const files = await embeddedFiles(Deno.cwd());
  console.log(`${output} carries ${files.length} files. Copy it anywhere and run: ${output} start`);
  return 0;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
