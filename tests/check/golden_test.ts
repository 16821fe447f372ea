import { deepEqual, equal } from "node:assert/strict";
import { isBroken, shortLines } from "../../check/mod.ts";
import { judge } from "../../check/core/mod.ts";
import { cases } from "./cases.ts";
import { goldenText } from "./golden.ts";

Deno.test("each fact is judged in the words of findings.txt", async () => {
  const kept = await Deno.readTextFile(new URL("findings.txt", import.meta.url));
  deepEqual(goldenText().split("\n"), kept.trimEnd().concat("\n").split("\n"));
});

Deno.test("one thing broken is enough for a report to be so; warnings are not", () => {
  const isBrokenBy = (...names: (keyof typeof cases)[]) =>
    isBroken({ findings: judge(names.map((name) => cases[name])) });
  equal(isBrokenBy("port free", "hairpin missing", "router does not answer"), false);
  equal(isBrokenBy("port free", "clock wrong"), true);
});

Deno.test("in short, only what is not right is said, each in a line", () => {
  const findings = judge([cases["port free"], cases["clock wrong"], cases["descriptors few"]]);
  const lines = shortLines({ findings });
  equal(lines.length, 2);
  equal(lines.some((line) => line.includes("\n")), false);
});
