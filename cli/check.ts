import { check, isBroken, reportLines } from "../check/mod.ts";
import type { Config } from "../config/mod.ts";
import { hasCertificate } from "../tls/mod.ts";
import { openSecrets } from "./open_accounts.ts";
import type { ExitCode } from "./report.ts";
import type { Terminal } from "./terminal.ts";

/** Prints what was found. A data folder without a secret is one of the things to be found. */
export async function checkCommand(
  config: Config,
  asJson: boolean,
  terminal: Terminal,
): Promise<ExitCode> {
  const secrets = await openSecrets(config);
  const secret = secrets.kind === "open" ? secrets.value[0] : crypto.randomUUID();
  const tlsPort = hasCertificate(config.tls) ? config.tls.port : undefined;
  const report = await check({ ...config, tlsPort }, { secret });
  const lines = asJson ? [JSON.stringify(report, null, 2)] : reportLines(report);
  for (const line of lines) terminal.out(line);
  return isBroken(report) ? 1 : 0;
}
