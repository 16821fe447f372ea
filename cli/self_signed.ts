import type { Config } from "../config/mod.ts";
import { DAYS, selfSigned } from "../tls/mod.ts";
import { type ExitCode, refuse } from "./report.ts";
import type { Terminal } from "./terminal.ts";

/** Makes the files that TLS looks for, where there are none yet. `now`: Unix milliseconds. */
export async function makeSelfSigned(
  { tls, http, dataDir }: Config,
  lanIps: readonly string[],
  now: number,
  terminal: Terminal,
): Promise<ExitCode> {
  if (tls.isNamed) {
    const problem = "HEARTH_TLS_CERTIFICATE and HEARTH_TLS_KEY name files already: those are used.";
    return refuse(terminal, problem);
  }
  const { publicHost } = http;
  const own = ["localhost", "127.0.0.1", "::1", ...lanIps];
  const names = [...new Set(publicHost === undefined ? own : [publicHost, ...own])];
  const { certificate, key } = await selfSigned(names, now);
  try {
    await Deno.mkdir(dataDir, { recursive: true, mode: 0o700 });
    await Deno.writeTextFile(tls.key, key, { createNew: true, mode: 0o600 });
    await Deno.writeTextFile(tls.certificate, certificate, { createNew: true });
  } catch (error) {
    return refuse(
      terminal,
      error instanceof Deno.errors.AlreadyExists
        ? `${error.message}. To have another one made, move ${tls.certificate} and ${tls.key} away.`
        : `Cannot write in ${dataDir}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  terminal.out(`Made ${tls.certificate} and ${tls.key} for ${names.join(", ")}; ${DAYS} days.`);
  terminal.out("The server speaks TLS from its next start.");
  terminal.out("Browsers ask once whether to trust it, and never take it for `turns:`.");
  return 0;
}
