import { dirname } from "node:path";
import { randomBytes } from "node:crypto";
import type { AuthEvent } from "./events.ts";
import { failed, type Opened, type OpenFailure, reason } from "./opened.ts";

/** Read and written by the owner, by nobody else. */
const PRIVATE = 0o600;
const OTHERS = 0o077;

/** Makes the data folder, for its owner only, where it is not there yet. */
export async function makeDataDir(dataDir: string): Promise<OpenFailure | undefined> {
  try {
    await Deno.mkdir(dataDir, { recursive: true, mode: 0o700 });
    return undefined;
  } catch (error) {
    return failed(
      "unreadable",
      `Cannot make the data folder ${dataDir}: ${
        reason(error)
      }. Name another with HEARTH_DATA_DIR.`,
    );
  }
}

/**
 * The text of a file that only its owner may read; where there is none, it is made with what `make`
 * returns. Whole or absent after a crash, and the same for two processes that start at once.
 */
export async function loadOrMake(
  path: string,
  make: () => string | Promise<string>,
  note: (event: AuthEvent) => void,
): Promise<Opened<string>> {
  try {
    if (!await exists(path)) await create(path, await make());
  } catch (error) {
    return failed("unreadable", `Cannot read or make ${path}: ${reason(error)}.`);
  }
  return await load(path, note);
}

/** The text of such a file, which has to be there. */
export async function load(
  path: string,
  note: (event: AuthEvent) => void,
): Promise<Opened<string>> {
  try {
    const exposed = await closeToOthers(path, note);
    return exposed ?? { kind: "open", value: await Deno.readTextFile(path) };
  } catch (error) {
    return failed("unreadable", `Cannot read ${path}: ${reason(error)}.`);
  }
}

/** Makes an empty file that only its owner may read, unless there is a file already. */
export async function touch(path: string): Promise<void> {
  if (!await exists(path)) await create(path, "");
}

/**
 * Takes from a file what others may do with it, and says so: it may have been read already. A copy
 * from a backup often comes with mode 644.
 */
export async function closeToOthers(
  path: string,
  note: (event: AuthEvent) => void,
): Promise<OpenFailure | undefined> {
  const { mode } = await Deno.stat(path);
  // Windows has no mode; the user's own folder is closed to others there.
  if (mode === null || (mode & OTHERS) === 0) return undefined;
  const was = (mode & 0o777).toString(8);
  try {
    await Deno.chmod(path, PRIVATE);
  } catch (error) {
    return failed(
      "exposed",
      `Other users of this machine can read ${path} (mode ${was}), and that cannot be changed: ${
        reason(error)
      }. Run: chmod 600 ${path}`,
    );
  }
  note({ kind: "closed-to-others", path, mode: was });
  return undefined;
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** link(2), not rename(2): it fails where the file is there by now, and the first maker wins. */
async function create(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString("hex")}.new`;
  try {
    using file = await Deno.open(draft, { write: true, createNew: true, mode: PRIVATE });
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
    await file.sync();
    await Deno.link(draft, path);
    await syncFolder(dirname(path));
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  } finally {
    await Deno.remove(draft).catch(() => {});
  }
}

/** A new name is durable once its folder is (fsync(2)). Windows cannot open a folder. */
async function syncFolder(path: string): Promise<void> {
  if (Deno.build.os === "windows") return;
  using folder = await Deno.open(path, { read: true });
  await folder.sync();
}
