/**
 * What is said of each case, as one text. It is kept in `findings.txt`, which is written anew by
 * `deno run tests/check/golden.ts > tests/check/findings.txt`, and then read by whoever changed it.
 */
import { judge, reportLines } from "../../check/core/mod.ts";
import { cases } from "./cases.ts";

export function goldenText(): string {
  return Object.entries(cases).map(([name, fact]) =>
    [`# ${name}`, ...reportLines({ findings: judge([fact]) }), ""].join("\n")
  ).join("\n");
}

if (import.meta.main) console.log(goldenText());
