/** What this machine says of itself. */
import { isIPv6 } from "node:net";
import type { CheckedConfig } from "../config.ts";
import type { Fact, FolderState } from "../core/mod.ts";
import { portsOf } from "./network.ts";

/** Enough for a thousand players. */
const SOCKETS_TRIED = 3_072;

/** What costs next to nothing to know. */
export async function gatherMachine(config: CheckedConfig): Promise<Fact[]> {
  return [
    ...gatherPermissions(config),
    await gatherFolder(config.dataDir),
    await gatherClock(config.dataDir),
  ];
}

function gatherPermissions({ dataDir }: CheckedConfig): Fact[] {
  const wanted: readonly [name: string, descriptor: Deno.PermissionDescriptor][] = [
    ["The network", { name: "net" }],
    ["Reading network interfaces", { name: "sys", kind: "networkInterfaces" }],
    ["Reading the data folder", { name: "read", path: dataDir }],
  ];
  return wanted.map(([name, descriptor]) => ({
    kind: "permission",
    name,
    granted: isGranted(descriptor),
  }));
}

/** Where a part is denied, as the tasks do for the network, the rest is granted all the same. */
function isGranted(descriptor: Deno.PermissionDescriptor): boolean {
  return Deno.permissions.querySync(descriptor).state === "granted";
}

async function gatherFolder(path: string): Promise<Fact> {
  return { kind: "data-folder", path, state: await stateOf(path) };
}

async function stateOf(path: string): Promise<FolderState> {
  try {
    const { isDirectory, mode } = await Deno.stat(path);
    if (!isDirectory) return { kind: "unusable", why: "it is no folder" };
    // A running server has given up writing by itself.
    if (isGranted({ name: "write", path })) {
      const probe = await Deno.makeTempFile({ dir: path, prefix: ".check-" });
      await Deno.remove(probe);
    }
    return mode !== null && (mode & 0o022) !== 0 && Deno.build.os !== "windows"
      ? { kind: "open-to-others", mode: mode & 0o777 }
      : { kind: "usable" };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { kind: "absent" };
    return { kind: "unusable", why: error instanceof Error ? error.message : String(error) };
  }
}

async function gatherClock(dataDir: string): Promise<Fact> {
  const moment = (ms: number) => ({ ms, text: `${new Date(ms).toISOString().slice(0, 16)}Z` });
  let newest: number | undefined;
  try {
    for await (const { name, isFile } of Deno.readDir(dataDir)) {
      if (!isFile) continue;
      const { mtime } = await Deno.stat(`${dataDir}/${name}`);
      if (mtime && !(newest !== undefined && newest >= mtime.getTime())) newest = mtime.getTime();
    }
  } catch {
    // What cannot be read is told with the folder.
  }
  return {
    kind: "clock",
    now: moment(Date.now()),
    lastWrite: newest === undefined ? undefined : moment(newest),
  };
}

/**
 * The system's limit cannot be read (Deno 2.9.6 keeps /proc shut): so it is tried, which takes
 * half a second.
 */
export function tryDescriptors(): Fact {
  const opened: Deno.DatagramConn[] = [];
  try {
    while (opened.length < SOCKETS_TRIED) {
      opened.push(Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 }));
    }
  } catch {
    // That is the limit.
  }
  for (const socket of opened) socket.close();
  return { kind: "descriptors", opened: opened.length, tried: SOCKETS_TRIED };
}

export function gatherIpv6(config: CheckedConfig): Fact {
  const { http, turn } = config;
  // 2000::/3 is what the internet routes (RFC 4291 §2.4).
  const publicIps = Deno.networkInterfaces().map(({ address }) => address)
    .filter((ip) => isIPv6(ip) && /^[23]/.test(ip));
  const listens = { http: http.host.includes(":"), turn: turn.hosts.some((h) => h.includes(":")) };
  return { kind: "ipv6", publicIps, listens, ports: portsOf(config) };
}
