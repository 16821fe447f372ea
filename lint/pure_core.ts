/** Globals that reach the clock, chance, the network, a file or the console. */
const IMPURE_GLOBALS = new Set([
  "Deno",
  "Date",
  "performance",
  "console",
  "crypto",
  "process",
  "fetch",
  "setTimeout",
  "setInterval",
  "clearTimeout",
  "clearInterval",
  "setImmediate",
  "queueMicrotask",
  "WebSocket",
  "Worker",
  "EventSource",
  "localStorage",
  "globalThis",
  "self",
  "window",
]);

/** What a core may take from Node's modules: functions whose result follows from their input alone. */
const PURE_IMPORTS = new Map([
  ["node:crypto", new Set(["createHash", "createHmac", "timingSafeEqual", "hash", "KeyObject"])],
  ["node:buffer", new Set(["Buffer"])],
]);

/**
 * Keeps every `core` folder free of clock, randomness, sockets and `Deno.*`: events and `now` go in,
 * effects come out, so a test can run the whole server on a fake network from a seed.
 */
export const pureCore: Deno.lint.Rule = {
  create(context) {
    if (!/[\\/]core[\\/]/.test(context.filename) || /[\\/]tests[\\/]/.test(context.filename)) {
      return {};
    }
    const report = (node: Deno.lint.Node, what: string) =>
      context.report({
        node,
        message:
          `${what} has no place in a core: it makes the result depend on more than the input.`,
        hint: "Pass the value or the effect in from the driver.",
      });
    return {
      Identifier(node) {
        if (IMPURE_GLOBALS.has(node.name) && isReference(node)) report(node, `\`${node.name}\``);
      },
      MemberExpression(node) {
        const random = node.object.type === "Identifier" && node.object.name === "Math" &&
          (node.property.type === "Identifier" ? node.property.name : undefined) === "random";
        if (random) report(node, "`Math.random`");
      },
      ImportExpression(node) {
        report(node, "A dynamic import");
      },
      ImportDeclaration(node) {
        const source = node.source.value;
        if (node.importKind === "type" || source.startsWith(".")) return;
        const pure = PURE_IMPORTS.get(source);
        if (!pure) return report(node, `An import of "${source}"`);
        for (const specifier of node.specifiers) {
          const name = specifier.type === "ImportSpecifier" &&
              specifier.imported.type === "Identifier"
            ? specifier.imported.name
            : "*";
          if (!pure.has(name)) report(specifier, `\`${name}\` of "${source}"`);
        }
      },
    };
  },
};

/** Whether an identifier stands for a value, not for a property, a key or a type of that name. */
function isReference(node: Deno.lint.Identifier): boolean {
  const parent = node.parent;
  switch (parent.type) {
    case "MemberExpression":
      return parent.object === node || parent.computed;
    case "Property":
      return parent.value === node && parent.key !== node || parent.computed;
    case "PropertyDefinition":
    case "MethodDefinition":
      return parent.key !== node;
    case "TSPropertySignature":
    case "TSMethodSignature":
    case "TSTypeReference":
    case "TSQualifiedName":
    case "ImportSpecifier":
    case "ExportSpecifier":
      return false;
    default:
      return true;
  }
}
