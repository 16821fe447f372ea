import assert from "node:assert/strict";
import { type Contest, type Contestant, hold } from "../../bench/contest.ts";
import type { Measure, Running, Settings } from "../../bench/measure.ts";
import { Child } from "../../bench/process.ts";
import { textOf } from "../../bench/report.ts";

const SETTINGS: Settings = { rounds: 2, seconds: 1, clients: 2, rate: 10 };

/** A contestant whose server only waits; `children` is where the test finds it. */
function waiting(name: string, children: Child[] = []): Contestant {
  return {
    name,
    start(scope) {
      const process = scope.use(new Child("cat", []));
      children.push(process);
      return Promise.resolve({ process, url: name });
    },
  };
}

function contestOf(contestants: Contestant[], measure: Measure): Contest {
  return {
    name: "test",
    reference: "theirs",
    contestants,
    scenarios: [{ name: "one way", unit: "packet", measure }],
    defaults: { clients: 2, rate: 10 },
  };
}

/** Ours takes half of theirs, and each round twice what the one before took. */
function cost(rounds = new Map<string, number>()): Measure {
  return ({ url }: Running) => {
    const round = rounds.get(url) ?? 0;
    rounds.set(url, round + 1);
    const cpuMs = (url === "theirs" ? 20 : 10) * 2 ** round;
    const delay = { p50: 1, p99: round };
    return Promise.resolve({ sent: 1_000, received: 1_000, cpuMs, rssMiB: round, delay });
  };
}

const quiet = () => {};
const never = new AbortController().signal;

Deno.test("the first round is thrown away and the others are paired", async () => {
  const contest = contestOf([waiting("ours"), waiting("theirs")], cost());
  const { scenarios, absent } = await hold(contest, SETTINGS, quiet, never);
  assert.deepEqual(absent, []);
  assert.deepEqual(scenarios[0]?.rows[0], {
    name: "ours",
    sent: 2_000,
    received: 2_000,
    cpuMicros: { median: 30, low: 25, high: 35 },
    ratio: { median: 0.5, low: 0.5, high: 0.5 },
    delay: { p50: 1, p99: 1.5 },
    rssMiB: 2,
  });
});

Deno.test("contestants take turns at going first, and the progress says who runs", async () => {
  const said: string[] = [];
  const contest = contestOf([waiting("ours"), waiting("theirs")], cost());
  await hold(contest, SETTINGS, (line) => said.push(line), never);
  assert.deepEqual(said, [
    "test: starting ours",
    "test: starting theirs",
    "test, one way: ours, warm-up",
    "test, one way: theirs, warm-up",
    "test, one way: theirs, round 1 of 2",
    "test, one way: ours, round 1 of 2",
    "test, one way: ours, round 2 of 2",
    "test, one way: theirs, round 2 of 2",
  ]);
});

Deno.test("a contestant that cannot start is left out with the reason, and the rest goes on", async () => {
  const missing: Contestant = {
    name: "theirs",
    start: () => Promise.reject(new Error("not installed. To get it: apt-get install theirs")),
  };
  const report = await hold(contestOf([missing, waiting("ours")], cost()), SETTINGS, quiet, never);
  assert.deepEqual(report.scenarios[0]?.rows.map(({ name, ratio }) => ({ name, ratio })), [
    { name: "ours", ratio: undefined },
  ]);
  assert.match(textOf(report), /^Left out: theirs: not installed. To get it: apt-get install/m);
});

Deno.test("a contestant that fails half-way is left out of that scenario", async () => {
  const costs = cost();
  let runs = 0;
  const failing: Measure = (server, settings, signal) =>
    server.url === "ours" && ++runs === 2
      ? Promise.reject(new Error("crashed"))
      : costs(server, settings, signal);
  const contest = contestOf([waiting("ours"), waiting("theirs")], failing);
  const { scenarios, absent } = await hold(contest, SETTINGS, quiet, never);
  assert.deepEqual(scenarios[0]?.rows.map(({ name }) => name), ["theirs"]);
  assert.deepEqual(absent, [{ name: "test, one way: ours", reason: "crashed" }]);
});

Deno.test("an interrupt ends the comparison and every server", async () => {
  const children: Child[] = [];
  const interrupt = new AbortController();
  const contest = contestOf([waiting("ours", children), waiting("theirs", children)], () => {
    interrupt.abort();
    return Promise.reject(new Error("the load tool was ended"));
  });
  await assert.rejects(hold(contest, SETTINGS, quiet, interrupt.signal), { name: "AbortError" });
  assert.deepEqual(children.map(({ ended }) => ended), [true, true]);
});

Deno.test("a report is a table with loss, spread and ratio", async () => {
  const costs = cost();
  const lossy: Measure = async (...args) => ({ ...await costs(...args), received: 999 });
  const contest = contestOf([waiting("ours"), waiting("theirs")], lossy);
  const text = textOf(await hold(contest, SETTINGS, quiet, never));
  assert.match(
    text,
    /^one way +packets +lost +CPU µs\/packet +× theirs +p50 ms +p99 ms +RSS MiB$/m,
  );
  assert.match(text, /^ours +1998 +2 \(0\.10 %\) +30\.0 \[25\.0–35\.0\] +0\.50 \[0\.50–0\.50\] /m);
});

Deno.test("a report says the rate, or what takes its place", async () => {
  const contest = contestOf([waiting("ours")], cost());
  const introOf = async (contest: Contest) =>
    textOf(await hold(contest, SETTINGS, quiet, never)).split("\n")[0];
  assert.match(await introOf(contest) ?? "", /^test: 2 clients, 10 a second in all, 2 rounds/);
  const paced = { ...contest, pace: "nothing sent" };
  assert.match(await introOf(paced) ?? "", /^test: 2 clients, nothing sent, 2 rounds/);
});
