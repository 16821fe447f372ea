import assert from "node:assert/strict";
import { formatIp, type PeerAddress } from "../../../turn/address.ts";
import type { FiveTuple, Transport } from "../../../turn/core/mod.ts";
import { decode, MessageWriter, Method } from "../../../turn/stun/mod.ts";
import { timeLimitedCredential, TurnClient } from "../../support/turn_client.ts";
import {
  at,
  EXTERNAL_4,
  flowFrom,
  Harness,
  seeded,
  UNIX_START,
} from "../../support/turn_harness.ts";

function session(
  harness: Harness,
  from: string,
  credential: { username: string; password: string },
  transport: Transport = "udp",
) {
  const flow = flowFrom(from, transport);
  const client = new TurnClient({
    ...credential,
    random: seeded(3),
    stream: transport === "tcp",
  });
  const run = (act: (client: TurnClient, now: number) => void) => {
    act(client, harness.now);
    for (let sent = client.takeOutput(); sent.length > 0; sent = client.takeOutput()) {
      for (const bytes of sent) {
        for (const answer of harness.ask(flow, bytes)) client.input(answer, harness.now);
      }
    }
    return client.takeEvents().map((event) => event.kind === "failed" ? event.code : event.kind);
  };
  return { flow, client, run };
}

const carol = (seconds: number, secret = "first secret") =>
  timeLimitedCredential(secret, "carol", UNIX_START + seconds);
const alice = { username: "alice", password: "secret" };
const released = (harness: Harness) =>
  harness.events.flatMap((event) => (event.kind === "released" ? [event.reason] : []));

Deno.test("secrets rotate: the first signs elsewhere, all verify here, another does not", () => {
  const harness = new Harness();
  const codes = ["first secret", "second secret", "third secret"].map((secret, i) =>
    session(harness, `198.51.100.${i}:1`, carol(900, secret)).run((it, now) => it.allocate(now))
  );
  assert.deepEqual(codes, [["allocated"], ["allocated"], [401]]);
});

Deno.test("an allocation never outlives its credential, however it is refreshed", () => {
  const harness = new Harness();
  const one = session(harness, "198.51.100.10:1", carol(700));
  assert.deepEqual(one.run((it, now) => it.allocate(now)), ["allocated"]);
  harness.advance(500_000);
  assert.deepEqual(one.run((it, now) => it.refresh(now, 3_600)), ["refreshed"]);
  harness.advance(199_999);
  assert.equal(harness.core.stats().allocations, 1);
  harness.advance(1);
  assert.equal(harness.core.stats().allocations, 0);
  assert.equal(harness.open.size, 0);
  assert.deepEqual(released(harness), ["credential-expired"]);
});

Deno.test("a late timer gives nobody a longer life", () => {
  const harness = new Harness();
  const one = session(harness, "198.51.100.10:1", alice);
  one.run((it, now) => it.allocate(now));
  one.run((it, now) => it.permit(at("192.0.2.1:9"), now));
  const [relay] = harness.open.values();
  assert.ok(relay);
  harness.now = 600_000;
  harness.core.fromPeer(relay, at<PeerAddress>("192.0.2.1:9"), Uint8Array.of(1), harness.now);
  one.run((it) => it.send(at("192.0.2.1:9"), Uint8Array.of(1)));
  assert.deepEqual([harness.toClient, harness.toPeer], [[], []]);
  assert.deepEqual(released(harness), ["expired"]);
});

Deno.test("revoke: the user's allocations are gone at once, and so are old credentials", () => {
  const harness = new Harness();
  const old = session(harness, "198.51.100.10:1", carol(3_600));
  const viaTcp = session(harness, "198.51.100.10:2", carol(3_600), "tcp");
  const other = session(harness, "198.51.100.11:1", alice);
  for (const { run } of [old, viaTcp, other]) run((it, now) => it.allocate(now));
  harness.advance(5_000);
  assert.equal(harness.core.revoke("carol", harness.now), 2);
  assert.equal(harness.core.stats().allocations, 1);
  assert.equal(harness.open.size, 1);
  assert.deepEqual(harness.closed, [viaTcp.flow], "a connection ends; a datagram flow has none");
  assert.deepEqual(released(harness), ["revoked", "revoked"]);
  assert.deepEqual(old.run((it, now) => it.allocate(now)), [401]);
  // One that was issued before and never used is refused too; one issued after is not.
  const issuedAt = (seconds: number, n: number) =>
    session(harness, `198.51.100.20:${n}`, carol(3_600 + seconds))
      .run((it, now) => it.allocate(now));
  assert.deepEqual(issuedAt(5, 1), [401]);
  assert.deepEqual(issuedAt(6, 2), ["allocated"]);
});

