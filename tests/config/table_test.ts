import assert from "node:assert/strict";
import { allOptions, optionsTable } from "../../config/mod.ts";

Deno.test("the table of options has one row for each option", () => {
  const rows = optionsTable().split("\n").filter((line) => line.startsWith("| `HEARTH_"));
  assert.equal(rows.length, allOptions.length);
});
