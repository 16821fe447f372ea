import { deepEqual, equal, ok } from "node:assert/strict";
import type { Listening } from "../../../turn/mod.ts";
import { follow, type Happening, type TurnState } from "../../../turn/supervisor.ts";

const listening: Listening = { udp: [], tcp: [], port: 3478, remarks: [] };
const LISTENS: Happening = { kind: "listening", listening };
const DIED: Happening = { kind: "died", reason: "a bug" };
const UNABLE: Happening = { kind: "unable", reason: "the port is taken" };
const STARTING: TurnState = { kind: "starting" };

Deno.test("a first start that fails is final: it needs a person", () => {
  deepEqual(follow(STARTING, UNABLE, 0, 0.5), { kind: "failed", reason: "the port is taken" });
  deepEqual(follow(STARTING, DIED, 0, 0.5), { kind: "failed", reason: "a bug" });
});

Deno.test("a worker that dies while listening is started again, later each time", () => {
  let state = follow(STARTING, LISTENS, 1_000, 0.5);
  const waits: number[] = [];
  let now = 2_000;
  for (let i = 0; i < 9; i++) {
    state = follow(state, DIED, now, 0.5);
    if (state.kind !== "restarting") throw new Error(state.kind);
    equal(state.attempt, i + 1);
    waits.push(state.nextAt - now);
    now = state.nextAt + 10;
    state = follow(state, LISTENS, now, 0.5);
  }
  deepEqual(waits, [250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
});

Deno.test("a restart that cannot bind is tried again: its own port may come free", () => {
  const listened = follow(STARTING, LISTENS, 0, 0.5);
  const first = follow(listened, DIED, 10, 0.5);
  const second = follow(first, UNABLE, 300, 0.5);
  deepEqual(second, {
    kind: "restarting",
    attempt: 2,
    reason: "the port is taken",
    nextAt: 800,
  });
});

Deno.test("a minute of listening forgives earlier deaths, and nothing less does", () => {
  const before: TurnState = { kind: "listening", listening, since: 0, restarts: 5 };
  const attempt = (now: number) => {
    const state = follow(before, DIED, now, 0.5);
    return state.kind === "restarting" ? state.attempt : undefined;
  };
  equal(attempt(59_999), 6);
  equal(attempt(60_000), 1);
});

Deno.test("waits vary by half either way", () => {
  const listened = follow(STARTING, LISTENS, 0, 0.5);
  for (const [chance, wait] of [[0, 125], [0.999, 374.75]] as const) {
    const state = follow(listened, DIED, 0, chance);
    ok(state.kind === "restarting");
    equal(state.nextAt, wait);
  }
});

Deno.test("closed and failed are final", () => {
  const closed = follow(STARTING, { kind: "closed" }, 0, 0.5);
  deepEqual(closed, { kind: "closed" });
  for (const happening of [LISTENS, DIED, UNABLE]) {
    equal(follow(closed, happening, 0, 0.5), closed);
  }
  const failed = follow(STARTING, UNABLE, 0, 0.5);
  equal(follow(failed, LISTENS, 0, 0.5), failed);
});
