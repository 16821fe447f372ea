import assert from "node:assert/strict";
import { formatAddress, type PeerAddress } from "../../../turn/address.ts";
import type { TurnSettings } from "../../../turn/config.ts";
import { retire } from "../../../turn/retired_secrets.ts";
import { timeLimitedCredential } from "../../support/turn_client.ts";
import { at, CONFIG, Harness, LIMITS, UNIX_START } from "../../support/turn_harness.ts";
import { brief, Direct } from "./direct.ts";

const PEER = at<PeerAddress>("192.0.2.1:99");
const FROM = "198.51.100.10:5000";

const configure = (harness: Harness, change: Partial<TurnSettings>) =>
  harness.core.configure({ ...CONFIG, ...change }, harness.now);

/** A client with a permission and a channel to `PEER`. */
function playing(harness: Harness, from = FROM): Direct {
  const one = new Direct(harness, from);
  assert.equal(one.allocate(), "allocated");
  assert.deepEqual(brief(one.do((it, now) => it.bind(0x4000, PEER, now))), ["bound"]);
  return one;
}

/** How many of these packets, sent at once, reach the peer. */
function passed(harness: Harness, one: Direct, packets: number): number {
  const before = harness.toPeer.length;
  for (let n = 0; n < packets; n++) {
    one.do((it) => it.sendOnChannel(0x4000, new Uint8Array(100)));
  }
  return harness.toPeer.length - before;
}

Deno.test("a peer that is denied from now on: permission and channel to it end, others stay", () => {
  const harness = new Harness();
  const one = playing(harness);
  assert.equal(one.permit("192.0.2.2"), "permitted");
  configure(harness, { peerDeny: ["192.0.2.1/32"] });

  assert.equal(passed(harness, one, 1), 0);
  assert.equal(harness.dropped("unbound-channel"), 1);
  one.do((it) => it.send(PEER, Uint8Array.of(1)));
  assert.equal(harness.dropped("no-permission"), 1);
  harness.fromPeer(formatAddress(one.relayed), formatAddress(PEER), Uint8Array.of(2));
  assert.equal(harness.dropped("peer-denied"), 1);
  assert.deepEqual([one.permit("192.0.2.1"), one.permit("192.0.2.2")], [403, "permitted"]);
  assert.deepEqual(brief(one.do((it, now) => it.bind(0x4000, PEER, now))), [403]);
  const { allocations, permissions, channels } = harness.core.stats();
  assert.deepEqual({ allocations, permissions, channels }, {
    allocations: 1,
    permissions: 1,
    channels: 0,
  });
  configure(harness, {});
  assert.deepEqual(brief(one.do((it, now) => it.bind(0x4000, PEER, now))), ["bound"]);
  assert.equal(passed(harness, one, 1), 1);
});

Deno.test("a peer that is allowed from now on is reached, and no longer when that is taken back", () => {
  const harness = new Harness();
  const one = new Direct(harness, FROM);
  one.allocate();
  assert.equal(one.permit("10.1.2.3"), 403);
  configure(harness, { peerAllow: ["10.1.0.0/16"] });
  assert.equal(one.permit("10.1.2.3"), "permitted");
  configure(harness, {});
  one.do((it) => it.send(at("10.1.2.3:9"), Uint8Array.of(1)));
  assert.deepEqual([harness.toPeer.length, harness.dropped("no-permission")], [0, 1]);
});

Deno.test("this machine's own address, once allowed, is reached by its socket and not before", () => {
  const harness = new Harness();
  const one = new Direct(harness, FROM);
  one.allocate();
  const own = at("192.168.1.5:9");
  assert.equal(one.permit("192.168.1.5"), "permitted");
  const sends = () => {
    one.do((it) => it.send(own, Uint8Array.of(1)));
    return harness.toPeer.splice(0).length;
  };
  assert.equal(sends(), 0);
  configure(harness, { peerAllow: ["192.168.1.5/32"] });
  assert.equal(sends(), 1);
  configure(harness, {});
  assert.equal(sends(), 0);
});

