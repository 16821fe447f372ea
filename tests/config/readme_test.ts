import assert from "node:assert/strict";
import { allOptions } from "../../config/mod.ts";
import { optionsTable, withOptionsTable } from "../../config/table.ts";

Deno.test("the README's table of options is the one the options make", async () => {
  const readme = await Deno.readTextFile(new URL("../../README.md", import.meta.url));
  const fresh = withOptionsTable(readme);
  assert(fresh, "README.md needs the lines <!-- options --> and <!-- /options -->");
  assert(fresh === readme, "README.md has an old table of options: run `deno task docs`");
});

Deno.test("the table has one row for each option", () => {
  const rows = optionsTable().split("\n").filter((line) => line.startsWith("| `HEARTH_"));
  assert.equal(rows.length, allOptions.length);
});

Deno.test("a README without the place for the table is told apart", () => {
  assert.equal(withOptionsTable("# Hearth"), undefined);
});
