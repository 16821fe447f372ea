/** When the numbers of `/admin` are read, on a clock that the test moves. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { startLive } from "../../ops/mod.ts";
import { NO_SIGNALING } from "../support/numbers.ts";
import { FakeTime } from "../client/fake_time.ts";

function start() {
  const time = new FakeTime();
  /** Since they were last asked for. */
  const readAt: number[] = [];
  const stop = new AbortController();
  const live = startLive(
    {
      signaling() {
        readAt.push(time.now);
        return NO_SIGNALING;
      },
      turn: () => undefined,
      process: () => ({
        residentBytes: 1,
        heapBytes: 1,
        cpuSeconds: 0,
        uptimeSeconds: time.now / 1_000,
      }),
      version: "0",
    },
    stop.signal,
    {
      now: () => time.now,
      after: (ms, action) => time.after(ms, action),
      every: (ms, action) => time.every(ms, action),
    },
  );
  const look = () => {
    const events = live.listen(() => Promise.resolve(true));
    ok(events);
    return events.getReader();
  };
  return { time, stop, look, readings: () => readAt.splice(0) };
}

Deno.test("live: while nobody looks it is read every 15 seconds", async () => {
  const { time, readings } = start();
  await time.pass(45_000);
  deepEqual(readings(), [0, 15_000, 30_000, 45_000]);
});

Deno.test("live: who looks gets a new sample at once and then each second, until nobody does", async () => {
  const { time, look, readings } = start();
  await time.pass(20_000);
  readings();
  const page = look();
  await page.read();
  const sample = page.read();
  await time.pass(0);
  await sample;
  deepEqual(readings(), [20_000]);
  for (let i = 0; i < 3; i++) {
    const next = page.read();
    await time.pass(1_000);
    await next;
  }
  deepEqual(readings(), [21_000, 22_000, 23_000]);
  await page.cancel();
  await time.pass(30_000);
  deepEqual(readings(), [30_000, 45_000]);
});

Deno.test("live: two who look are told of the same reading, and no more are taken", async () => {
  const { time, look, readings } = start();
  const pages = [look(), look()];
  for (const page of pages) await page.read();
  for (let i = 0; i < 3; i++) {
    const next = pages.map((page) => page.read());
    await time.pass(1_000);
    const [one, other] = await Promise.all(next);
    equal(one?.value, other?.value);
  }
  deepEqual(readings(), [0, 1_000, 2_000, 3_000]);
  for (const page of pages) await page.cancel();
});

Deno.test("live: nothing is read any more once the server stops", async () => {
  const { time, stop, readings } = start();
  await time.pass(0);
  stop.abort();
  await time.pass(60_000);
  deepEqual(readings(), [0]);
});