Deno.test("revoke: without the issuer's lifetime, what was used here is refused", () => {
  const harness = new Harness({ credentialSeconds: 0 });
  const old = session(harness, "198.51.100.10:1", carol(3_600));
  old.run((it, now) => it.allocate(now));
  assert.equal(harness.core.revoke("carol", 0), 1);
  assert.deepEqual(old.run((it, now) => it.allocate(now)), [401]);
  const later = session(harness, "198.51.100.10:2", carol(3_601));
  assert.deepEqual(later.run((it, now) => it.allocate(now)), ["allocated"]);
  assert.equal(harness.core.revoke("nobody", 0), 0);
});

Deno.test("ban: a range's clients lose what they have and get no more, until it ends or is lifted", () => {
  const harness = new Harness();
  const inside = session(harness, "198.51.100.10:1", alice);
  const viaTcp = session(harness, "198.51.100.255:2", alice, "tcp");
  const v6 = session(harness, "[2001:db8:0:1:9::1]:3", alice);
  const outside = session(harness, "198.51.101.0:4", alice);
  const all = [inside, viaTcp, v6, outside];
  for (const { run } of all) run((it, now) => it.allocate(now));
  const until = (UNIX_START + 60) * 1_000;
  const bans = ["198.51.100.0/24", "2001:db8:0:1::/64"].map((network) => ({ network, until }));
  harness.core.ban(bans, harness.now);
  assert.deepEqual(released(harness), ["banned", "banned", "banned"]);
  assert.deepEqual(harness.closed, [viaTcp.flow]);
  assert.equal(harness.core.stats().allocations, 1);
  assert.deepEqual(inside.run((it, now) => it.allocate(now)), [403]);
  assert.deepEqual(v6.run((it, now) => it.allocate(now)), [403]);
  harness.advance(59_999);
  assert.deepEqual(inside.run((it, now) => it.allocate(now)), [403]);
  harness.advance(1);
  assert.deepEqual(inside.run((it, now) => it.allocate(now)), ["allocated"]);
  harness.core.ban([{ network: "198.51.100.10/32", until: Infinity }], harness.now);
  assert.deepEqual(inside.run((it, now) => it.allocate(now)), [403]);
  harness.core.ban([], harness.now);
  assert.deepEqual(inside.run((it, now) => it.allocate(now)), ["allocated"]);
});

Deno.test("drain: what is there goes on, nothing new begins", () => {
  const harness = new Harness();
  const one = session(harness, "198.51.100.10:1", alice);
  one.run((it, now) => it.allocate(now));
  harness.core.drain();
  assert.deepEqual(one.run((it, now) => it.refresh(now)), ["refreshed"]);
  const two = session(harness, "198.51.100.10:2", alice);
  assert.deepEqual(two.run((it, now) => it.allocate(now)), [486]);
});

Deno.test("advertise: what comes has the new address, what is there keeps its own", () => {
  const harness = new Harness();
  const relayOf = (from: string) => {
    const one = session(harness, from, alice);
    one.run((it, now) => it.allocate(now));
    const relay = Array.from(harness.open.values()).at(-1);
    assert.ok(relay);
    return { one, ip: formatIp(relay.address.ip) };
  };
  const before = relayOf("198.51.100.10:1");
  harness.core.move({ externalIps: ["192.0.2.77"], ownIps: [], broadcastIps: [] });
  const after = relayOf("198.51.100.10:2");
  assert.deepEqual([before.ip, after.ip], [EXTERNAL_4, "192.0.2.77"]);
});

Deno.test("shutdown: everything is closed, and nothing waits", () => {
  const harness = new Harness();
  for (let n = 1; n <= 5; n++) {
    session(harness, `198.51.100.10:${n}`, alice).run((it, now) => it.allocate(now));
  }
  harness.core.shutdown(harness.now);
  assert.equal(harness.open.size, 0);
  assert.deepEqual(new Set(released(harness)), new Set(["shutdown"]));
  harness.advance(41_000);
  assert.equal(harness.core.deadline(), Infinity);
});

Deno.test("a TCP connection that ends takes its allocation along", () => {
  const harness = new Harness();
  const one = session(harness, "198.51.100.10:1", alice, "tcp");
  one.run((it, now) => it.allocate(now));
  assert.ok(harness.core.hasAllocation(one.flow));
  harness.core.clientGone(one.flow, 0);
  assert.ok(!harness.core.hasAllocation(one.flow));
  assert.deepEqual(released(harness), ["connection-closed"]);
  harness.core.clientGone(one.flow, 0);
});

