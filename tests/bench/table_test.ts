import assert from "node:assert/strict";
import { table } from "../../bench/table.ts";

Deno.test("the first column stands to the left, the others to the right", () => {
  const text = table(["server", "µs"], [["a", "1.0"], ["longer name", "12.0"]]);
  assert.equal(
    text,
    [
      "server         µs",
      "───────────  ────",
      "a             1.0",
      "longer name  12.0",
    ].join("\n"),
  );
});

Deno.test("a title wider than its cells sets the width", () => {
  assert.equal(table(["s", "packets"], [["a", "1"]]).split("\n").at(-1), "a        1");
});
