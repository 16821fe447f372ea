import { equal, ok } from "node:assert/strict";
import { heldBytes } from "../../support/heap.ts";
import { Harness, LIMITS } from "../../support/turn_harness.ts";
import { Direct } from "./direct.ts";

const COUNT = 4_000;
/** With what the harness itself notes of each. */
const MOST_BYTES = 1_500;

Deno.test("an allocation that carries nothing holds little, and nothing once it is over", () => {
  const harness = new Harness({
    relayPorts: { first: 20_000, last: 60_000 },
    limits: { ...LIMITS, allocations: COUNT, allocationsPerUser: COUNT },
  });
  const allocate = (count: number) => {
    for (let n = 0; n < count; n++) {
      const client = new Direct(harness, `198.51.${100 + (n >> 8)}.${n & 0xff}:5000`);
      equal(client.allocate(), "allocated");
      harness.events.length = 0;
    }
  };
  const end = () => {
    harness.advance(3_600_000);
    equal(harness.core.stats().allocations, 0);
    harness.events.length = 0;
  };
  // What is compiled, and made once for all.
  allocate(COUNT / 2);
  end();

  const before = heldBytes();
  allocate(COUNT);
  const each = (heldBytes() - before) / COUNT;
  ok(each < MOST_BYTES, `${each} bytes each`);
  end();
  const left = (heldBytes() - before) / COUNT;
  ok(left < 50, `${left} bytes of each are left`);
});
