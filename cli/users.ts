import type { Change, Role, User } from "../auth/mod.ts";
import { subjectOf } from "../auth/mod.ts";
import { type Config, duration } from "../config/mod.ts";
import type { Accounts } from "./accounts.ts";
import { exportUsers, importUsers } from "./archive.ts";
import { backUp } from "./backup.ts";
import { ban, listBans, unban } from "./bans.ts";
import type { CommandName } from "./commands.ts";
import { invite, listInvites, withdraw } from "./invites.ts";
import { readPassword } from "./password.ts";
import { type ExitCode, refuse, report } from "./report.ts";
import type { Terminal } from "./terminal.ts";

export type UserCommand = Extract<CommandName, `user${string}`>;

export interface UserRequest {
  readonly command: UserCommand;
  readonly args: readonly string[];
  /** Those of the command's own that were given. */
  readonly flags: ReadonlyMap<string, string>;
  readonly config: Config;
}

const SIGNS = {
  "gently": "in five minutes; nobody is logged out",
  "at-once": "now; what older keys signed is refused, and clients renew it by their sessions",
} as const;

const BAN_FOR = "24h";
const INVITE_FOR = "7d";

/** Carries out one `user …` command; the exit code. */
export async function userCommand(
  { command, args: [name = "", second = ""], flags, config }: UserRequest,
  accounts: Accounts,
  terminal: Terminal,
): Promise<ExitCode> {
  const { users, moderation } = accounts;
  switch (command) {
    case "userList":
      return listUsers(users.list(), terminal);
    case "userAdd":
      return await withPassword(
        terminal,
        (password) => users.add(name, password, flags.has("host") ? { role: "host" } : {}),
        "added",
      );
    case "userPassword":
      return await withPassword(
        terminal,
        (password) => users.setPassword(name, password),
        "has a new password",
      );
    case "userDisable":
      return reportUser(users.disable(name), "disabled", terminal);
    case "userEnable":
      return reportUser(users.enable(name), "enabled", terminal);
    case "userRemove":
      return reportUser(users.remove(name), "removed", terminal);
    case "userRole":
      return isRole(second)
        ? reportUser(users.setRole(name, second), `is a ${second} now`, terminal)
        : refuse(terminal, `There is no role ${JSON.stringify(second)}: give host or player.`);
    case "userLogout":
      return reportUser(users.endSessions(name, "command-line"), "logged out", terminal);
    case "userKick": {
      const subject = subjectOf({ id: name.toLowerCase() });
      const kicked = moderation.kick(subject, "command-line");
      return report(kicked, () => `${name} kicked.`, terminal);
    }
    case "userBan":
    case "userInvite": {
      const fallback = command === "userBan" ? BAN_FOR : INVITE_FOR;
      const seconds = duration.parse(flags.get("for") ?? fallback);
      if (!seconds) return refuse(terminal, `--for: give ${duration.right}.`);
      return command === "userBan"
        ? ban(name, seconds, accounts, terminal)
        : invite(seconds, config, accounts, terminal);
    }
    case "userUnban":
      return unban(name, accounts, terminal);
    case "userBans":
      return listBans(accounts, terminal);
    case "userInvites":
      return listInvites(accounts, terminal);
    case "userWithdraw":
      return withdraw(name, accounts, terminal);
    case "userAudit":
      return audit(accounts, terminal);
    case "userExport":
      return exportUsers(accounts, terminal);
    case "userImport":
      return await importUsers(accounts, terminal);
    case "userBackup":
      return await backUp(name, config.dataDir, accounts, terminal);
    case "userRotateKeys": {
      const how = flags.has("now") ? "at-once" : "gently";
      const rotated = await accounts.keys.rotate(how, "command-line");
      return report(rotated, (kid) => `Key ${kid} signs ${SIGNS[how]}.`, terminal);
    }
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
      return reportUser(await change(read.password), done, terminal);
    case "refused":
      return refuse(terminal, read.message);
    case "cancelled":
      return refuse(terminal, "Cancelled; nothing was changed.");
  }
}

function reportUser(change: Change, done: string, terminal: Terminal): ExitCode {
  if (change.kind === "refused") return refuse(terminal, change.message);
  const { name, role } = change.user;
  terminal.out(`${name} ${done}${done === "added" && role === "host" ? " as host" : ""}.`);
  return 0;
}

function isRole(text: string): text is Role {
  return text === "host" || text === "player";
}

function listUsers(users: readonly User[], terminal: Terminal): ExitCode {
  for (const { name, role, disabled, bannedUntil, createdAt } of users) {
    const state = bannedUntil !== undefined
      ? `banned until ${minute(bannedUntil)}`
      : disabled
      ? "disabled"
      : "enabled";
    terminal.out(`${name}\t${role}\t${state}\tsince ${minute(createdAt).slice(0, 10)}`);
  }
  if (users.length === 0) terminal.err("There are no accounts yet.");
  return 0;
}

const AUDIT_LINES = 100;

function audit({ moderation }: Accounts, terminal: Terminal): ExitCode {
  for (const { at, by, action, target, detail } of moderation.audit(AUDIT_LINES).toReversed()) {
    terminal.out([new Date(at).toISOString(), by, action, target, detail ?? ""].join("\t").trim());
  }
  return 0;
}

/** Universal time, to the minute. */
function minute(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16)}Z`;
}
