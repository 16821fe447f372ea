import type { CheckedConfig } from "./config.ts";
import { judge, type Report, type RouterFact } from "./core/mod.ts";
import {
  gatherFirewall,
  gatherIpv6,
  gatherMachine,
  gatherNetwork,
  gatherPorts,
  tryDescriptors,
} from "./gather/mod.ts";

export interface CheckParts {
  /** The server's secret, by which the router knows its mappings. */
  readonly secret: string;
  /** Is told what is looked at now, and with an empty text that it is done. */
  readonly progress?: (what: string) => void;
  /** Where the server that runs asks for a check itself: what its router said last. */
  readonly serving?: { readonly router: RouterFact };
}

/** Looks at everything, and asks the router and whoever was named. It takes some seconds. */
export async function check(config: CheckedConfig, parts: CheckParts): Promise<Report> {
  const { secret, serving, progress = () => {} } = parts;
  progress("Looking at this machine…");
  const machine = await gatherMachine(config);
  // In a server that runs they are in use.
  const descriptors = serving ? [] : [tryDescriptors()];
  progress("Trying the ports…");
  const ports = await gatherPorts(config);
  progress("Asking the router, and whom you named, for this machine's address…");
  const network = await gatherNetwork({
    config,
    secret,
    isRunning: ports.some(({ state }) => state.kind === "ours"),
    ...serving,
  });
  progress("");
  const inside = [await gatherFirewall(config), gatherIpv6(config)];
  return { findings: judge([...ports, ...network, ...inside, ...machine, ...descriptors]) };
}

/** What can be told at once and asks nobody: for the start. */
export async function checkMachine(config: CheckedConfig): Promise<Report> {
  return { findings: judge(await gatherMachine(config)) };
}
