import assert from "node:assert/strict";
import { play, VARIANTS } from "./golden_play.ts";
import { TABLE } from "./golden_table.ts";

const CASES = TABLE.flatMap(({ cases }) => cases);

for (const test of CASES) {
  Deno.test(`golden: ${test.rule}`, () => {
    for (const [transport, client] of VARIANTS) {
      try {
        play(test, transport, client);
      } catch (error) {
        throw new Error(`Over ${transport}, from ${client}: ${(error as Error).message}`, {
          cause: error,
        });
      }
    }
  });
}

Deno.test("the golden table has its 120 cases, and no two say the same", () => {
  assert.ok(CASES.length >= 120, `${CASES.length} cases`);
  const said = CASES.map((test) => JSON.stringify([test.given, test.then, test.config, test.from]));
  const twice = CASES.filter((_, i) => said.indexOf(said[i] ?? "") !== i).map(({ rule }) => rule);
  assert.deepEqual(twice, []);
});
