import { ok } from "node:assert/strict";
import { byeCodes, errorCodes, refusalCodes } from "../../signaling/codes.ts";
import { protocolTable } from "../../signaling/mod.ts";

Deno.test("the protocol's tables are whole Markdown, and name every code", () => {
  const lines = protocolTable().split("\n");
  ok(lines.every((line) => line === "" || (line.startsWith("| ") && line.endsWith(" |"))));
  for (const code of Object.keys({ ...errorCodes, ...byeCodes, ...refusalCodes })) {
    ok(lines.some((line) => line.startsWith(`| \`${code}\` |`)), code);
  }
});

Deno.test("what closes a connection has a number of its own from 4000 on, or is a normal end", () => {
  const numbers = Object.values(byeCodes).map(({ close }) => close);
  ok(numbers.every((number) => number === 1000 || (number >= 4000 && number <= 4999)));
  ok(new Set(numbers).size === numbers.length);
});
