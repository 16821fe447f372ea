import { getNodeValue, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";

/** A configuration file that was read, as the names and values that stand in it. */
export interface ConfigFile {
  readonly path: string;
  readonly values: ReadonlyMap<string, unknown>;
}

export type FileRead =
  | { readonly ok: true; readonly file?: ConfigFile }
  | { readonly ok: false; readonly problem: string };

/** Looked for in the working folder where no other is named. */
const DEFAULT_PATH = "hearth.json";

/** Reads the file at `path`, which must exist, or `hearth.json` where there is one. */
export function readConfigFile(path: string | undefined): FileRead {
  const name = path ?? DEFAULT_PATH;
  try {
    return parseConfigFile(name, Deno.readTextFileSync(name));
  } catch (error) {
    if (path === undefined && error instanceof Deno.errors.NotFound) return { ok: true };
    if (error instanceof Deno.errors.NotCapable) {
      return failed(name, "reading it is not permitted; put it into the program's folder");
    }
    if (error instanceof Deno.errors.NotFound) return failed(name, "there is no such file");
    return failed(name, error instanceof Error ? error.message : String(error));
  }
}

/** Parses JSON with comments. */
export function parseConfigFile(path: string, text: string): FileRead {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first) {
    const before = text.slice(0, first.offset).split("\n");
    const at = `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
    return failed(path, `${printParseErrorCode(first.error)} at ${at}`);
  }
  if (root?.type !== "object") return failed(path, "it must hold one object, { … }");
  const values = new Map<string, unknown>();
  for (const property of root.children ?? []) {
    const [key, value] = property.children ?? [];
    if (key && value) values.set(String(key.value), getNodeValue(value));
  }
  return { ok: true, file: { path, values } };
}

function failed(path: string, why: string): FileRead {
  return { ok: false, problem: `Cannot read the configuration file ${path}: ${why}.` };
}
