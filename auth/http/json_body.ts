import { type Node, type ParseError, parseTree } from "jsonc-parser";

export type JsonBody =
  | { readonly kind: "json"; readonly value: unknown }
  | { readonly kind: "bad"; readonly message: string };

/**
 * Reads JSON (RFC 8259), or says where it stops being that; the text itself is never quoted. A name
 * that stands twice in the outermost object is refused (RFC 8259 §4): whoever reads the first, as a
 * filter in front of us may, and whoever reads the last would see different requests.
 */
export function parseJson(bytes: Uint8Array): JsonBody {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return { kind: "bad", message: "The body is not UTF-8." };
  }
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { disallowComments: true });
  try {
    const value = JSON.parse(text);
    return hasTwins(tree) ? { kind: "bad", message: "A name stands twice." } : {
      kind: "json",
      value,
    };
  } catch {
    // V8 does not always say where; the other parser does.
    const at = errors[0]?.offset ?? text.length;
    return { kind: "bad", message: `The body is not JSON: an error at position ${at}.` };
  }
}

function hasTwins(tree: Node | undefined): boolean {
  if (tree?.type !== "object" || !tree.children) return false;
  const names = tree.children.map(({ children }) => children?.[0]?.value);
  return new Set(names).size < names.length;
}
