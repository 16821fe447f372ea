import { dirname, posix } from "node:path";

/** For each top-level folder, the folders it may import. Anything not listed imports none. */
const MAY_IMPORT = new Map<string, readonly string[]>([
  [
    "main.ts",
    ["cli", "config", "ops", "auth", "signaling", "tls", "turn", "check", "web"],
  ],
  ["cli", ["config", "ops", "auth", "tls", "turn", "router", "check", "beat", "progress"]],
  ["compile", ["progress"]],
  ["check", ["router", "turn"]],
  ["ops", ["beat", "ip"]],
  ["auth", ["beat", "ip"]],
  ["signaling", ["ip"]],
  ["tls", ["beat", "ip"]],
  ["turn", ["beat"]],
]);

/** Folders that look at everything from outside: they may open any file. */
const OUTSIDE = new Set(["tests", "bench", "lint", "docs"]);

const ROOT = dirname(import.meta.dirname ?? "");

/** Imports point one way, and enter another folder only through its `mod.ts`. */
export const oneWay: Deno.lint.Rule = {
  create(context) {
    const file = pathInProject(context.filename);
    const from = file.split("/")[0] ?? "";
    if (OUTSIDE.has(from)) return {};
    const check = (node: Deno.lint.Node, source: string) => {
      if (!source.startsWith(".")) return;
      const problem = judge(file, posix.join(posix.dirname(file), source));
      if (problem) context.report({ node, message: problem });
    };
    return {
      ImportDeclaration: (node) => check(node, node.source.value),
      ExportAllDeclaration: (node) => check(node, node.source.value),
      ExportNamedDeclaration: (node) => node.source && check(node, node.source.value),
      ImportExpression(node) {
        if (node.source.type === "Literal" && typeof node.source.value === "string") {
          check(node, node.source.value);
        }
      },
    };
  },
};

function pathInProject(filename: string): string {
  const path = filename.replaceAll("\\", "/");
  const root = ROOT.replaceAll("\\", "/") + "/";
  return path.startsWith(root) ? path.slice(root.length) : path;
}

/** What is wrong with `file` importing `target` (both from the project's root), if anything is. */
function judge(file: string, target: string): string | undefined {
  if (target.endsWith(".json")) return undefined;
  const [from, to] = [file.split("/")[0] ?? "", target.split("/")[0] ?? ""];
  const folder = posix.dirname(file);
  const targetFolder = posix.dirname(target);
  const isDoor = posix.basename(target) === "mod.ts";
  if (from !== to) {
    if (OUTSIDE.has(to) || !MAY_IMPORT.get(from)?.includes(to)) {
      return `\`${from}\` may not import \`${to}\`: imports point one way (see ARCHITECTURE.md).`;
    }
    return targetFolder === to && isDoor
      ? undefined
      : `Import \`${to}/mod.ts\`: a folder has one door.`;
  }
  if (targetFolder === folder) return undefined;
  const above = folder.startsWith(targetFolder + "/");
  if (above) {
    return isDoor
      ? `\`${target}\` is the door to this folder: importing it makes a cycle.`
      : undefined;
  }
  return isDoor ? undefined : `Import \`${targetFolder}/mod.ts\`: a folder has one door.`;
}
