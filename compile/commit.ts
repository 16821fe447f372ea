/** Writes down which commit is compiled, where git can tell. */

/** As `hearth version` reads it: see `cli/commit.ts`. */
export const COMMIT_FILE = "commit.json";

/** Undefined outside a checkout, or without git. */
export async function currentCommit(folder: string): Promise<object | undefined> {
  const [log, status] = await Promise.all([
    git(folder, "log", "-1", "--format=%H %cI"),
    git(folder, "status", "--porcelain", "--untracked-files=no"),
  ]);
  const [hash, date] = log?.trim().split(" ") ?? [];
  if (!hash) return undefined;
  return { hash, date, isChanged: status !== undefined && status.trim() !== "" };
}

/** The file that the compiled program carries; gone again when this is disposed of. */
export async function writeCommit(folder: string): Promise<AsyncDisposable> {
  const path = `${folder}/${COMMIT_FILE}`;
  await Deno.writeTextFile(path, JSON.stringify(await currentCommit(folder) ?? null));
  return { [Symbol.asyncDispose]: () => Deno.remove(path) };
}

async function git(folder: string, ...args: string[]): Promise<string | undefined> {
  try {
    const command = new Deno.Command("git", { args, cwd: folder, stderr: "null" });
    const { success, stdout } = await command.output();
    return success ? new TextDecoder().decode(stdout) : undefined;
  } catch {
    return undefined;
  }
}
