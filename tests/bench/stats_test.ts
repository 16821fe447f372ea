import assert from "node:assert/strict";
import { orderOf, pairedRatio, quantile, summarize } from "../../bench/stats.ts";

Deno.test("a median and its quartiles do not depend on the order of the sample", () => {
  assert.deepEqual(summarize([5, 1, 4, 2, 3]), { median: 3, low: 2, high: 4 });
});

Deno.test("a median between two values lies half-way", () => {
  assert.deepEqual(summarize([1, 2]), { median: 1.5, low: 1.25, high: 1.75 });
});

Deno.test("the quantiles 0 and 1 are the ends", () => {
  const sample = Float64Array.of(1, 2, 9);
  assert.deepEqual([quantile(sample, 0), quantile(sample, 1)], [1, 9]);
});

Deno.test("an empty sample has no quantile", () => {
  assert.throws(() => summarize([]), RangeError);
});

Deno.test("what slows a whole round does not change its ratio", () => {
  const ratio = pairedRatio([2, 20, 200], [4, 40, 400]);
  assert.deepEqual(ratio, { median: 0.5, low: 0.5, high: 0.5 });
});

Deno.test("a round too short for the clock makes no ratio", () => {
  assert.equal(pairedRatio([1, 1], [0, 1]), undefined);
});

Deno.test("ratios of different rounds are a mistake", () => {
  assert.throws(() => pairedRatio([1], [1, 1]), RangeError);
});

for (const size of [1, 2, 3, 4]) {
  Deno.test(`in ${size} rounds each of ${size} contestants runs once at each place`, () => {
    const contestants = Array.from({ length: size }, (_, index) => index);
    const rounds = contestants.map((round) => orderOf(contestants, round));
    for (const place of contestants) {
      assert.deepEqual(rounds.map((order) => order[place]).sort(), contestants);
    }
  });
}

Deno.test("an order of nobody is empty", () => {
  assert.deepEqual(orderOf([], 3), []);
});
