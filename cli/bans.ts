import type { Accounts } from "./accounts.ts";
import { type ExitCode, refuse, report } from "./report.ts";
import type { Terminal } from "./terminal.ts";

/** No name has a dot, a colon or a slash, and every address has one. */
const ADDRESS = /[.:/]/;

export function ban(
  who: string,
  seconds: number,
  { users, bans }: Accounts,
  terminal: Terminal,
): ExitCode {
  if (ADDRESS.test(who)) {
    const banned = bans.add(who, seconds, "command-line");
    return report(banned, ({ network, until }) => bannedLine(network, until), terminal);
  }
  const change = users.ban(who, seconds);
  if (change.kind === "refused") return refuse(terminal, change.message);
  terminal.out(bannedLine(change.user.name, change.user.bannedUntil ?? 0));
  return 0;
}

export function unban(who: string, { users, bans }: Accounts, terminal: Terminal): ExitCode {
  if (ADDRESS.test(who)) {
    const lifted = bans.remove(who, "command-line");
    return report(lifted, ({ network }) => `${network} may come again.`, terminal);
  }
  const change = users.unban(who);
  if (change.kind === "refused") return refuse(terminal, change.message);
  terminal.out(`${change.user.name} may come again.`);
  return 0;
}

export function listBans({ users, bans }: Accounts, terminal: Terminal): ExitCode {
  for (const { network, until } of bans.list()) terminal.out(bannedLine(network, until));
  for (const { name, bannedUntil } of users.list()) {
    if (bannedUntil !== undefined) terminal.out(bannedLine(name, bannedUntil));
  }
  return 0;
}

function bannedLine(who: string, until: number): string {
  return `${who} banned until ${new Date(until).toISOString().slice(0, 16)}Z.`;
}
