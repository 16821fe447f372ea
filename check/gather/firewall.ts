/** What anybody may know of this machine's firewall. */
import type { CheckedConfig } from "../config.ts";
import type { Fact } from "../core/mod.ts";
import { portsOf } from "./network.ts";

/** Readable by everybody; the rules beside it are not. */
const UFW = "/etc/ufw/ufw.conf";
const SYSTEMS = ["linux", "darwin", "windows"] as const;

export async function gatherFirewall(config: CheckedConfig): Promise<Fact> {
  const os = SYSTEMS.find((system) => system === Deno.build.os) ?? "other";
  return { kind: "firewall", os, ufw: await isUfwOn(), ports: portsOf(config) };
}

/** Undefined where there is no ufw, or no permission to read of it, as in a server that runs. */
async function isUfwOn(): Promise<boolean | undefined> {
  const text = await Deno.readTextFile(UFW).catch(() => undefined);
  return text === undefined ? undefined : /^ENABLED=yes\s*$/m.test(text);
}
