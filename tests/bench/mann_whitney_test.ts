import { deepEqual, equal, ok } from "node:assert/strict";
import { mannWhitney } from "../../bench/mann_whitney.ts";

const upTo = (n: number, add = 0) => Array.from({ length: n }, (_, i) => i + add);

Deno.test("Mann–Whitney: one sample wholly above the other", () => {
  const { share, p } = mannWhitney([1, 2, 3], [4, 5, 6]);
  // U = 9, its mean 4.5, its variance 5.25: z = 1.964.
  equal(share, 1);
  ok(Math.abs(p - 0.0495) < 1e-4, `${p}`);
});

Deno.test("Mann–Whitney: the same sample tells nothing, nor do equal values", () => {
  ok(Math.abs(mannWhitney(upTo(50), upTo(50)).p - 1) < 1e-6);
  equal(mannWhitney(upTo(50), upTo(50)).share, 0.5);
  deepEqual(mannWhitney([7, 7], [7, 7]).share, 0.5);
});

Deno.test("Mann–Whitney: a shift of a tenth shows in large samples and not in small ones", () => {
  ok(mannWhitney(upTo(1_000), upTo(1_000, 100)).p < 0.001);
  ok(mannWhitney(upTo(20), upTo(20, 2)).p > 0.3);
});
