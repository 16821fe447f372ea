import { deepEqual, match } from "node:assert/strict";
import { allTools } from "./support/needs.ts";

Deno.test("deno task test names the tools that are missing, and no others", async () => {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "test", "tests/ip"],
    stderr: "null",
  }).output();
  const text = new TextDecoder().decode(stdout);
  match(text, /\n\d+ passed, 0 failed, 0 skipped\n$/);
  const named = [...text.matchAll(/^Skipping .*: (\w+) is not here/gm)].map((line) => line[1]);
  deepEqual(named, allTools().filter((tool) => !tool.present).map((tool) => tool.name));
});
