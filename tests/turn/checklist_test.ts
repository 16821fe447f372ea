import { deepEqual, equal, ok } from "node:assert/strict";
import { CHECKLIST } from "./checklist.ts";

const TESTS = new URL("../", import.meta.url);

function* sources(folder: URL): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (isDirectory) yield* sources(new URL(`${name}/`, folder));
    else if (name.endsWith(".ts") && name !== "checklist.ts") {
      yield Deno.readTextFileSync(new URL(name, folder));
    }
  }
}

Deno.test("each rule of the checklist has tests that are there, or a reason why it has none", () => {
  const all = [...sources(new URL("turn/", TESTS)), ...sources(new URL("auth/", TESTS))].join("\n");
  const missing = CHECKLIST.flatMap((line) => "tests" in line ? line.tests : [])
    .filter((title) => !all.includes(JSON.stringify(title)));
  deepEqual(missing, []);
  equal(new Set(CHECKLIST.map(({ rule }) => rule)).size, CHECKLIST.length);
  ok(CHECKLIST.every((line) => "tests" in line || line.without !== ""));
});
