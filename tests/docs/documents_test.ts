import { equal, ok, throws } from "node:assert/strict";
import { documents } from "../../docs/write.ts";

const ROOT = new URL("../../", import.meta.url);
const read = (file: string) => Deno.readTextFileSync(new URL(file, ROOT));

Deno.test("the documents say of options, protocol and metrics what the code says", () => {
  for (const [file, text] of documents(read)) {
    ok(text === read(file), `${file} is out of date: run \`deno task docs\``);
  }
});

Deno.test("a document without a place for its part is a mistake of ours", () => {
  throws(() => documents(() => "# Nothing here"), /README\.md lacks <!-- options -->/);
});

Deno.test("the README's commands name the Deno that is pinned", () => {
  const pinned = read(".dvmrc").trim();
  for (const [, version] of read("README.md").matchAll(/deno@([\d.]+\d)/g)) equal(version, pinned);
});
