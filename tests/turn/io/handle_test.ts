import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { formatIp } from "../../../turn/address.ts";
import { freePort } from "../../../bench/process.ts";
import { timeLimitedCredential } from "../../support/turn_client.ts";
import type { Notice } from "../../../turn/mod.ts";
import { start, type TurnConfig, type TurnOptions, type TurnState } from "../../../turn/mod.ts";
import { LIMITS, SECRET, testConfig, testEachDriver } from "./config.ts";
import { bytesOf, RealClient, RealPeer } from "./real_client.ts";

/** A relay in its worker, with a way to wait for its states and notices. */
function startTest(config: Partial<TurnConfig> = {}, options: TurnOptions = {}) {
  const states: TurnState[] = [];
  const notices: Notice[] = [];
  let changed = Promise.withResolvers<void>();
  const tell = () => {
    changed.resolve();
    changed = Promise.withResolvers();
  };
  const handle = start(testConfig(config), {
    ...options,
    onChange: (state) => {
      states.push(state);
      tell();
    },
    onEvent: (notice) => {
      notices.push(notice);
      tell();
    },
  });
  return {
    handle,
    states,
    notices,
    async until(holds: () => boolean): Promise<void> {
      while (!holds()) await changed.promise;
    },
    [Symbol.asyncDispose]: () => handle.close(),
  };
}

const MORTAL = new URL("./workers/mortal.ts", import.meta.url);
const inAnHour = () => Math.floor(Date.now() / 1_000) + 3_600;

Deno.test("a started relay listens, relays, counts, and tells of allocations", async () => {
  await using relay = startTest();
  equal(relay.handle.state.kind, "starting");
  const { udp, tcp, port } = await relay.handle.ready;
  equal(udp[0]?.port, port);
  equal(tcp[0]?.port, port);
  await using client = RealClient.udp(port);
  using peer = new RealPeer();
  await client.allocate();
  await client.bind(0x4000, peer.address);
  client.turn.sendOnChannel(0x4000, bytesOf("hello"));
  client.flush();
  equal((await peer.receive()).text, "hello");
  const stats = await relay.handle.stats();
  equal(stats.allocations, 1);
  equal(stats.relaySockets, 1);
  await relay.until(() => relay.notices.some(({ kind }) => kind === "allocated"));
});

Deno.test("a port that is taken fails at once, and says what to do", async () => {
  const taken = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr as Deno.NetAddr;
  await using relay = startTest({ port });
  await rejects(relay.handle.ready, new RegExp(`127.0.0.1:${port} \\(UDP\\).*HEARTH_TURN_PORT`));
  equal(relay.handle.state.kind, "failed");
  await rejects(relay.handle.stats(), /does not run now: it is failed/);
  taken.close();
});

for (const [death, reason] of [["throw", /a bug met/], ["reject", /nobody waited/]] as const) {
  testEachDriver(`a worker that dies (${death}) is restarted, on the same port`, async (io) => {
    // While the worker is away, no other program's socket gets this port by chance.
    const port = freePort();
    await using relay = startTest({ io, port }, { entry: MORTAL });
    equal((await relay.handle.ready).port, port);
    relay.handle.revoke(death).catch(() => {});
    await relay.until(() => relay.states.length === 2);
    const restarting = relay.states[1];
    if (restarting?.kind !== "restarting") throw new Error(`It is ${restarting?.kind}`);
    equal(restarting.attempt, 1);
    match(restarting.reason, reason);
    await relay.until(() => relay.states.length === 3);
    const { state } = relay.handle;
    equal(state.kind === "listening" && state.listening.port, port);
    deepEqual(state.kind === "listening" && state.listening.remarks, []);
    await using client = RealClient.udp(port);
    await client.allocate();
  });
}

Deno.test("calls that wait when the worker dies are rejected", async () => {
  await using relay = startTest({}, { entry: MORTAL });
  await relay.handle.ready;
  const calls = await Promise.allSettled([
    relay.handle.revoke("throw"),
    relay.handle.stats(),
    relay.handle.drain(),
  ]);
  deepEqual(calls.map(({ status }) => status), ["rejected", "rejected", "rejected"]);
  await rejects(relay.handle.stats(), /it is restarting/);
});

Deno.test("a worker that gives no sign of life is restarted", async () => {
  // A worker that has not yet started gives no sign either: a busy machine takes a second or more.
  await using relay = startTest({}, { entry: MORTAL, pulseMs: 1_500 });
  await relay.handle.ready;
  await rejects(relay.handle.revoke("vanish"), /no sign of life/);
  equal(relay.handle.state.kind, "restarting");
  await relay.until(() => relay.handle.state.kind === "listening");
});

