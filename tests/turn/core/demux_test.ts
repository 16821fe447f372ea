import assert from "node:assert/strict";
import type { ClientAddress } from "../../../turn/address.ts";
import { flowKey } from "../../../turn/core/mod.ts";
import { decode, MessageWriter, Method } from "../../../turn/stun/mod.ts";
import { at, flowFrom, Harness, UNIX_START } from "../../support/turn_harness.ts";
import { timeLimitedCredential } from "../../support/turn_client.ts";
import { Direct } from "./direct.ts";

/** What becomes of a datagram that begins so: RFC 8656 §12, table 3. */
function fate(first: number): string {
  // STUN of no method that a server has; above 3, other protocols that happen to bear the cookie.
  if (first < 0x40) return "malformed";
  // 0x50–0x7f were RFC 5766's channels; they are bound only where the configuration says so.
  if (first >= 0x40 && first <= 0x7f) return "unbound-channel";
  return "not-stun";
}

Deno.test("RFC 8656 §12, table 3: each first byte leads to STUN, to a channel, or to silence", () => {
  for (let first = 0; first < 256; first++) {
    const harness = new Harness();
    const one = new Direct(harness, "198.51.100.10:1");
    assert.equal(one.allocate(), "allocated");
    const datagram = Uint8Array.of(first, 0, 0, 4, 0x21, 0x12, 0xa4, 0x42, ...new Uint8Array(16));
    assert.deepEqual(harness.ask(one.flow, datagram), [], `first byte ${first}`);
    assert.equal(harness.toPeer.length, 0);
    const { droppedByReason } = harness.core.stats();
    assert.deepEqual(droppedByReason, { [fate(first)]: 1 }, `first byte ${first}`);
  }
});

Deno.test("RFC 8656 §6: each part of the five-tuple tells allocations apart", () => {
  const harness = new Harness();
  const from = at<ClientAddress>("198.51.100.10:1");
  const keys = [
    flowKey(0, "udp", from),
    flowKey(1, "udp", from),
    flowKey(0, "tcp", from),
    flowKey(0, "udp", at("198.51.100.10:2")),
    flowKey(0, "udp", at("198.51.100.11:1")),
    flowKey(0, "udp", at("[2001:db8::1]:1")),
    flowKey(1, "udp", at("[2001:db8::1]:1")),
  ];
  assert.equal(new Set(keys).size, keys.length);
  const one = new Direct(harness, "198.51.100.10:1");
  assert.equal(one.allocate(), "allocated");
  assert.equal(new Direct(harness, "198.51.100.10:2").allocate(), "allocated");
  assert.equal(new Direct(harness, "198.51.100.11:1").allocate(), "allocated");
  assert.equal(one.allocate(), 437, "the same once more");
});

Deno.test("RFC 8489 §9.2.4 and §14.8: a refusal's reason begins with the phrase of its code", () => {
  const harness = new Harness();
  const flow = flowFrom("198.51.100.10:1");
  const [answer] = harness.ask(
    flow,
    new MessageWriter(new Uint8Array(20)).start("request", Method.ALLOCATE, new Uint8Array(12))
      .finish(),
  );
  const decoded = decode(answer ?? new Uint8Array());
  assert.ok(decoded.kind === "message");
  assert.deepEqual(decoded.message.attributes.errorCode, { code: 401, reason: "Unauthenticated" });
});

Deno.test("RFC 8489 §14.9: a realm and a user of the greatest length fit every answer", () => {
  const realm = "\u{1f3ae}".repeat(127);
  const harness = new Harness({ realm, software: "s".repeat(127) });
  const { username, password } = timeLimitedCredential(
    "first secret",
    "u".repeat(440) + "/" + "r".repeat(50),
    UNIX_START + 900,
  );
  const one = new Direct(harness, "198.51.100.10:1", username, password);
  assert.equal(one.allocate(), "allocated");
  assert.equal(one.permit("10.0.0.1"), 403);
});
