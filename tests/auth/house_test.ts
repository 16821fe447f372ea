import { deepEqual, equal, ok } from "node:assert/strict";
import { Live } from "../../ops/mod.ts";
import { NO_SIGNALING } from "../support/numbers.ts";
import { bearer, makeWorld, NOBODY, PASSWORD, type World } from "./world.ts";

const READING = {
  at: 1,
  signaling: { ...NO_SIGNALING, rooms: 3 },
  turn: undefined,
  process: { residentBytes: 1, heapBytes: 1, cpuSeconds: 0, uptimeSeconds: 1 },
};

interface House {
  readonly world: World;
  readonly live: Live;
  readonly stop: AbortController;
  readonly asked: { drained: number; checks: PromiseWithResolvers<object>[]; onCheck: () => void };
  /** Alice is a host. */
  readonly alice: string;
  readonly bob: string;
}

async function makeHouse(): Promise<House> {
  const stop = new AbortController();
  const live = new Live(stop.signal);
  const asked: House["asked"] = { drained: 0, checks: [], onCheck: () => {} };
  const world = await makeWorld({
    server: {
      presence: () => NOBODY,
      revokeRelay: () => {},
      banRelay: () => {},
      house: {
        live: (holds) => live.listen(holds),
        check() {
          const check = Promise.withResolvers<object>();
          asked.checks.push(check);
          asked.onCheck();
          return check.promise;
        },
        drain: () => void asked.drained++,
      },
    },
  });
  await world.auth.users.add("Alice", PASSWORD);
  await world.auth.users.add("Bob", PASSWORD);
  const [alice, bob] = [await world.token("alice"), await world.token("bob")];
  return { world, live, stop, asked, alice, bob };
}

async function told(response: Response): Promise<[number, unknown]> {
  const { error } = await response.json();
  return [response.status, error?.code];
}

/** The events of a stream, one at each call; undefined at its end. */
function eventsOf({ body }: Response) {
  ok(body);
  const reader = body.getReader();
  return {
    async next(): Promise<{ readonly event: string; readonly data: unknown } | undefined> {
      const { value } = await reader.read();
      const found = /^event: (\w+)\ndata: (.+)\n\n$/.exec(new TextDecoder().decode(value));
      return found ? { event: found[1] ?? "", data: JSON.parse(found[2] ?? "") } : undefined;
    },
    /** Asks for the next event, and returns when the stream waits for it. */
    async ask() {
      const next = this.next();
      await new Promise((resolve) => setTimeout(resolve));
      return { next };
    },
    cancel: () => reader.cancel(),
  };
}

Deno.test("house: nobody but a host looks, checks or ends the server", async () => {
  const { world, asked, bob } = await makeHouse();
  await using _ = world;
  for (const [path, method] of [["live", "GET"], ["check", "GET"], ["drain", "POST"]]) {
    const url = `/api/admin/${path}`;
    deepEqual(await told(await world.call(url, { method: method ?? "" })), [401, "unauthorized"]);
    deepEqual(await told(await world.call(url, bearer(bob, method))), [403, "not-host"]);
  }
  deepEqual([asked.drained, asked.checks.length], [0, 0]);
});

Deno.test("live: the last hour comes first, and then each sample as it is taken", async () => {
  const { world, live, alice } = await makeHouse();
  await using _ = world;
  live.tell(READING);
  const response = await world.call("/api/admin/live", bearer(alice));
  equal(response.headers.get("content-type"), "text/event-stream");
  equal(response.headers.get("cache-control"), "no-store");
  const events = eventsOf(response);
  const first = await events.next();
  equal(first?.event, "history");
  deepEqual((first?.data as { rooms: unknown }).rooms, [3]);
  const second = await events.ask();
  live.tell({ ...READING, signaling: { ...READING.signaling, rooms: 4 } });
  const { event, data } = await second.next ?? {};
  equal(event, "sample");
  equal((data as { now: { rooms: number } }).now.rooms, 4);
  await events.cancel();
});

