/**
 * What some tests need beyond Deno, how to tell whether it is there, and how to get it. A test that
 * needs a tool says so with `ignore: lacks("chromium")`; `tests/run.ts` prints what was skipped.
 */

export interface Tool {
  readonly name: string;
  readonly present: boolean;
  /** What goes untested without it. */
  readonly covers: string;
  /** What to type to get it. */
  readonly get: string;
}

export type ToolName =
  | "chromium"
  | "coturn"
  | "netns"
  | "miniupnpd"
  | "go"
  | "gcc"
  | "curl"
  | "git"
  | "tmpfs"
  | "script"
  | "node22";

function found(program: string): boolean {
  const folders = (Deno.env.get("PATH") ?? "").split(":").concat("/usr/sbin", "/sbin");
  return folders.some((folder) => {
    try {
      return Deno.statSync(`${folder}/${program}`).isFile;
    } catch {
      return false;
    }
  });
}

function succeeds(program: string, ...args: string[]): boolean {
  try {
    return new Deno.Command(program, { args, stdout: "null", stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

/** Namespaces may be refused even to root (containers), so only making one tells. */
function canMakeNamespace(): boolean {
  const name = `hearth-probe-${Deno.pid}`;
  if (!found("ip") || !found("nft") || !succeeds("ip", "netns", "add", name)) return false;
  return succeeds("ip", "netns", "delete", name);
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

/** In a namespace of its own, which takes the mount with it when it ends. */
function canMount(): boolean {
  return succeeds("unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt");
}

/** What `npx` is given to run Node 22. */
export const NODE_22 = ["--yes", "node@22"];

const probes: Record<ToolName, () => Omit<Tool, "name">> = {
  chromium: () => ({
    present: found("chromium"),
    covers: "the pages and WebRTC in a real browser",
    get: "apt-get install chromium",
  }),
  coturn: () => ({
    present: found("turnutils_uclient"),
    covers: "TURN against coturn's own clients",
    get: "apt-get install coturn",
  }),
  netns: () => ({
    present: canMakeNamespace(),
    covers: "two browsers behind real NATs and a firewall",
    get: "run as root on Linux, with: apt-get install iproute2 nftables",
  }),
  miniupnpd: () => ({
    present: found("miniupnpd"),
    covers: "a real router that is asked to forward ports",
    get: "apt-get install miniupnpd",
  }),
  gcc: () => ({
    present: found("gcc"),
    covers: "the floor that relaying is measured against",
    get: "apt-get install gcc libc6-dev",
  }),
  go: () => ({
    present: found("go") && exists("/usr/share/gocode/src/github.com/pion/webrtc"),
    covers: "a Go client with pion",
    get: "apt-get install golang-go golang-github-pion-webrtc.v3-dev",
  }),
  curl: () => ({
    present: found("curl"),
    covers: "login with curl",
    get: "apt-get install curl",
  }),
  git: () => ({
    present: found("git"),
    covers: "which commit a program says it is",
    get: "apt-get install git",
  }),
  tmpfs: () => ({
    present: canMount(),
    covers: "the program on a disk that is full",
    get: "run as root on Linux, where mounting is allowed",
  }),
  script: () => ({
    present: succeeds("script", "-qec", "true", "/dev/null"),
    covers: "what commands show on a terminal",
    get: "apt-get install bsdutils",
  }),
  node22: () => ({
    present: found("npx") && succeeds("npx", ...NODE_22, "--version"),
    covers: "the client library in Node 22",
    get: "apt-get install npm (npx then fetches Node 22 from the npm registry)",
  }),
};

const known = new Map<ToolName, Tool>();

export function tool(name: ToolName): Tool {
  const seen = known.get(name);
  if (seen) return seen;
  const probed = { name, ...probes[name]() };
  known.set(name, probed);
  return probed;
}

/** Whether any of the tools is missing: the value for a test's `ignore`. */
export function lacks(...names: ToolName[]): boolean {
  return names.some((name) => !tool(name).present);
}

export function allTools(): Tool[] {
  return (Object.keys(probes) as ToolName[]).map(tool);
}
