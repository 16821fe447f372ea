import assert from "node:assert/strict";
import { Child, freePort, output, parseUsage, readUsage, ready } from "../../bench/process.ts";

const STATUS = "Name:\tserver\nVmPeak:\t  9999 kB\nVmRSS:\t  2048 kB\nThreads:\t3\n";
const statOf = (name: string) => `42 (${name}) S 1 42 42 0 -1 4194304 104 0 0 0 150 25 7 7 20 0\n`;

Deno.test("a process's usage is user and system time and resident memory", () => {
  assert.deepEqual(parseUsage(statOf("server") + STATUS), { cpuMs: 1_750, rssMiB: 2 });
});

Deno.test("a program's name may hold spaces and parentheses", () => {
  assert.equal(parseUsage(statOf("a) S (b c") + STATUS).cpuMs, 1_750);
});

Deno.test("a process without memory (a zombie) has no usage to report", () => {
  assert.throws(() => parseUsage(statOf("server") + "Name:\tserver\n"), /Cannot read/);
});

Deno.test("the usage of a living process can be read", async () => {
  const { cpuMs, rssMiB } = await readUsage(Deno.pid);
  assert.ok(cpuMs > 0 && rssMiB > 1, `${cpuMs} ms, ${rssMiB} MiB`);
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
