import { deepEqual, ok } from "node:assert/strict";
import { shellBlocks } from "./blocks.ts";
import { NOT_RUN } from "./not_run.ts";
import { Shell } from "./shell.ts";

const ROOT = new URL("../../", import.meta.url);
const documents = ["README.md"].concat(
  Array.from(Deno.readDirSync(new URL("docs/", ROOT)), ({ name }) => `docs/${name}`)
    .filter((file) => file.endsWith(".md")).sort(),
);
const blocks = documents.flatMap((file) =>
  shellBlocks(file, Deno.readTextFileSync(new URL(file, ROOT)))
);

const isRun = (command: string) => !NOT_RUN.some(({ begins }) => command.startsWith(begins));

Deno.test("a block is each of its commands, without comments, at the line where it begins", () => {
  const text =
    "# A\n\n1. So:\n\n   ```sh\n   # why\n   one \\\n     more\n   two\n   ```\n\n```js\nno\n```\n";
  deepEqual(shellBlocks("a.md", text), [{ at: "a.md:5", commands: ["one       more", "two"] }]);
});

Deno.test("whatever is said not to be run stands in a document", () => {
  const commands = blocks.flatMap(({ commands }) => commands);
  for (const { begins, why } of NOT_RUN) {
    ok(commands.some((command) => command.startsWith(begins)), `${begins} (${why})`);
  }
});

Deno.test("every other command of the documents works, in their order", async (test) => {
  // The README starts the server first, as its reader does.
  await using shell = await Shell.open();
  for (const { at, commands } of blocks) {
    for (const command of commands.filter(isRun)) {
      await test.step(`${at}: ${command}`, () => shell.run(command));
    }
    shell.forget();
  }
});
