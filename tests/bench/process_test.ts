import assert from "node:assert/strict";
import {
  Child,
  cpuMsBetween,
  freePort,
  output,
  parseUsage,
  readUsage,
  ready,
} from "../../bench/process.ts";

const STATUS = "Name:\tserver\nVmPeak:\t  9999 kB\nVmRSS:\t  2048 kB\nThreads:\t3\n";
const THREADS = "/proc/42/task/42/schedstat:1500000000 7 9\n" +
  "/proc/42/task/43/schedstat:250500000 7 9\n";
const statOf = (name: string) => `42 (${name}) S 1 42 42 0 -1 4194304 104 0 0 0 150 25 7 7 20 0\n`;
const USAGE = parseUsage(statOf("server") + STATUS + THREADS);

Deno.test("a process's usage is user and system time and resident memory", () => {
  const threads = new Map([[42, 1_500], [43, 250.5]]);
  assert.deepEqual(USAGE, { cpuMs: 1_750, threads, rssMiB: 2 });
});

Deno.test("a program's name may hold spaces and parentheses", () => {
  assert.equal(parseUsage(statOf("a) S (b c") + STATUS + THREADS).cpuMs, 1_750);
});

Deno.test("a process without memory (a zombie), or without threads, has no usage to report", () => {
  assert.throws(() => parseUsage(statOf("server") + "Name:\tserver\n" + THREADS), /Cannot read/);
  assert.throws(() => parseUsage(statOf("server") + STATUS), /Cannot read/);
});

Deno.test("what is used meanwhile counts for new threads too, and never backwards", () => {
  const threads = new Map([[43, 300.5], [44, 10]]);
  assert.equal(cpuMsBetween(USAGE, { ...USAGE, threads }), 60);
});

Deno.test("the usage of a living process can be read", async () => {
  const { cpuMs, threads, rssMiB } = await readUsage(Deno.pid);
  assert.ok(cpuMs > 0 && rssMiB > 1, `${cpuMs} ms, ${rssMiB} MiB`);
  assert.ok((threads.get(Deno.pid) ?? 0) > 0, "its first thread has its number");
});

Deno.test("a child is talked to by lines", async () => {
  await using child = new Child("cat", []);
  await child.say("one\ntwo");
  assert.deepEqual([await child.line(), await child.line()], ["one", "two"]);
});

Deno.test("a child that ends instead of answering is quoted without its stack", async () => {
  await using child = new Child("sh", ["-c", "echo 'error: no port\n    at main:1' >&2"]);
  await assert.rejects(child.line(), { message: "It ended too early, with 0: error: no port" });
});

Deno.test("a child ends with its scope, even if it never would by itself", async () => {
  const child = new Child("sh", ["-c", "trap '' TERM; echo deaf; exec tail -f /dev/null"]);
  await child.line();
  await child[Symbol.asyncDispose]();
  assert.ok(child.ended);
});

Deno.test("a child ends when its signal fires", async () => {
  const stop = new AbortController();
  await using child = new Child("tail", ["-f", "/dev/null"], { signal: stop.signal });
  stop.abort();
  await child.end();
});

Deno.test("a server that ends at its start is not waited for", async () => {
  await using child = new Child("sh", ["-c", "echo 'port taken' >&2; exit 1"]).drain();
  const answers = () => child.end().then(() => false);
  await assert.rejects(
    ready(child, AbortSignal.any([]), answers),
    /ended at its start: port taken/,
  );
});

Deno.test("nobody waits for a server once interrupted", async () => {
  await using child = new Child("cat", []);
  await assert.rejects(ready(child, AbortSignal.abort(), () => Promise.resolve(false)), {
    name: "AbortError",
  });
});

Deno.test("a command that fails is quoted", async () => {
  await assert.rejects(output("sh", ["-c", "echo why >&2; exit 1"]), { message: "sh failed: why" });
});

Deno.test("a free port can be bound for UDP and TCP", () => {
  const port = freePort();
  Deno.listen({ hostname: "127.0.0.1", port }).close();
  Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port }).close();
});

Deno.test("no port is given twice, nor one that the system may give to others meanwhile", () => {
  const ports = Array.from({ length: 100 }, freePort);
  assert.equal(new Set(ports).size, 100);
  assert.ok(ports.every((port) => port < 32_768), ports.join());
});
