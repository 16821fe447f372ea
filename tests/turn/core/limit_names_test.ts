import assert from "node:assert/strict";
import { allOptions } from "../../../config/mod.ts";
import { turnLimits } from "../../../config/options.ts";
import type { PeerAddress } from "../../../turn/address.ts";
import type { TurnLimits } from "../../../turn/config.ts";
import type { LimitName } from "../../../turn/core/limits.ts";
import { MessageWriter, Method } from "../../../turn/stun/mod.ts";
import { timeLimitedCredential } from "../../support/turn_client.ts";
import { at, flowFrom, Harness, LIMITS, UNIX_START } from "../../support/turn_harness.ts";
import { Direct } from "./direct.ts";

const PEER = at<PeerAddress>("192.0.2.1:99");

/** What goes once beyond a limit of the core that allows one of its things. */
const BEYOND: Readonly<Record<LimitName, (harness: Harness) => void>> = {
  allocations: allocateTwice,
  allocationsPerUser: allocateTwice,
  allocationsPerRoom: allocateTwice,
  allocationsPerAddress: allocateTwice,
  permissionsPerAllocation: permitTwo,
  newPeersPerSecond: permitTwo,
  channelsPerAllocation(harness) {
    const one = allocated(harness);
    one.do((it, now) => it.bind(0x4000, PEER, now));
    one.do((it, now) => it.bind(0x4001, at("192.0.2.1:98"), now));
  },
  unauthenticatedPerSecond: (harness) => askTwice(harness, Method.ALLOCATE),
  bindingsPerSecond: (harness) => askTwice(harness, Method.BINDING),
  bytesPerSecond: sendTwice,
  packetsPerSecond: sendTwice,
};

/** These are the driver's: tests/turn/io. */
const OF_CONNECTIONS = [
  "tcpConnections",
  "tcpConnectionsPerAddress",
  "tcpIdleSeconds",
  "tcpBufferBytes",
];

Deno.test("every limit has an option, a default, and a refusal that is counted or a cut", () => {
  const counted = [...Object.keys(BEYOND), ...OF_CONNECTIONS, "maxLifetimeSeconds"];
  assert.deepEqual(Object.keys(turnLimits).sort(), counted.sort());
  for (const [name, { fallback }] of Object.entries(turnLimits)) {
    const key = `turn${name.charAt(0).toUpperCase()}${name.slice(1)}`;
    assert.ok(allOptions.some((option) => option.key === key), key);
    assert.notEqual(fallback, undefined, name);
  }
});

for (const [name, goBeyond] of Object.entries(BEYOND)) {
  Deno.test(`what ${name} refuses is counted under its name and under no other`, () => {
    const harness = new Harness({ limits: { ...LIMITS, [name]: 1 } as TurnLimits });
    goBeyond(harness);
    const { limitedBy } = harness.core.stats();
    assert.deepEqual(Object.keys(limitedBy).sort(), Object.keys(BEYOND).sort());
    const beyond = Object.entries(limitedBy).filter(([, times]) => times > 0);
    assert.deepEqual(beyond, [[name, 1]]);
  });
}

/** Somebody in a room. */
function client(harness: Harness, port: number): Direct {
  const { username, password } = timeLimitedCredential(
    "first secret",
    "carol/ABCD",
    UNIX_START + 9,
  );
  return new Direct(harness, `198.51.100.10:${port}`, username, password);
}

function allocated(harness: Harness): Direct {
  const one = client(harness, 1);
  assert.equal(one.allocate(), "allocated");
  return one;
}

function allocateTwice(harness: Harness): void {
  allocated(harness);
  client(harness, 2).allocate();
}

function permitTwo(harness: Harness): void {
  const one = allocated(harness);
  one.permit("192.0.2.1");
  one.permit("192.0.2.2");
}

function sendTwice(harness: Harness): void {
  const one = allocated(harness);
  one.permit("192.0.2.1");
  for (const byte of [1, 2]) one.do((it) => it.send(PEER, Uint8Array.of(byte)));
}

function askTwice(harness: Harness, method: number): void {
  const request = new MessageWriter(new Uint8Array(20))
    .start("request", method, new Uint8Array(12)).finish();
  for (const _ of [1, 2]) harness.ask(flowFrom("198.51.100.10:1"), request);
}
