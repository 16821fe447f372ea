import { deepEqual, equal } from "node:assert/strict";
import type { Reading, SignalingNumbers, TurnNumbers } from "../../ops/mod.ts";
import { History, refusalsOf } from "../../ops/history.ts";
import { NO_SIGNALING } from "../support/numbers.ts";

const TURN: TurnNumbers = {
  allocations: 0,
  permissions: 0,
  channels: 0,
  allocated: 0,
  clientBytes: 0,
  clientPackets: 0,
  peerBytes: 0,
  peerPackets: 0,
  inProcessPackets: 0,
  refusedByCode: {},
  droppedByReason: {},
  limitedBy: {},
};

interface Parts {
  readonly signaling?: Partial<SignalingNumbers>;
  readonly turn?: Partial<TurnNumbers> | "down";
  readonly cpuSeconds?: number;
}

function readingAt(seconds: number, { signaling, turn, cpuSeconds = 0 }: Parts = {}): Reading {
  return {
    at: seconds * 1000,
    signaling: { ...NO_SIGNALING, ...signaling },
    turn: turn === "down" ? undefined : { ...TURN, ...turn },
    process: { residentBytes: 7, heapBytes: 1, cpuSeconds, uptimeSeconds: seconds },
  };
}

Deno.test("history: a sample has each count as it is, and each rate since the reading before", () => {
  const history = new History();
  const first = history.add(readingAt(1, {
    signaling: { relayedBytes: 900 },
    turn: { clientBytes: 900, peerPackets: 9 },
    cpuSeconds: 9,
  }));
  deepEqual([first.relayBytes, first.relayPackets, first.passedBytes, first.cpu], [0, 0, 0, 0]);
  deepEqual(
    history.add(readingAt(3, {
      signaling: { rooms: 1, peers: 2, relayedBytes: 1_000, faultsByCode: { "bad-json": 3 } },
      turn: {
        allocations: 4,
        clientBytes: 1_000,
        clientPackets: 10,
        peerBytes: 500,
        peerPackets: 19,
        refusedByCode: { 401: 50, 438: 50, 486: 1 },
        droppedByReason: { "peer-denied": 2 },
        limitedBy: { allocationsPerUser: 1 },
      },
      cpuSeconds: 10,
    })),
    {
      at: 3_000,
      rooms: 1,
      players: 2,
      allocations: 4,
      relayBytes: 300,
      relayPackets: 10,
      passedBytes: 50,
      cpu: 0.5,
      memory: 7,
      refusals: 3,
    },
  );
});

Deno.test("history: a relay that is down is null, and one that starts anew goes not below zero", () => {
  const history = new History();
  history.add(readingAt(1, { turn: { clientBytes: 1_000 } }));
  const down = history.add(readingAt(2, { turn: "down" }));
  deepEqual([down.allocations, down.relayBytes, down.relayPackets], [null, null, null]);
  history.add(readingAt(3, { turn: { clientBytes: 500 } }));
  equal(history.add(readingAt(4, { turn: { clientBytes: 100 } })).relayBytes, 0);
});

Deno.test("history: what is kept is five seconds apart, with what happened meanwhile", () => {
  const history = new History();
  for (let second = 1; second <= 6; second++) {
    history.add(readingAt(second, { turn: { clientBytes: second === 3 ? 0 : second * 100 } }));
  }
  const { at, relayBytes } = history.columns();
  deepEqual([at, relayBytes], [[1_000, 6_000], [0, 100]]);
});

Deno.test("history: readings that are further apart are kept each, with the rates between them", () => {
  const history = new History();
  for (const [second, clientBytes] of [[1, 0], [16, 150], [31, 3_150], [32, 3_150]] as const) {
    history.add(readingAt(second, { turn: { clientBytes } }));
  }
  const { at, relayBytes } = history.columns();
  deepEqual([at, relayBytes], [[1_000, 16_000, 31_000], [0, 10, 200]]);
});

Deno.test("history: an hour is kept, and the next sample takes the place of the oldest", () => {
  const history = new History();
  for (let second = 1; second <= 3_600; second++) history.add(readingAt(second));
  const { at, ...others } = history.columns();
  deepEqual([at.length, at[0]], [720, 1_000]);
  for (const [name, column] of Object.entries(others)) equal(column.length, 720, name);
  history.add(readingAt(3_601));
  const later = history.columns().at;
  deepEqual([later.length, later[0], later.at(-1)], [720, 6_000, 3_601_000]);
  history.add(readingAt(7_000));
  equal(history.columns().at[0], 3_401_000, "older than an hour, however few came since");
});

Deno.test("history: refusals are told by part and reason, without those that begin a login", () => {
  const reading = readingAt(1, {
    signaling: { faultsByCode: { "room-full": 2 } },
    turn: {
      refusedByCode: { 401: 1, 438: 1, 486: 3 },
      droppedByReason: { "peer-denied": 4 },
      limitedBy: { allocationsPerUser: 3 },
    },
  });
  deepEqual(refusalsOf(reading).map(({ part, reason, count }) => `${part} ${reason} ${count}`), [
    "rooms room-full 2",
    "relay 486 3",
    "relay peer-denied 4",
    "limit allocationsPerUser 3",
  ]);
  deepEqual(refusalsOf(readingAt(1, { turn: "down" })), []);
});
