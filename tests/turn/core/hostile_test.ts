import assert from "node:assert/strict";
import fc from "fast-check";
import type { PeerAddress } from "../../../turn/address.ts";
import type { Transport } from "../../../turn/core/mod.ts";
import { Deadlines, NOWHERE, type Timed } from "../../../turn/core/deadlines.ts";
import { Attribute, longTermKey, MessageWriter, Method } from "../../../turn/stun/mod.ts";
import { TurnClient } from "../../support/turn_client.ts";
import { at, flowFrom, Harness, seeded } from "../../support/turn_harness.ts";

/** Fails with what it takes to have the same again: fast-check prints seed and path. */
const RUNS = { numRuns: 400 };

const attribute = fc.record({
  type: fc.oneof(fc.constantFrom(...Object.values(Attribute)), fc.nat(0xffff)),
  value: fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.constantFrom("alice", "game", "obMatJos2AAAB" + "A".repeat(20))
      .map((text) => new TextEncoder().encode(text)),
  ),
});

/** Messages that know the grammar: any method, class and attributes, signed with the right key or not. */
const message = fc.record({
  messageClass: fc.constantFrom("request", "indication", "success", "error"),
  method: fc.oneof(fc.constantFrom(...Object.values(Method)), fc.nat(0xfff)),
  attributes: fc.array(attribute, { maxLength: 8 }),
  mac: fc.constantFrom(undefined, "sha1", "sha256"),
  fingerprint: fc.boolean(),
}).map(({ messageClass, method, attributes, mac, fingerprint }) => {
  const writer = new MessageWriter(new Uint8Array(1_000))
    .start(messageClass as "request", method, new Uint8Array(12).fill(5));
  for (const { type, value } of attributes) writer.bytes(type, value);
  if (mac) writer.integrity(mac as "sha1", longTermKey("md5", "alice", "game", "secret"));
  if (fingerprint) writer.fingerprint();
  return writer.finish().slice();
});

const cut = fc.tuple(
  message,
  fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 4 }),
  fc.nat(9),
)
  .map(([bytes, edits, less]) => {
    const copy = bytes.slice(0, bytes.length - less);
    for (const [at, value] of edits) if (at < copy.length) copy[at] = value;
    return copy;
  });
const datagram = fc.oneof(fc.uint8Array({ maxLength: 120 }), message, cut);
const source = fc.constantFrom("198.51.100.10:5000", "198.51.100.11:1", "[2001:db8:1::10]:5000");
const transport = fc.constantFrom<Transport>("udp", "tcp");

function isEmpty(harness: Harness): void {
  assert.equal(harness.open.size, 0);
  assert.equal(harness.openCalls, 0);
  assert.equal(harness.core.stats().allocations, 0);
  assert.equal(harness.core.deadline(), Infinity, "nothing waits, so nothing is kept");
  assert.deepEqual(harness.toPeer, []);
}

Deno.test("any datagrams from anybody: no exception, and no state before a verified nonce", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(source, transport, datagram), { maxLength: 20 }), (sent) => {
      const harness = new Harness();
      for (const [from, over, bytes] of sent) {
        const flow = flowFrom(from, over);
        const answers = harness.ask(flow, bytes);
        assert.ok(answers.length <= 1, "at most one answer for one datagram");
        harness.now += 10;
      }
      isEmpty(harness);
    }),
    RUNS,
  );
});

Deno.test("valid requests, changed in a few bytes: no exception, and nothing that was not asked", () => {
  const recorded: Uint8Array[] = [];
  const record = new Harness();
  const flow = flowFrom("198.51.100.10:5000");
  const client = new TurnClient({ username: "alice", password: "secret", random: seeded(4) });
  const run = (harness: Harness) => {
    for (let sent = client.takeOutput(); sent.length > 0; sent = client.takeOutput()) {
      for (const bytes of sent) {
        recorded.push(bytes);
        for (const answer of harness.ask(flow, bytes)) client.input(answer, 0);
      }
    }
  };
  client.allocate(0);
  run(record);
  client.permit(at("192.0.2.1:9"), 0);
  client.bind(0x4000, at("192.0.2.2:9"), 0);
  client.send(at("192.0.2.1:9"), new Uint8Array(30));
  client.sendOnChannel(0x4000, new Uint8Array(30));
  client.refresh(0);
  run(record);
  assert.equal(record.toPeer.length, 2);

  const edit = fc.tuple(fc.nat(300), fc.nat(255));
  const change = fc.tuple(
    fc.nat(recorded.length - 1),
    fc.array(edit, { minLength: 1, maxLength: 4 }),
  );
  fc.assert(
    fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
      const harness = new Harness();
      for (const bytes of recorded) harness.ask(flow, bytes);
      const before = harness.core.stats();
      for (const [which, edits] of changes) {
        const copy = recorded[which]?.slice() ?? new Uint8Array();
        for (const [at, value] of edits) copy[at % copy.length] = value;
        harness.ask(flow, copy);
      }
      const { allocations, permissions, channels } = harness.core.stats();
      assert.deepEqual({ allocations, permissions, channels }, {
        allocations: before.allocations,
        permissions: before.permissions,
        channels: before.channels,
      });
      harness.core.shutdown(0);
      assert.equal(harness.open.size, 0);
    }),
    RUNS,
  );
});

Deno.test("any datagram at a relay's socket: no exception, and out only by a permission", () => {
  const harness = new Harness();
  const flow = flowFrom("198.51.100.10:5000");
  const client = new TurnClient({ username: "alice", password: "secret", random: seeded(4) });
  const permitted = at<PeerAddress>("192.0.2.1:9");
  client.allocate(0);
  client.permit(permitted, 0);
  for (let sent = client.takeOutput(); sent.length > 0; sent = client.takeOutput()) {
    for (const bytes of sent) for (const it of harness.ask(flow, bytes)) client.input(it, 0);
  }
  client.permit(permitted, 0);
  for (const bytes of client.takeOutput()) harness.ask(flow, bytes);
  const [relay] = harness.open.values();
  assert.ok(relay);
  fc.assert(
    fc.property(fc.ipV4(), fc.nat(65_535), fc.uint8Array({ maxLength: 100 }), (ip, port, bytes) => {
      const peer = at<PeerAddress>(`${ip}:${port}`);
      harness.core.fromPeer(relay, peer, bytes, harness.now += 1);
      const sent = harness.take(flow).length;
      assert.equal(sent, peer.ip === permitted.ip && port !== 0 ? 1 : 0);
    }),
    RUNS,
  );
});

Deno.test("deadlines come in order, whatever was put off or taken out", () => {
  const action = fc.tuple(fc.nat(15), fc.option(fc.nat(100)));
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const items = Array.from({ length: 16 }, () => ({ due: Infinity, place: NOWHERE }));
      const deadlines = new Deadlines();
      const model = new Map<Timed, number>();
      for (const [index, due] of actions) {
        const item = items[index]!;
        if (due === null) {
          deadlines.delete(item);
          model.delete(item);
        } else {
          deadlines.set(item, due);
          model.set(item, due);
        }
        assert.equal(deadlines.next, Math.min(Infinity, ...model.values()));
      }
      let last = -1;
      for (let item = deadlines.take(100); item; item = deadlines.take(100)) {
        const due = model.get(item) ?? NaN;
        assert.ok(due >= last);
        last = due;
        model.delete(item);
      }
      assert.equal(model.size, 0);
    }),
    RUNS,
  );
});