Deno.test("a relay that is closed hears nothing, even where its port is another's now", () => {
  const harness = new Harness({ relayPorts: { first: 50_000, last: 50_000 } });
  const one = session(harness, "198.51.100.10:1", alice);
  one.run((it, now) => it.allocate(now));
  const [old] = harness.open.values();
  assert.ok(old);
  one.run((it, now) => it.refresh(now, 0));
  const two = session(harness, "198.51.100.10:2", alice);
  two.run((it, now) => it.allocate(now));
  two.run((it, now) => it.permit(at("192.0.2.1:9"), now));
  const [current] = harness.open.values();
  assert.ok(current && current !== old);
  const arrive = (relay: typeof old) => {
    harness.core.fromPeer(relay, at<PeerAddress>("192.0.2.1:9"), Uint8Array.of(1), harness.now);
    return harness.take(two.flow).length;
  };
  assert.equal(arrive(old), 0);
  assert.equal(arrive(current), 1);
});

Deno.test("RFC 8489 §9.2.4: no two sources share a nonce, and each lasts 30 minutes", () => {
  const harness = new Harness();
  const bare = new MessageWriter(new Uint8Array(20))
    .start("request", Method.ALLOCATE, new Uint8Array(12)).finish();
  const nonce = (flow: FiveTuple) => {
    const [answer] = harness.ask(flow, bare);
    const decoded = decode(answer ?? new Uint8Array());
    return decoded.kind === "message" ? decoded.message.attributes.nonce : undefined;
  };
  const sources: [string, Transport][] = [
    ["198.51.100.10:1", "udp"],
    ["198.51.100.10:1", "tcp"],
    ["198.51.100.10:2", "udp"],
    ["198.51.100.11:1", "udp"],
    ["[2001:db8::1]:1", "udp"],
    ["[2001:db8::2]:1", "udp"],
  ];
  const nonces = sources.map(([from, transport]) => nonce(flowFrom(from, transport)));
  assert.equal(new Set(nonces).size, sources.length);
  assert.ok(nonces.every((text) => /^obMatJos2[A-Za-z0-9+/]{24}$/.test(text ?? "")));
  // Bit 0, password algorithms, is the rightmost (erratum 6290), and set; bit 1, username anonymity,
  // only where each name has a USERHASH to be found by, and time-limited ones have none.
  assert.ok(nonces.every((text) => text?.startsWith("obMatJos2AAAB")));
  const staticOnly = new Harness({ secrets: [] });
  const [answer] = staticOnly.ask(flowFrom("198.51.100.10:1"), bare);
  const decoded = decode(answer ?? new Uint8Array());
  assert.ok(
    decoded.kind === "message" && decoded.message.attributes.nonce?.startsWith("obMatJos2AAAD"),
  );

  const one = session(harness, "198.51.100.10:1", alice);
  one.run((it, now) => it.allocate(now));
  const answered = () => harness.core.stats().refusedByCode[438] ?? 0;
  one.run((it, now) => it.refresh(now, 3_600));
  harness.advance(1_799_999);
  assert.deepEqual(one.run((it, now) => it.permit(at("192.0.2.1:1"), now)), ["permitted"]);
  assert.equal(answered(), 0);
  harness.advance(1);
  assert.deepEqual(one.run((it, now) => it.permit(at("192.0.2.1:1"), now)), ["permitted"]);
  assert.equal(answered(), 1);
});

Deno.test("no event that an operator reads holds a secret", () => {
  const harness = new Harness();
  session(harness, "198.51.100.10:1", alice).run((it, now) => it.allocate(now));
  session(harness, "198.51.100.10:2", carol(900)).run((it, now) => it.allocate(now));
  session(harness, "198.51.100.10:3", { ...alice, password: "wrong" })
    .run((it, now) => it.allocate(now));
  const text = JSON.stringify(
    harness.events,
    (key, value) => (key === "owner" ? undefined : value),
  );
  for (const secret of ["secret", "hunter2", carol(900).password, 'wrong"']) {
    assert.ok(!text.includes(secret), `an event holds ${secret}`);
  }
});

Deno.test("counters count", () => {
  const harness = new Harness();
  const one = session(harness, "198.51.100.10:1", alice);
  one.run((it, now) => it.allocate(now));
  one.run((it, now) => it.bind(0x4000, at("192.0.2.1:9"), now));
  one.run((it) => it.sendOnChannel(0x4000, new Uint8Array(10)));
  const [relay] = harness.open.values();
  assert.ok(relay);
  harness.core.fromPeer(relay, at<PeerAddress>("192.0.2.1:9"), new Uint8Array(7), 0);
  const { limitedBy, ...counted } = harness.core.stats();
  assert.ok(Object.values(limitedBy).every((times) => times === 0));
  assert.deepEqual(counted, {
    allocations: 1,
    permissions: 1,
    channels: 1,
    allocated: 1,
    clientBytes: 10,
    clientPackets: 1,
    peerBytes: 7,
    peerPackets: 1,
    inProcessPackets: 0,
    refusedByCode: { 401: 1 },
    droppedByReason: {},
  });
});
