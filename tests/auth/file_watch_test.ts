import { deepEqual, equal, ok } from "node:assert/strict";
import { FileWatch } from "../../auth/file_watch.ts";
import { FakeTime } from "../client/fake_time.ts";

const NEVER = 2 ** 31 - 1;

interface Asked {
  readonly ask: () => void;
  /** Resolves when `ask` was called once more. */
  next(): Promise<void>;
}

function asked(): Asked {
  let once = Promise.withResolvers<void>();
  return {
    ask() {
      once.resolve();
      once = Promise.withResolvers();
    },
    next: () => once.promise,
  };
}

function timingOf(time: FakeTime) {
  return {
    after: (ms: number, action: () => void) => time.after(ms, action),
    every: (ms: number, action: () => void) => time.every(ms, action),
  };
}

Deno.test("a file is asked about when it is written, and again until it must be whole", async () => {
  const path = await Deno.makeTempFile({ prefix: "hearth-watch-" });
  const { ask, next } = asked();
  const watch = new FileWatch(path, ask, NEVER);
  const [first] = [next(), Deno.writeTextFileSync(path, "some")];
  await first;
  for (let i = 0; i < 5; i++) await next();
  watch.close();
  await Deno.remove(path);
});

Deno.test("however long a change takes to be whole, it is asked about within half of that again", async () => {
  const path = await Deno.makeTempFile({ prefix: "hearth-watch-" });
  using file = await Deno.open(path, { write: true });
  const time = new FakeTime();
  const { ask, next } = asked();
  const at: number[] = [];
  const note = () => {
    at.push(time.now);
    ask();
  };
  const watch = new FileWatch(path, note, 30_000, timingOf(time));
  const [first] = [next(), file.writeSync(new Uint8Array(1))];
  await first;
  await time.pass(300_000);
  watch.close();
  for (const [i, moment] of at.slice(1).entries()) {
    const before = at[i] ?? 0;
    ok(moment - before <= Math.min(10 + before / 2, 30_000), `${before} and then ${moment}`);
  }
  ok(at.filter((moment) => moment <= 1_000).length <= 12, "and hardly anybody is woken");
  equal(time.waiting, 0);
  await Deno.remove(path);
});

Deno.test("a file that nobody writes is hardly asked about", async () => {
  const path = await Deno.makeTempFile({ prefix: "hearth-watch-" });
  const time = new FakeTime();
  const at: number[] = [];
  const watch = new FileWatch(path, () => at.push(time.now), 30_000, timingOf(time));
  await time.pass(90_000);
  deepEqual(at, [30_000, 60_000, 90_000]);
  watch.close();
  await Deno.remove(path);
});

Deno.test("a file of which the system tells nothing is asked about all the same", async () => {
  const path = await Deno.makeTempFile({ prefix: "hearth-watch-" });
  const { ask, next } = asked();
  const watch = new FileWatch(path, ask, 1);
  for (let i = 0; i < 3; i++) await next();
  watch.close();
  await Deno.remove(path);
});

Deno.test("a file that cannot be watched is asked about all the time", async () => {
  const { ask, next } = asked();
  const watch = new FileWatch("/nowhere/at/all", ask, NEVER);
  for (let i = 0; i < 3; i++) await next();
  watch.close();
});
