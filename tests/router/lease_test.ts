import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import {
  closingPatience,
  follow,
  type Grant,
  type Happening,
  type Lease,
} from "../../router/core/mod.ts";

const MINUTE = 60_000;

const grant: Grant = {
  protocol: "PCP",
  router: "192.168.1.1",
  externalIp: "198.51.100.7",
  mapped: [{ transport: "udp", port: 3478 }],
  missing: [],
  lifetimeSeconds: 3_600,
};
const granted: Happening = { kind: "granted", grant };
const refused: Happening = { kind: "refused", whys: ["192.168.1.1 (PCP): it does not allow it"] };
const due: Happening = { kind: "due" };

/** Lets these happen at these times, from the start on. */
function after(...happenings: readonly (readonly [at: number, happening: Happening])[]): Lease {
  return happenings.reduce<Lease>(
    (lease, [at, happening]) => follow(lease, happening, at),
    { kind: "seeking", attempt: 0 },
  );
}

Deno.test("a grant is held and renewed after a minute, long before it ends", () => {
  deepEqual(after([1_000, granted]), {
    kind: "held",
    grant,
    since: 1_000,
    endsAt: 1_000 + 60 * MINUTE,
    failures: 0,
    nextAt: 1_000 + MINUTE,
  });
  equal(after([0, granted], [MINUTE, due]).kind, "renewing");
});

Deno.test("a short mapping is renewed when half of it is over (RFC 6886 §3.3, RFC 6887 §11.2.1)", () => {
  const short = { ...grant, lifetimeSeconds: 60 };
  const lease = after([0, { kind: "granted", grant: short }]);
  equal(lease.kind === "held" && lease.nextAt, MINUTE / 2);
});

Deno.test("a mapping without an end is held without an end", () => {
  const lease = after([0, { kind: "granted", grant: { ...grant, lifetimeSeconds: Infinity } }]);
  equal(lease.kind === "held" && lease.endsAt, Infinity);
  equal(lease.kind === "held" && lease.nextAt, MINUTE);
});

Deno.test("a renewal brings what the router says now, such as a new address", () => {
  const moved = { ...grant, externalIp: "198.51.100.8" };
  const lease = after([0, granted], [60_000, due], [60_050, { kind: "granted", grant: moved }]);
  equal(lease.kind === "held" && lease.grant.externalIp, "198.51.100.8");
});

Deno.test("a renewal that fails is tried again sooner and sooner given up: then a router is sought", () => {
  let lease = after([0, granted]);
  const waits: number[] = [];
  let now = 60_000;
  for (; lease.kind !== "seeking"; now = lease.kind === "held" ? lease.nextAt : now) {
    lease = follow(follow(lease, due, now), refused, now);
    if (lease.kind === "held") waits.push(lease.nextAt - now);
  }
  deepEqual(waits, [10_000, 20_000]);
  deepEqual(lease, { kind: "seeking", attempt: 0 });
});

Deno.test("a success between failures starts their count anew", () => {
  const lease = after([0, granted], [60_000, due], [60_000, refused], [70_000, due], [
    70_000,
    granted,
  ]);
  equal(lease.kind === "held" && lease.failures, 0);
});

Deno.test("what will have ended by the next try is not waited for", () => {
  const short = { ...grant, lifetimeSeconds: 15 };
  const lease = after([0, { kind: "granted", grant: short }], [7_500, due], [7_500, refused]);
  equal(lease.kind, "seeking");
});

Deno.test("without a router it is asked after 1, 2, 4 … minutes, half an hour at most", () => {
  let lease: Lease = { kind: "seeking", attempt: 0 };
  const waits = Array.from({ length: 8 }, () => {
    lease = follow(lease, refused, 0);
    const wait = lease.kind === "refused" ? lease.nextAt / MINUTE : undefined;
    lease = follow(lease, due, 0);
    return wait;
  });
  deepEqual(waits, [1, 2, 4, 8, 16, 30, 30, 30]);
});

Deno.test("an answer that comes when nobody asked changes nothing", () => {
  const held = after([0, granted]);
  equal(follow(held, refused, 1), held);
  const none = after([0, refused]);
  equal(follow(none, granted, 1), none);
});

Deno.test("an announcement of the router that granted has it asked at once, and not all the time", () => {
  const announced = (from: string): Happening => ({ kind: "announced", from });
  const held = after([0, granted]);
  const askedAt = (lease: Lease) => lease.kind === "held" && lease.nextAt;
  equal(follow(held, announced("192.168.1.66"), 60_000), held);
  equal(askedAt(follow(held, announced("192.168.1.1"), 60_000)), 60_000);
  const soon = follow(held, announced("192.168.1.1"), 1_000);
  equal(askedAt(soon), 5_000);
  equal(follow(soon, announced("192.168.1.1"), 2_000), soon);
  const renewing = follow(soon, due, 5_000);
  equal(follow(renewing, announced("192.168.1.1"), 5_001), renewing);
  const failed = follow(renewing, refused, 6_000);
  equal(askedAt(follow(failed, announced("192.168.1.1"), 7_000)), 11_000);
});

Deno.test("in another network a router is sought at once, by whatever was before", () => {
  const moved: Happening = { kind: "moved" };
  const seeking = { kind: "seeking", attempt: 0 };
  deepEqual(after([0, granted], [1, moved]), seeking);
  deepEqual(after([0, refused], [1, due], [2, refused], [3, moved]), seeking);
});

Deno.test("whatever happens, closed stays closed, and what waits never waits for the past", () => {
  const happenings = fc.array(fc.tuple(
    fc.nat(10 * MINUTE),
    fc.constantFrom<Happening>(
      granted,
      refused,
      due,
      { kind: "moved" },
      { kind: "announced", from: grant.router },
      { kind: "closed" },
    ),
  ));
  fc.assert(fc.property(happenings, (steps) => {
    let lease: Lease = { kind: "seeking", attempt: 0 };
    let now = 0;
    let isClosed = false;
    for (const [passed, happening] of steps) {
      now += passed;
      const before: Lease = lease;
      lease = follow(lease, happening, now);
      isClosed ||= happening.kind === "closed";
      equal(lease.kind === "closed", isClosed);
      if (lease !== before && "nextAt" in lease) equal(lease.nextAt >= now, true);
    }
  }));
});

Deno.test("the end waits for the router as long as the stop has patience, from 0.5 to 3 s", () => {
  deepEqual([0, 1_000, 60_000].map(closingPatience), [500, 1_000, 3_000]);
});
