import { type ParseError, parseTree } from "jsonc-parser";

export type JsonBody =
  | { readonly kind: "json"; readonly value: unknown }
  | { readonly kind: "bad"; readonly message: string };

/** Reads JSON (RFC 8259), or says where it stops being that; the text itself is never quoted. */
export function parseJson(bytes: ArrayBuffer): JsonBody {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return { kind: "bad", message: "The body is not UTF-8." };
  }
  try {
    return { kind: "json", value: JSON.parse(text) };
  } catch {
    return { kind: "bad", message: `The body is not JSON: an error at position ${errorAt(text)}.` };
  }
}

/** V8 does not always say where; this parser does. */
function errorAt(text: string): number {
  const errors: ParseError[] = [];
  parseTree(text, errors, { disallowComments: true });
  return errors[0]?.offset ?? text.length;
}