Deno.test("a lower quota leaves what is there, and refuses what comes", () => {
  const harness = new Harness();
  const [one, two] = [playing(harness, "198.51.100.1:1"), playing(harness, "198.51.100.2:1")];
  configure(harness, { limits: { ...LIMITS, allocationsPerUser: 1 } });
  assert.equal(harness.core.stats().allocations, 2);
  assert.deepEqual([passed(harness, one, 1), passed(harness, two, 1)], [1, 1]);
  assert.deepEqual(brief(two.do((it, now) => it.refresh(now))), ["refreshed"]);
  assert.equal(new Direct(harness, "198.51.100.3:1").allocate(), 486);
  configure(harness, { limits: { ...LIMITS, allocationsPerUser: 3 } });
  assert.equal(new Direct(harness, "198.51.100.3:2").allocate(), "allocated");
});

Deno.test("new rates hold for allocations that are there, and lifted ones too", () => {
  const harness = new Harness();
  const one = playing(harness);
  configure(harness, { limits: { ...LIMITS, packetsPerSecond: 3 } });
  assert.equal(passed(harness, one, 10), 3);
  configure(harness, { limits: "off" });
  harness.now += 1;
  assert.equal(passed(harness, one, 10), 10);
  configure(harness, { limits: { ...LIMITS, bytesPerSecond: 250 } });
  assert.equal(passed(harness, one, 10), 2);
});

Deno.test("new rates for strangers hold at once", () => {
  const harness = new Harness();
  const answers = (from: string) =>
    Array.from({ length: 5 }, () => new Direct(harness, from).allocate())
      .filter((answer) => answer !== "silence").length;
  configure(harness, { limits: { ...LIMITS, unauthenticatedPerSecond: 2 } });
  assert.equal(answers("198.51.100.9:1"), 2);
  configure(harness, { limits: LIMITS });
  harness.now += 1_000;
  assert.equal(answers("198.51.100.9:2"), 5);
});

Deno.test("a retired secret verifies what it signed until its credentials have run out", () => {
  const harness = new Harness({ secrets: ["old"] });
  const credential = (secret: string, expiry: number) =>
    timeLimitedCredential(secret, "carol", UNIX_START + expiry);
  const allocate = (secret: string, expiry: number, port: number) => {
    const { username, password } = credential(secret, expiry);
    return new Direct(harness, `198.51.100.7:${port}`, username, password).allocate();
  };
  const { username, password } = credential("old", 3_600);
  const one = new Direct(harness, FROM, username, password);
  assert.equal(one.allocate(), "allocated");

  const retiredSecrets = retire({ ...CONFIG, secrets: ["old"] }, ["new"], UNIX_START);
  configure(harness, { secrets: ["new"], retiredSecrets });
  assert.deepEqual(brief(one.do((it, now) => it.refresh(now))), ["refreshed"]);
  assert.equal(allocate("new", 3_600, 1), "allocated");
  assert.equal(allocate("old", 3_600, 2), "allocated");
  assert.equal(allocate("old", 3_700, 3), 401, "longer than the issuer gives: whoever stole it");
  harness.now += 3_600_000;
  assert.equal(allocate("old", 3_600, 4), 401);
});

Deno.test("secrets retire in turn, are forgotten in time, and are bounded in number", () => {
  const lives = { credentialSeconds: 100 };
  const once = retire({ ...lives, secrets: ["a", "b"] }, ["b"], 1_000);
  assert.deepEqual(once, [{ secret: "a", until: 1_105 }]);
  const twice = retire({ ...lives, secrets: ["b"], retiredSecrets: once }, ["c"], 1_050);
  assert.deepEqual(twice, [{ secret: "b", until: 1_155 }, { secret: "a", until: 1_105 }]);
  assert.deepEqual(retire({ ...lives, secrets: ["c"], retiredSecrets: twice }, ["c"], 1_110), [
    { secret: "b", until: 1_155 },
  ]);
  assert.deepEqual(retire({ ...lives, secrets: ["c"], retiredSecrets: twice }, ["a"], 1_060), [
    { secret: "c", until: 1_165 },
    { secret: "b", until: 1_155 },
  ]);
  const many = Array.from({ length: 40 }, (_, n) => `s${n}`);
  assert.equal(retire({ ...lives, secrets: many }, ["z"], 0).length, 16);
});