Deno.test("live: a reader that is slow misses samples, and nothing waits for it", async () => {
  const { world, live, alice } = await makeHouse();
  await using _ = world;
  const events = eventsOf(await world.call("/api/admin/live", bearer(alice)));
  await events.next();
  const missed = await events.ask();
  for (let rooms = 1; rooms <= 1_000; rooms++) {
    live.tell({ ...READING, signaling: { ...READING.signaling, rooms } });
  }
  equal((await missed.next)?.event, "sample");
  const { next } = await events.ask();
  live.tell({ ...READING, signaling: { ...READING.signaling, rooms: 2_000 } });
  equal(((await next)?.data as { now: { rooms: number } }).now.rooms, 2_000);
  await events.cancel();
});

const ENDS: readonly (readonly [how: string, end: (house: House) => unknown])[] = [
  ["the role is taken", ({ world }) => world.auth.users.setRole("alice", "player")],
  ["the account is disabled", ({ world }) => world.auth.users.disable("alice")],
  ["the host logs out", ({ world, alice }) => world.call("/api/logout", bearer(alice, "POST"))],
  ["the token is too old", ({ world }) => world.clock.ms += 3_600_000 + 60_000],
  ["its address is banned", ({ world }) => world.auth.bans.add("192.0.2.1", 60, "command-line")],
];

for (const [how, end] of ENDS) {
  Deno.test(`live: it ends, and tells nothing more, when ${how}`, async () => {
    const house = await makeHouse();
    await using _ = house.world;
    const events = eventsOf(await house.world.call("/api/admin/live", bearer(house.alice)));
    await events.next();
    const { next } = await events.ask();
    await end(house);
    house.live.tell(READING);
    equal(await next, undefined);
  });
}

Deno.test("live: it ends when the server stops, and nobody is let in after that", async () => {
  const { world, stop, alice } = await makeHouse();
  await using _ = world;
  const events = eventsOf(await world.call("/api/admin/live", bearer(alice)));
  await events.next();
  const { next } = await events.ask();
  stop.abort();
  equal(await next, undefined);
  equal((await world.call("/api/admin/live", bearer(alice))).status, 503);
});

Deno.test("live: the last place is given, the next one is not until somebody goes", async () => {
  const { world, alice } = await makeHouse();
  await using _ = world;
  const listen = () => world.call("/api/admin/live", bearer(alice));
  const listeners = [];
  for (let i = 0; i < 16; i++) listeners.push(eventsOf(await listen()));
  const refused = await listen();
  equal(refused.headers.get("retry-after"), "5");
  deepEqual(await told(refused), [503, "too-many-listeners"]);
  await listeners[0]?.cancel();
  const again = await listen();
  equal(again.status, 200);
  await again.body?.cancel();
  for (const listener of listeners) await listener.cancel();
});

Deno.test("check: who asks while one runs gets the same, who asks later another", async () => {
  const { world, asked, alice } = await makeHouse();
  await using _ = world;
  const ask = async () => await (await world.call("/api/admin/check", bearer(alice))).json();
  const begins = () => new Promise<void>((resolve) => asked.onCheck = resolve);
  const [first, one] = [begins(), ask()];
  await first;
  const others = Promise.all([ask(), ask()]);
  // Both have shown their tokens by the time that ten more requests have been answered.
  for (let i = 0; i < 10; i++) await world.call("/api/admin/users", bearer(alice));
  asked.checks[0]?.resolve({ findings: [] });
  deepEqual([await one, ...await others], [{ findings: [] }, { findings: [] }, { findings: [] }]);
  equal(asked.checks.length, 1);
  const [second, later] = [begins(), ask()];
  await second;
  asked.checks[1]?.resolve({ findings: ["other"] });
  deepEqual(await later, { findings: ["other"] });
});

Deno.test("drain: it is in the audit before it begins", async () => {
  const { world, asked, alice } = await makeHouse();
  await using _ = world;
  equal((await world.call("/api/admin/drain", bearer(alice, "POST"))).status, 202);
  equal(asked.drained, 1);
  const [line] = world.auth.moderation.audit(1);
  deepEqual([line?.by, line?.action, line?.target], ["user.alice", "drained", "server"]);
});
