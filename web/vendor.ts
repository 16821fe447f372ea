/** Copies what pages use of packages into `pages`, each file headed by its licence. */
const [folder = "web/pages"] = Deno.args;

/** Deno has unpacked the package into its cache. */
const uplot = new URL("../", import.meta.resolve("uplot"));
const licence = await Deno.readTextFile(new URL("LICENSE", uplot));
const heading = `/*!\n${licence.trim()}\n*/\n`;

async function copy(from: string, to: string, change = (text: string) => text): Promise<void> {
  const text = await Deno.readTextFile(new URL(`dist/${from}`, uplot));
  await Deno.writeTextFile(`${folder}/${to}`, change(heading + text));
}

const forTypes = '// @ts-nocheck\n// @ts-self-types="./uplot.d.ts"\n';
await copy("uPlot.esm.js", "uplot.js", (text) => forTypes + text);
// What is said of the CommonJS file, for the ES module.
await copy(
  "uPlot.d.ts",
  "uplot.d.ts",
  // Its names of the DOM are unknown to the project's own check, which is made for Deno.
  (text) =>
    "// @ts-nocheck\n" +
    text.replace("export =", "export default").replace("export as namespace uPlot;\n", ""),
);
await copy("uPlot.min.css", "uplot.css");
