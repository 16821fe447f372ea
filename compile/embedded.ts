import { relative } from "node:path";
import { fileURLToPath } from "node:url";

/** Where the program begins. */
export const MAIN = "main.ts";
/** Entries that no import leads to: `deno compile` must be told. */
export const WORKERS: readonly string[] = ["turn/worker.ts", "ops/notify_worker.ts"];
/** Folders whose files are read while the program runs. */
export const ASSETS: readonly string[] = ["web/pages"];

/** What `deno info --json` says of an entry, as far as it is needed here. */
interface ModuleGraph {
  readonly modules: readonly { readonly specifier: string; readonly error?: string }[];
}

/** The project's files that a compiled program carries, by their paths from `root`, sorted. */
export async function embeddedFiles(root: string): Promise<string[]> {
  const files = new Set<string>();
  for (const entry of [MAIN, ...WORKERS]) {
    for (const file of localModules(await graphOf(root, entry), root)) files.add(file);
  }
  for (const folder of ASSETS) {
    for (const file of filesUnder(root, folder)) files.add(file);
  }
  return Array.from(files).sort();
}

async function graphOf(root: string, entry: string): Promise<ModuleGraph> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--frozen", "--json", entry],
    cwd: root,
  }).output();
  if (!success) throw new Error(`Cannot read the modules of ${entry}: ${text(stderr)}`);
  return JSON.parse(text(stdout));
}

/** The project's own modules; those of packages come with the lock file. */
function localModules({ modules }: ModuleGraph, root: string): string[] {
  return modules.filter(({ specifier }) => specifier.startsWith("file:")).map(
    ({ specifier, error }) => {
      if (error !== undefined) throw new Error(`Cannot read ${specifier}: ${error}`);
      return relative(root, fileURLToPath(specifier)).replaceAll("\\", "/");
    },
  );
}

function filesUnder(root: string, folder: string): string[] {
  return Array.from(Deno.readDirSync(`${root}/${folder}`)).flatMap(({ name, isDirectory }) =>
    isDirectory ? filesUnder(root, `${folder}/${name}`) : [`${folder}/${name}`]
  );
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
