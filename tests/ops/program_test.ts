import { equal } from "node:assert/strict";
import { programName } from "../../ops/mod.ts";

Deno.test("a command is shown as it can be typed here", () => {
  const name = (execPath: string, standalone = false) => programName(standalone, execPath, "2.9.6");
  equal(name("/usr/bin/deno"), "deno task");
  equal(name("/root/.npm/_npx/7a40/node_modules/deno/deno"), "npx -y deno@2.9.6 task");
  equal(name("C:\\npm\\_npx\\7a40\\deno.exe"), "npx -y deno@2.9.6 task");
  equal(name("/home/ada/hearth", true), "/home/ada/hearth");
});
