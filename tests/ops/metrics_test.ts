import assert from "node:assert/strict";
import {
  metricsOf,
  processNumbers,
  type SignalingNumbers,
  type TurnNumbers,
} from "../../ops/mod.ts";
import type { TurnStats } from "../../turn/core/api.ts";

const signaling: SignalingNumbers = {
  connections: 3,
  rooms: 1,
  peers: 2,
  peersAway: 1,
  received: 10,
  sent: 20,
  relayedBytes: 5,
  faultsByCode: { "bad-json": 4 },
  endsByCode: {},
};

const turn: TurnStats = {
  allocations: 2,
  permissions: 3,
  channels: 1,
  allocated: 7,
  clientBytes: 100,
  clientPackets: 10,
  peerBytes: 90,
  peerPackets: 9,
  inProcessPackets: 8,
  refusedByCode: { 401: 6, 486: 1 },
  droppedByReason: { "peer-denied": 2 },
  limitedBy: { bytesPerSecond: 3 },
};

const process = () => ({ residentBytes: 1, heapBytes: 1, cpuSeconds: 1, uptimeSeconds: 1 });

Deno.test("each number of a part is a metric; a second reading replaces the first", async () => {
  let numbers = signaling;
  const text = metricsOf({
    signaling: () => numbers,
    turn: () => turn,
    process,
    version: "1.2.3",
  });
  const first = await text();
  assert.match(first, /^hearth_connections 3$/m);
  assert.match(first, /^hearth_messages_received_total 10$/m);
  assert.match(first, /^hearth_faults_total\{code="bad-json"\} 4$/m);
  assert.match(first, /^hearth_turn_refused_total\{code="401"\} 6$/m);
  assert.match(first, /^hearth_turn_dropped_total\{reason="peer-denied"\} 2$/m);
  assert.match(first, /^hearth_turn_limited_total\{limit="bytesPerSecond"\} 3$/m);
  assert.match(first, /^hearth_info\{version="1.2.3"\} 1$/m);
  assert.match(first, /^hearth_turn_up 1$/m);

  numbers = { ...signaling, connections: 0, received: 11 };
  const second = await text();
  assert.match(second, /^hearth_connections 0$/m);
  assert.match(second, /^hearth_messages_received_total 11$/m);
});

Deno.test("every metric has help and its kind follows from its name", async () => {
  const text = await metricsOf({
    signaling: () => signaling,
    turn: () => turn,
    process,
    version: "1",
  })();
  const types = Array.from(text.matchAll(/^# TYPE (\S+) (\S+)$/gm));
  assert(types.length > 20);
  for (const [, name = "", type] of types) {
    assert.equal(type, name.endsWith("_total") ? "counter" : "gauge", name);
    assert.match(text, new RegExp(`^# HELP ${name} .+\\.$`, "m"));
  }
});

Deno.test("while the relay is down it says so, and its counters stay where they were", async () => {
  let relay: TurnNumbers | undefined = turn;
  const text = metricsOf({
    signaling: () => signaling,
    turn: () => Promise.resolve(relay),
    process,
    version: "1",
  });
  await text();
  relay = undefined;
  const down = await text();
  assert.match(down, /^hearth_turn_up 0$/m);
  assert.match(down, /^hearth_turn_allocated_total 7$/m);
});

Deno.test("the process measures itself", () => {
  const { residentBytes, heapBytes, cpuSeconds, uptimeSeconds } = processNumbers();
  for (const value of [residentBytes, heapBytes, cpuSeconds, uptimeSeconds]) assert(value > 0);
});
