import { deepEqual } from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import type { ConnectionId, Core } from "../../signaling/core/mod.ts";
import { CoreClock } from "../../signaling/core_clock.ts";
import { Socket } from "../../signaling/socket.ts";

/** Says how it was closed; what it hears is the test's to say. */
class FakeWebSocket extends EventTarget {
  binaryType = "";
  readonly closes: [code?: number, reason?: string][] = [];

  close(...close: [code?: number, reason?: string]): void {
    this.closes.push(close);
  }
}

function closing() {
  const fake = new FakeWebSocket();
  const core = { deadline: () => Infinity } as Core;
  const holder = {
    ended: () => {},
    failed: (error: unknown) => {
      throw error;
    },
  };
  const id = 1 as ConnectionId;
  const clock = new CoreClock(core);
  const socket = new Socket(id, "a", fake as unknown as WebSocket, clock, holder);
  socket.close(4003, "rate-limited");
  return fake;
}

Deno.test("frames on their way do not keep a client from its close code", async () => {
  const fake = closing();
  for (let i = 0; i < 64; i++) fake.dispatchEvent(new MessageEvent("message", { data: "x" }));
  deepEqual(fake.closes, []);
  await turn();
  deepEqual(fake.closes, [[4003, "rate-limited"]]);
});

Deno.test("a client whose frames do not end is dropped without waiting for their end", () => {
  const fake = closing();
  for (let i = 0; i < 65; i++) fake.dispatchEvent(new MessageEvent("message", { data: "x" }));
  deepEqual(fake.closes, [[]]);
});
