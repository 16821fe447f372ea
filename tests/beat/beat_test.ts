/** When what is periodic is done, on a clock that the test moves. */
import { deepEqual, equal, throws } from "node:assert/strict";
import { Beat } from "../../beat/mod.ts";
import { FakeTime } from "../client/fake_time.ts";

function start(at = 0) {
  const time = new FakeTime();
  time.now = at;
  let wakeUps = 0;
  const after = (ms: number, action: () => void) =>
    time.after(ms, () => {
      wakeUps++;
      action();
    });
  const beat = new Beat({ now: () => time.now, after });
  const done: string[] = [];
  const note = (name: string) => () => void done.push(`${name} ${time.now}`);
  return { time, beat, done, note, wakeUps: () => wakeUps };
}

Deno.test("beat: what begins at whatever time is done at the multiples of its period", async () => {
  const { time, beat, done, note, wakeUps } = start(1_234.5);
  beat.every(5_000, note("five"));
  await time.pass(700);
  beat.every(10_000, note("ten"));
  await time.pass(18_500);
  deepEqual(done, [
    "five 5000.5",
    "five 10000.5",
    "ten 10000.5",
    "five 15000.5",
    "five 20000.5",
    "ten 20000.5",
  ]);
  equal(wakeUps(), 4, "one for both");
});

Deno.test("beat: what begins at a multiple waits a whole period", async () => {
  const { time, beat, done, note } = start(10_000);
  beat.every(5_000, note("five"));
  await time.pass(5_000);
  deepEqual(done, ["five 15000"]);
});

Deno.test("beat: a shorter period that comes later is not kept waiting by a longer", async () => {
  const { time, beat, done, note } = start();
  beat.every(30_000, note("long"));
  beat.every(20, note("short"));
  await time.pass(50);
  deepEqual(done, ["short 20", "short 40"]);
});

Deno.test("beat: a late clock does once what it has passed by", async () => {
  const { time, done, note } = start();
  let behind = 0;
  const beat = new Beat({
    now: () => time.now + behind,
    after: (ms, action) => time.after(ms, action),
  });
  beat.every(5_000, note("five"));
  behind = 13_000;
  await time.pass(8_000);
  deepEqual(done, ["five 5000", "five 7000"]);
});

Deno.test("beat: a timer that fires early does nothing before its time", async () => {
  const { time, done, note } = start();
  const hasty = new Beat({
    now: () => time.now,
    after: (ms, action) => time.after(ms > 1 ? ms - 1 : ms, action),
  });
  hasty.every(5_000, note("five"));
  await time.pass(10_000);
  deepEqual(done, ["five 5000", "five 10000"]);
});

Deno.test("beat: what was ended is done no more, and nothing waits when all is ended", async () => {
  const { time, beat, done, note } = start();
  const stops = [beat.every(5_000, note("one")), beat.every(5_000, note("other"))];
  await time.pass(5_000);
  stops[0]?.();
  stops[0]?.();
  await time.pass(5_000);
  deepEqual(done, ["one 5000", "other 5000", "other 10000"]);
  stops[1]?.();
  equal(time.waiting, 0);
});

Deno.test("beat: one may end another that is due at the same time, and itself", async () => {
  const { time, beat, done, note } = start();
  const stopFirst = beat.every(5_000, () => {
    note("first")();
    stopFirst();
    stopSecond();
  });
  const stopSecond = beat.every(5_000, note("second"));
  await time.pass(10_000);
  deepEqual(done, ["first 5000"]);
  equal(time.waiting, 0);
});

Deno.test("beat: one that fails is reported, and stops neither the others nor itself", async () => {
  const { time, beat, done, note } = start();
  const reported: unknown[] = [];
  const hear = (event: ErrorEvent) => {
    event.preventDefault();
    reported.push(event.error);
  };
  const failure = new Error("a bug");
  beat.every(5_000, () => {
    throw failure;
  });
  beat.every(5_000, note("other"));
  addEventListener("error", hear);
  await time.pass(10_000);
  removeEventListener("error", hear);
  deepEqual(done, ["other 5000", "other 10000"]);
  deepEqual(reported, [failure, failure]);
});

Deno.test("beat: the longest period is what a timer can wait for, and none is no period", async () => {
  const { time, beat, done, note } = start();
  beat.every(Infinity, note("longest"));
  await time.pass(2 ** 31);
  deepEqual(done, ["longest 2147483647"]);
  for (const ms of [0, -1, NaN]) throws(() => beat.every(ms, () => {}), RangeError);
});
