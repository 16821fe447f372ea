import { resolve } from "node:path";
import type { Accounts } from "./accounts.ts";
import { type ExitCode, refuse } from "./report.ts";
import type { Terminal } from "./terminal.ts";

/** Copies the database to a new file; a relative one lies in the data folder. */
export async function backUp(
  file: string,
  dataDir: string,
  { moderation }: Accounts,
  terminal: Terminal,
): Promise<ExitCode> {
  const copied = await moderation.backUp(
    resolve(dataDir, file),
    (share) => terminal.progress(`Copying: ${Math.floor(share * 100)} %`),
  );
  terminal.progress("");
  if (copied.kind === "failed") {
    return refuse(terminal, `${copied.message} This command may write in ${dataDir} alone.`);
  }
  terminal.out(`Copied to ${copied.path}.`);
  return 0;
}
