import assert from "node:assert/strict";
import type { Report } from "../../bench/contest.ts";
import { withUclient } from "../../bench/measure.ts";
import { uclient } from "../../bench/relay.ts";
import { lacks } from "../support/needs.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/** As the task grants them: enough, and nothing unnamed. */
const PERMISSIONS = [
  "--allow-run",
  "--allow-net=127.0.0.1",
  "--allow-read=deno.json",
  "--allow-write=/tmp",
];

async function bench(...args: string[]): Promise<Report> {
  const { stdout, stderr, success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", ...PERMISSIONS, "bench/mod.ts", ...args, "--json"],
    cwd: ROOT,
  }).output();
  const complaints = new TextDecoder().decode(stderr);
  assert.ok(success, complaints);
  assert.equal(complaints, "", "in a pipe there is no progress");
  const [report] = JSON.parse(new TextDecoder().decode(stdout));
  return report;
}

/** The rows that must be there, with numbers in them; who else can run here is up to the machine. */
function checkRows(report: Report, ...present: string[]) {
  for (const { name, rows } of report.scenarios) {
    for (const row of rows) {
      const { sent, received, cpuMicros, delay, rssMiB } = row;
      assert.ok(received > 0 && received <= sent, `${name}, ${row.name}: ${received} of ${sent}`);
      const numbers = [...Object.values(cpuMicros), rssMiB, ...Object.values(delay ?? {})];
      assert.ok(numbers.every(Number.isFinite), `${name}: ${JSON.stringify(row)}`);
    }
    const names = rows.map(({ name }) => name);
    assert.deepEqual(
      present.filter((name) => !names.includes(name)),
      [],
      JSON.stringify(report.absent),
    );
  }
}

const SHORT = ["--rounds", "1", "--seconds", "0.2", "--clients", "4", "--rate", "200"];

Deno.test("a very short signaling comparison runs", async () => {
  checkRows(await bench("signaling", ...SHORT), "bare deno");
});

Deno.test({
  name: "a very short relay comparison runs",
  ignore: lacks("coturn") || lacks("gcc"),
  fn: async () => checkRows(await bench("relay", ...SHORT), "coturn"),
});

Deno.test({
  name: "a very short comparison with the floor runs",
  ignore: lacks("gcc"),
  fn: async () => checkRows(await bench("relay-floor", ...SHORT), "floor, C", "floor, Deno"),
});

Deno.test({
  name: "turnutils_uclient measures coturn",
  ignore: lacks("coturn"),
  async fn() {
    await using scope = new AsyncDisposableStack();
    const { signal } = new AbortController();
    const coturn = uclient.contestants.find(({ name }) => name === "coturn");
    assert.ok(coturn);
    const server = await coturn.start(scope, signal);
    const settings = { rounds: 1, seconds: 0.1, clients: 2, rate: 100 };
    const { sent, received, rssMiB } = await withUclient(server, settings, signal);
    assert.deepEqual([sent, received], [10, 10]);
    assert.ok(rssMiB > 0);
  },
});

Deno.test("a program that ends before it is ready is named, and not waited for", async () => {
  const { stderr, success } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "bench:start", "--rounds=1", "--binary=/bin/true"],
    cwd: ROOT,
  }).output();
  assert.equal(success, false);
  assert.match(new TextDecoder().decode(stderr), /\/bin\/true ended with 0 before it was ready/);
});

Deno.test("each way of a packet through the relay's core is measured", async () => {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "bench:path", "--rounds=1"],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  const printed = new TextDecoder().decode(stdout);
  for (const way of ["client → peer", "peer → client", "client → client"]) {
    assert.match(
      printed,
      new RegExp(`${way} +\\d+ \\[\\d+–\\d+\\] +\\d+ \\[`),
      new TextDecoder().decode(stderr),
    );
  }
});
