import { check, isBroken, type Report, reportLines, type RouterFact } from "../check/mod.ts";
import type { Config } from "../config/mod.ts";
import { hasCertificate } from "../tls/mod.ts";
import { openSecrets } from "./open_accounts.ts";
import type { FollowedAddresses, Running } from "./follow_addresses.ts";
import type { ExitCode } from "./report.ts";
import type { Terminal } from "./terminal.ts";

/** Prints what was found. A data folder without a secret is one of the things to be found. */
export async function checkCommand(
  config: Config,
  asJson: boolean,
  terminal: Terminal,
  look: typeof check = check,
): Promise<ExitCode> {
  const secrets = await openSecrets(config);
  const secret = secrets.kind === "open" ? secrets.value[0] : crypto.randomUUID();
  const tlsPort = hasCertificate(config.tls) ? config.tls.port : undefined;
  const report = await look({ ...config, tlsPort }, { secret, progress: terminal.progress });
  const lines = asJson ? [JSON.stringify(report, null, 2)] : reportLines(report);
  for (const line of lines) terminal.out(line);
  return isBroken(report) ? 1 : 0;
}

/** The same from the server that runs. */
export async function checkRunning(
  running: Running,
  secret: string,
  addresses: Pick<FollowedAddresses, "asks" | "news">,
  look: typeof check = check,
): Promise<Report> {
  return await look(running, { secret, serving: { router: routerFact(running, addresses) } });
}

function routerFact(
  running: Running,
  { asks, news }: Pick<FollowedAddresses, "asks" | "news">,
): RouterFact {
  if (running.router === "off") return { kind: "off" };
  if (!asks) return { kind: "nobody" };
  return news ?? { kind: "not-forwarded", whys: ["it has not answered yet"] };
}
