/** Copies what pages use of packages into `pages`, each file headed by its licence. */
const [folder = "web/pages"] = Deno.args;

/** `main` is where the import of a package leads to: Deno has unpacked it into its cache. */
async function vendor(
  main: string,
  files: readonly { from: string; to: string; change?: (text: string) => string }[],
): Promise<void> {
  const root = new URL("../", main);
  const licence = await Deno.readTextFile(new URL("LICENSE", root));
  for (const { from, to, change = (text: string) => text } of files) {
    const text = await Deno.readTextFile(new URL(`dist/${from}`, root));
    await Deno.writeTextFile(`${folder}/${to}`, change(`/*!\n${licence.trim()}\n*/\n${text}`));
  }
}

/** For scripts whose types lie beside them. */
const typedBy = (types: string) => (text: string) =>
  `// @ts-nocheck\n// @ts-self-types="./${types}"\n${text}`;
/** Its names of the DOM are unknown to the project's own check, which is made for Deno. */
const unchecked = (text: string) => `// @ts-nocheck\n${text}`;

await vendor(import.meta.resolve("uplot"), [
  { from: "uPlot.esm.js", to: "uplot.js", change: typedBy("uplot.d.ts") },
  {
    from: "uPlot.d.ts",
    to: "uplot.d.ts",
    // What is said of the CommonJS file, for the ES module.
    change: (text) =>
      unchecked(text).replace("export =", "export default")
        .replace("export as namespace uPlot;\n", ""),
  },
  { from: "uPlot.min.css", to: "uplot.css" },
]);
await vendor(import.meta.resolve("uqr"), [
  { from: "index.mjs", to: "uqr.js", change: typedBy("uqr.d.ts") },
  { from: "index.d.mts", to: "uqr.d.ts", change: unchecked },
]);
