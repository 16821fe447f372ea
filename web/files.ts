import { createHash } from "node:crypto";

/** One file of a page, as it is sent. */
export interface PageFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The media type for `Content-Type`. */
  readonly type: string;
  /** A strong entity tag (RFC 9110 §8.8.3), quotes included. */
  readonly etag: string;
}

const TYPES = new Map([
  ["html", "text/html; charset=utf-8"],
  ["css", "text/css; charset=utf-8"],
  ["js", "text/javascript; charset=utf-8"],
  ["ts", "application/typescript; charset=utf-8"],
  ["svg", "image/svg+xml"],
]);

/**
 * Reads every file under `folder` into memory, by the path it is served at: `index.html` at `/`,
 * any other page without its `.html`. A file of a type that no browser page needs is a mistake of
 * ours, and throws.
 */
export function readPages(folder: URL): Map<string, PageFile> {
  const files = new Map<string, PageFile>();
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (isDirectory) {
      const inner = readPages(new URL(`${name}/`, folder));
      for (const [path, file] of inner) files.set(`/${name}${path}`, file);
      continue;
    }
    const type = TYPES.get(name.split(".").at(-1) ?? "");
    if (!type) throw new Error(`Cannot serve ${name}: its type is not in web/files.ts`);
    const bytes = Deno.readFileSync(new URL(name, folder));
    const etag = `"${createHash("sha256").update(bytes).digest("base64url")}"`;
    files.set(`/${name}`.replace(/\.html$/, "").replace(/\/index$/, "/"), { bytes, type, etag });
  }
  return files;
}
