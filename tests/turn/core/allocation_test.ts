import assert from "node:assert/strict";
import type { PeerAddress } from "../../../turn/address.ts";
import { Allocation } from "../../../turn/core/allocation.ts";
import { Transactions } from "../../../turn/core/transactions.ts";
import { at, flowFrom, LIMITS } from "../../support/turn_harness.ts";

const flow = flowFrom("198.51.100.10:1");
const route = { direct: true, own: false };

Deno.test("RFC 8656 §9 and §12: what has ended leaves nothing in an allocation", () => {
  const allocation = new Allocation(flow, { user: "alice", room: undefined }, [], LIMITS);
  allocation.expiresAt = 3_600_000;
  for (let n = 0; n < 5; n++) {
    const peer = at<PeerAddress>(`192.0.2.${n}:9`);
    allocation.bind(0x4000 + n, peer, route, n);
    allocation.permit(peer.ip, route, n);
  }
  assert.equal(allocation.nextDue(), 300_000);
  allocation.prune(300_003);
  assert.equal(allocation.permissions.size, 1);
  assert.equal(allocation.channelsByPeer.size, 5);
  allocation.prune(600_003);
  assert.equal(allocation.permissions.size, 0);
  assert.equal(allocation.channelsByNumber.size, 1);
  assert.equal(allocation.channelsByPeer.size, 1);
  assert.equal(allocation.nextDue(), 600_004);
});

Deno.test("RFC 8656 §5: answers are remembered for 40 s, and only so many", () => {
  const transactions = new Transactions(2);
  const id = (n: number) => new Uint8Array(12).fill(n);
  const remember = (n: number, now: number) =>
    transactions.remember(flow.key, id(n), Uint8Array.of(n), now);
  remember(1, 0);
  assert.deepEqual(transactions.find(flow.key, id(1), 39_999), Uint8Array.of(1));
  assert.equal(transactions.find(flow.key, id(1), 40_000), undefined, "however late the timer is");
  assert.equal(transactions.find("another", id(1), 0), undefined);
  remember(2, 1);
  remember(3, 2);
  assert.equal(transactions.find(flow.key, id(1), 2), undefined, "the oldest goes");
  assert.deepEqual(transactions.find(flow.key, id(2), 2), Uint8Array.of(2));
  assert.equal(transactions.nextDue, 41_001, "one waking for what comes to its end within 1 s");
  transactions.forgetDue(40_002);
  assert.equal(transactions.nextDue, Infinity);
});