Deno.test("a revocation ends allocations, and outlives the worker", async () => {
  await using relay = startTest({ credentialSeconds: 3_600 }, { entry: MORTAL });
  const { port } = await relay.handle.ready;
  const mallory = timeLimitedCredential(SECRET, "mallory", inAnHour());
  {
    await using client = RealClient.udp(port, mallory);
    await client.allocate();
    equal(await relay.handle.revoke("mallory"), 1);
  }
  await relay.handle.revoke("throw").catch(() => {});
  await relay.until(() => relay.states.length === 3);
  await using refused = RealClient.udp(port, mallory);
  refused.turn.allocate(performance.now());
  equal((await refused.next("failed")).code, 401);
  await using others = RealClient.udp(port, timeLimitedCredential(SECRET, "alice", inAnHour()));
  await others.allocate();
});

Deno.test("a ban of a range ends allocations, outlives the worker, and is lifted by the next", async () => {
  await using relay = startTest({}, { entry: MORTAL });
  const { port } = await relay.handle.ready;
  await using client = RealClient.udp(port);
  await client.allocate();
  await relay.handle.ban([{ network: "127.0.0.0/8", until: Infinity }]);
  equal((await relay.handle.stats()).allocations, 0);
  await relay.handle.revoke("throw").catch(() => {});
  await relay.until(() => relay.states.length === 3);
  await using banned = RealClient.udp(port);
  banned.turn.allocate(performance.now());
  equal((await banned.next("failed")).code, 403);
  await relay.handle.ban([]);
  await using pardoned = RealClient.udp(port);
  await pardoned.allocate();
});

Deno.test("a drain outlives the worker, and so does a revocation made while none ran", async () => {
  await using relay = startTest({ credentialSeconds: 3_600 }, { entry: MORTAL });
  const { port } = await relay.handle.ready;
  const mallory = timeLimitedCredential(SECRET, "mallory", inAnHour());
  await relay.handle.drain();
  await relay.handle.revoke("throw").catch(() => {});
  equal(await relay.handle.revoke("mallory"), 0);
  await relay.until(() => relay.states.length === 3);
  await using client = RealClient.udp(port);
  client.turn.allocate(performance.now());
  equal((await client.next("failed")).code, 486);
  await using revoked = RealClient.udp(port, mallory);
  revoked.turn.allocate(performance.now());
  equal((await revoked.next("failed")).code, 401);
});

Deno.test("close frees the port, more than once does no harm, and no restart follows", async () => {
  const relay = startTest();
  const { port } = await relay.handle.ready;
  await Promise.all([relay.handle.close(), relay.handle.close()]);
  deepEqual(relay.handle.state, { kind: "closed" });
  Deno.listen({ hostname: "127.0.0.1", port }).close();
  Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port }).close();
});

Deno.test("close during the start and during a restart leaves nothing", async () => {
  const early = startTest();
  await early.handle.close();
  await rejects(early.handle.ready, /was closed/);
  const late = startTest({}, { entry: MORTAL });
  await late.handle.ready;
  await late.handle.revoke("throw").catch(() => {});
  equal(late.handle.state.kind, "restarting");
  await late.handle.close();
});

Deno.test("an address is advertised to who comes after it, by the next worker as well", async () => {
  await using relay = startTest({}, { entry: MORTAL });
  const { port } = await relay.handle.ready;
  const relayedIp = async () => {
    await using client = RealClient.udp(port);
    return formatIp((await client.allocate()).ip);
  };
  equal(await relayedIp(), "127.0.0.1");
  await relay.handle.move({
    externalIps: ["198.51.100.7"],
    ownIps: [],
    broadcastIps: [],
  });
  equal(await relayedIp(), "198.51.100.7");
  await relay.handle.revoke("throw").catch(() => {});
  await relay.until(() => relay.states.length === 3);
  equal(await relayedIp(), "198.51.100.7");
});

Deno.test("settings are taken by the worker that runs, and by the next one as well", async () => {
  await using relay = startTest({ credentialSeconds: 3_600 }, { entry: MORTAL });
  const { port } = await relay.handle.ready;
  const outcome = async (secret: string) => {
    const credential = timeLimitedCredential(secret, "carol", inAnHour());
    await using client = RealClient.udp(port, credential);
    return await client.allocate().then(() => "allocated", () => "refused");
  };
  deepEqual([await outcome(SECRET), await outcome("another")], ["allocated", "refused"]);
  const { peerAllow, peerDeny, limits } = testConfig();
  await relay.handle.configure({ secrets: ["another"], peerAllow, peerDeny, limits });
  deepEqual([await outcome(SECRET), await outcome("another")], ["allocated", "allocated"]);
  await relay.handle.revoke("throw").catch(() => {});
  await relay.until(() => relay.states.length === 3);
  deepEqual([await outcome(SECRET), await outcome("another")], ["allocated", "allocated"]);
  await relay.handle.configure({
    secrets: ["another"],
    peerAllow,
    peerDeny,
    limits: { ...LIMITS, allocations: 0 },
  });
  equal(await outcome("another"), "refused");
});
