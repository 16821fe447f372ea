/** Which commit of the sources this program is. */
import { inflateSync } from "node:zlib";
import * as v from "valibot";

export interface Commit {
  readonly hash: string;
  /** ISO 8601, where it can be told. */
  readonly date?: string | undefined;
  /** Files were changed since and not committed, as far as is known. */
  readonly isChanged?: boolean | undefined;
}

/** Where `compile` writes it, for the compiled program to carry. */
export const COMMIT_FILE = "commit.json";

const Embedded = v.object({
  hash: v.string(),
  date: v.optional(v.string()),
  isChanged: v.optional(v.boolean()),
});

/** A file by its path from the sources' folder; undefined where it is not there or not ours to read. */
export type ReadFile = (path: string) => Uint8Array | undefined;

/** Undefined where nothing tells: neither compiled with it nor in a checkout that may be read. */
export function commitOf(read: ReadFile, standalone: boolean): Commit | undefined {
  return standalone ? embedded(read) : checkedOut(read);
}

function embedded(read: ReadFile): Commit | undefined {
  const json = text(read(COMMIT_FILE));
  if (json === undefined) return undefined;
  const parsed = v.safeParse(Embedded, JSON.parse(json));
  return parsed.success ? parsed.output : undefined;
}

/** gitrepository-layout(5) */
function checkedOut(read: ReadFile): Commit | undefined {
  const head = text(read(".git/HEAD"))?.trim() ?? "";
  const [, ref] = /^ref: (refs\/[\w./-]+)$/.exec(head) ?? [];
  const named = ref === undefined ? head : text(read(`.git/${ref}`))?.trim() ?? packed(read, ref);
  if (named === undefined || !/^[0-9a-f]{40,64}$/.test(named)) return undefined;
  return { hash: named, date: dateOf(read(`.git/objects/${named.slice(0, 2)}/${named.slice(2)}`)) };
}

function packed(read: ReadFile, ref: string): string | undefined {
  const lines = text(read(".git/packed-refs"))?.split("\n") ?? [];
  return lines.find((line) => line.endsWith(` ${ref}`))?.split(" ")[0];
}

/** Of a loose object: a line of it is `committer NAME <MAIL> UNIXSECONDS ZONE`. */
function dateOf(object: Uint8Array | undefined): string | undefined {
  if (!object) return undefined;
  const [, seconds] =
    /^committer .* (\d{1,11}) [+-]\d{4}$/m.exec(text(inflateSync(object)) ?? "") ??
      [];
  return seconds === undefined ? undefined : new Date(Number(seconds) * 1_000).toISOString();
}

function text(bytes: Uint8Array | undefined): string | undefined {
  return bytes && new TextDecoder().decode(bytes);
}
