import { type Invite, invitePath } from "../auth/mod.ts";
import type { Config } from "../config/mod.ts";
import type { Accounts } from "./accounts.ts";
import { type ExitCode, report } from "./report.ts";
import type { Terminal } from "./terminal.ts";

/** Makes an invitation and prints its link, which is shown this once. */
export function invite(
  seconds: number,
  { http, auth }: Config,
  { invites }: Accounts,
  terminal: Terminal,
): ExitCode {
  const base = addressOf(http);
  const code = report(
    invites.make(seconds, "command-line"),
    ({ token }) => base + invitePath(token),
    terminal,
  );
  if (auth.registration === "closed") {
    terminal.err("It opens nothing until the server runs with HEARTH_REGISTRATION=invite.");
  }
  return code;
}

/** Where an invited person opens the link: a proxy in front of us is there for TLS. */
function addressOf({ publicHost = "localhost", port, trustedProxies }: Config["http"]): string {
  const host = publicHost.includes(":") ? `[${publicHost}]` : publicHost;
  return trustedProxies.length > 0 ? `https://${host}` : `http://${host}:${port}`;
}

export function listInvites({ invites }: Accounts, terminal: Terminal): ExitCode {
  for (const each of invites.list()) {
    terminal.out(`${each.id}\tby ${each.madeBy}\t${stateOf(each)}`);
  }
  return 0;
}

export function withdraw(number: string, { invites }: Accounts, terminal: Terminal): ExitCode {
  const withdrawn = invites.withdraw(Number(number), "command-line");
  return report(withdrawn, ({ id }) => `Invitation ${id} withdrawn.`, terminal);
}

function stateOf({ usedBy, expiresAt }: Invite): string {
  return usedBy === undefined
    ? `until ${new Date(expiresAt).toISOString().slice(0, 16)}Z`
    : `used by ${usedBy}`;
}
