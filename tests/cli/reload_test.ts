import assert from "node:assert/strict";
import { type Outcome, run } from "../../cli/mod.ts";
import { LIVE_OPTIONS, parseConfigFile } from "../../config/mod.ts";
import { fakeTerminal } from "./fake_terminal.ts";

/** A server that was started by this command line, and whose file can be written anew. */
async function started(line: string, text: string) {
  let file = text;
  const outcome: Outcome = await run(line.split(" "), {
    version: "1.2.3",
    env: { HOME: "/home/ada", HEARTH_REALM: "arena" },
    readFile: () => parseConfigFile("hearth.json", file),
    terminal: fakeTerminal(),
  });
  assert(outcome.kind === "start");
  const { reload } = outcome;
  const done: unknown[] = [];
  return {
    done,
    reload(text: string) {
      file = text;
      return reload({
        log: (level) => done.push(["log", level]),
        trustProxies: (cidrs) => done.push(["trust", ...cidrs]),
        certificate: () => done.push("certificate"),
      });
    },
  };
}

Deno.test("a reload takes over what can change live, once", async () => {
  const server = await started("start", '{ "log": "info" }');
  const text = '{ "log": "debug", "trustedProxies": "10.0.0.1/32" }';
  assert.deepEqual(server.reload(text), {
    kind: "reloaded",
    live: ["HEARTH_TRUSTED_PROXIES", "HEARTH_LOG"],
    needRestart: [],
  });
  assert.deepEqual(server.done.splice(0), [
    "certificate",
    ["log", "debug"],
    ["trust", "10.0.0.1/32"],
  ]);
  assert.deepEqual(server.reload(text), { kind: "reloaded", live: [], needRestart: [] });
  assert.deepEqual(server.done, ["certificate"]);
});

Deno.test("what needs a restart is named each time, secrets without what they are", async () => {
  const server = await started("start", '{ "turnSecret": "old" }');
  const text = '{ "turnSecret": ["new", "old"], "turnAllocations": 5, "signalingRooms": 1 }';
  const expected = {
    kind: "reloaded",
    live: [],
    needRestart: ["HEARTH_TURN_SECRET", "HEARTH_SIGNALING_ROOMS", "HEARTH_TURN_ALLOCATIONS"],
  };
  assert.deepEqual(server.reload(text), expected);
  assert.deepEqual(server.reload(text), expected);
  assert.deepEqual(server.reload('{ "turnSecret": "old" }'), { ...expected, needRestart: [] });
});

Deno.test("a file with a mistake changes nothing but the certificate, and is told of", async () => {
  const server = await started("start", "{}");
  assert.deepEqual(server.reload('{ "log": "debug", "realm": "" }').kind, "reload-refused");
  assert.deepEqual(server.reload("{").kind, "reload-refused");
  assert.deepEqual(server.done, ["certificate", "certificate"]);
});

Deno.test("flag and environment win at a reload as they did at the start", async () => {
  const server = await started("start --log error", "{}");
  assert.deepEqual(server.reload('{ "log": "debug", "realm": "game" }'), {
    kind: "reloaded",
    live: [],
    needRestart: [],
  });
  assert.deepEqual(server.done, ["certificate"]);
});

Deno.test("each option that is said to be live is taken over", async () => {
  const values = {
    HEARTH_LOG: '"log": "error"',
    HEARTH_TRUSTED_PROXIES: '"trustedProxies": "::1/128"',
  };
  for (const name of LIVE_OPTIONS) {
    const server = await started("start", "{}");
    server.reload(`{ ${values[name]} }`);
    assert.equal(server.done.length, 2, name);
  }
});
