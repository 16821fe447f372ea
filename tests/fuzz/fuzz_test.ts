import assert from "node:assert/strict";
import fc from "fast-check";
import cases from "./cases.json" with { type: "json" };
import { type Case, play, run } from "./run.ts";
import { spoof } from "./spoofed.ts";

const regressions: Readonly<Record<string, Case>> = cases;
const seed = Math.floor(Math.random() * 2 ** 32);

Deno.test("20,000 datagrams: core and model agree on each, and nothing is left at the end", () => {
  console.log(`SEED=${seed}`);
  let seen = 0;
  for (const { datagrams } of run(seed, 20_000)) seen = datagrams;
  assert.ok(seen >= 20_000);
});

Deno.test("short histories on servers of every kind: core and model agree", () => {
  const word = fc.nat(0xffff_ffff);
  const history = fc.record({ world: word, steps: fc.array(word, { maxLength: 200 }) });
  fc.assert(fc.property(history, (found) => assert.equal(play(found), undefined)), {
    numRuns: 50,
    seed,
  });
});

for (const [name, found] of Object.entries(regressions)) {
  Deno.test(`what the fuzz found once: ${name}`, () => assert.equal(play(found), undefined));
}

Deno.test("RFC 8489 §9.2.4: nothing is kept of 10,000 spoofed sources, and little is sent to them", () => {
  const { answers, bytesIn, bytesOut, entriesBefore, entriesAfter, deadline } = spoof(
    10_000,
    seed,
    () => 0,
  );
  assert.ok(answers > 0);
  assert.ok(bytesOut <= 2 * bytesIn);
  assert.equal(entriesAfter, entriesBefore);
  assert.equal(deadline, Infinity);
});
