import project from "../deno.json" with { type: "json" };
import { type Commit, commitOf } from "./commit.ts";

export const { version } = project;

/** What this very program was built of. */
export interface Build {
  readonly commit: Commit | undefined;
  /** Of Deno. */
  readonly runtime: string;
  readonly v8: string;
  /** Such as `x86_64-unknown-linux-gnu`. */
  readonly target: string;
  /** A compiled program; else Deno runs it from sources. */
  readonly standalone: boolean;
}

export function thisBuild(): Build {
  const { standalone, target } = Deno.build;
  const { deno: runtime, v8 } = Deno.version;
  return { commit: commitOf(readSource, standalone), runtime, v8, target, standalone };
}

/** The version first, so that a script takes the first word. */
export function versionLine(version: string, build: Build): string {
  const { commit, runtime, v8, target, standalone } = build;
  return `${version} (${commitText(commit)}, Deno ${runtime}, V8 ${v8}, ${target}, ${
    standalone ? "compiled" : "from sources"
  })`;
}

function commitText(commit: Commit | undefined): string {
  if (!commit) return "commit unknown";
  const { hash, date, isChanged = false } = commit;
  const day = date === undefined ? "" : ` of ${date.slice(0, 10)}`;
  return `commit ${hash.slice(0, 12)}${day}${isChanged ? " and changes since" : ""}`;
}

function readSource(path: string): Uint8Array | undefined {
  try {
    return Deno.readFileSync(new URL(`../${path}`, import.meta.url));
  } catch {
    return undefined;
  }
}
