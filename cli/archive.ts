import { parseSavedUser, type SavedUser } from "../auth/mod.ts";
import type { Accounts } from "./accounts.ts";
import { type ExitCode, refuse } from "./report.ts";
import type { Terminal } from "./terminal.ts";

/** Some 300,000 accounts. */
const MAX_IMPORT = 64 * 2 ** 20;
/** How many accounts between two lines of progress. */
const ACCOUNTS_A_LINE = 1_000;

/** Prints every account as a line of JSON. */
export function exportUsers({ users }: Accounts, terminal: Terminal): ExitCode {
  const all = users.export();
  for (const [index, saved] of all.entries()) {
    terminal.out(JSON.stringify(saved));
    if (index % ACCOUNTS_A_LINE === 0) terminal.progress(`${index + 1} of ${all.length} accounts`);
  }
  terminal.progress("");
  return 0;
}

/** Adds the accounts of an export that comes by standard input; all of them, or none. */
export async function importUsers({ users }: Accounts, terminal: Terminal): Promise<ExitCode> {
  let text = "";
  for (let more; (more = await terminal.read()) !== undefined;) {
    text += more;
    if (text.length > MAX_IMPORT) {
      return refuse(terminal, `More than ${MAX_IMPORT} characters came; nothing was changed.`);
    }
  }
  const saved: SavedUser[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const user = parseSavedUser(line);
    if (user.kind === "bad") {
      return refuse(terminal, `Line ${index + 1}: ${user.message} Nothing was changed.`);
    }
    saved.push(user.value);
    if (index % ACCOUNTS_A_LINE === 0) terminal.progress(`${index + 1} lines read`);
  }
  terminal.progress(`Adding ${saved.length} accounts…`);
  const imported = users.import(saved);
  terminal.progress("");
  if (imported.kind === "refused") {
    return refuse(terminal, `${imported.message} Nothing was changed.`);
  }
  terminal.out(`${saved.length} ${saved.length === 1 ? "account" : "accounts"} imported.`);
  return 0;
}
