import type { Accounts, Change, User } from "./accounts.ts";
import type { CommandName } from "./commands.ts";
import { readPassword } from "./password.ts";
import type { Terminal } from "./terminal.ts";

type ExitCode = 0 | 1;

export type UserCommand = Extract<CommandName, `user${string}`>;

/** Carries out one `user …` command; the exit code. */
export async function userCommand(
  command: UserCommand,
  name: string,
  { users }: Accounts,
  terminal: Terminal,
): Promise<ExitCode> {
  switch (command) {
    case "userList":
      return listUsers(users.list(), terminal);
    case "userAdd":
      return await withPassword(terminal, (password) => users.add(name, password), "added");
    case "userPassword":
      return await withPassword(
        terminal,
        (password) => users.setPassword(name, password),
        "has a new password",
      );
    case "userDisable":
      return report(users.disable(name), "disabled", terminal);
    case "userEnable":
      return report(users.enable(name), "enabled", terminal);
    case "userRemove":
      return report(users.remove(name), "removed", terminal);
  }
}

async function withPassword(
  terminal: Terminal,
  change: (password: string) => Promise<Change>,
  done: string,
): Promise<ExitCode> {
  const read = await readPassword(terminal);
  switch (read.kind) {
    case "given":
      return report(await change(read.password), done, terminal);
    case "refused":
      terminal.err(read.message);
      return 1;
    case "cancelled":
      terminal.err("Cancelled; nothing was changed.");
      return 1;
  }
}

function report(change: Change, done: string, terminal: Terminal): ExitCode {
  if (change.kind === "refused") {
    terminal.err(change.message);
    return 1;
  }
  terminal.out(`${change.user.name} ${done}.`);
  return 0;
}

function listUsers(users: readonly User[], terminal: Terminal): ExitCode {
  for (const { name, disabled, createdAt } of users) {
    const since = new Date(createdAt).toISOString().slice(0, 10);
    terminal.out(`${name}\t${disabled ? "disabled" : "enabled"}\tsince ${since}`);
  }
  if (users.length === 0) terminal.err("There are no accounts yet.");
  return 0;
}
