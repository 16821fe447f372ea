import assert from "node:assert/strict";
import { makeIceServers, parseHost } from "../../../auth/core/mod.ts";
import { formatAddress, type PeerAddress } from "../../../turn/address.ts";
import type { TurnConfig, TurnLimits } from "../../../turn/config.ts";
import { readTimeLimitedName } from "../../../turn/core/mod.ts";
import { SourceRates } from "../../../turn/core/source.ts";
import { Attribute, MessageWriter, Method } from "../../../turn/stun/mod.ts";
import { type ClientEvent, timeLimitedCredential } from "../../support/turn_client.ts";
import { at, flowFrom, Harness, LIMITS, UNIX_START } from "../../support/turn_harness.ts";
import { brief, Direct } from "./direct.ts";

const PEER = at<PeerAddress>("192.0.2.1:99");

const limited = (limits: Partial<TurnLimits>, config: Partial<TurnConfig> = {}) =>
  new Harness({ ...config, limits: { ...LIMITS, ...limits } });
const client = (n: number, host = 10) => `198.51.100.${host}:${5_000 + n}`;

Deno.test("allocations per user: the last that fits, then 486, then room again", () => {
  const harness = limited({ allocationsPerUser: 2 });
  const [one, two, three] = [1, 2, 3].map((n) => new Direct(harness, client(n, n)));
  assert.ok(one && two && three);
  assert.equal(one.allocate(), "allocated");
  assert.equal(two.allocate(), "allocated");
  assert.equal(three.allocate(), 486);
  assert.equal(new Direct(harness, client(4, 4), "bob", "hunter2").allocate(), "allocated");
  assert.deepEqual(brief(one.do((it, now) => it.refresh(now, 0))), ["refreshed"]);
  assert.equal(three.allocate(), "allocated");
});

Deno.test("however late the timer is, what has ended counts in no quota", () => {
  const harness = limited({ allocationsPerUser: 1 });
  assert.equal(new Direct(harness, client(1, 1)).allocate(), "allocated");
  harness.now += 600_000;
  assert.equal(new Direct(harness, client(2, 2)).allocate(), "allocated");
});

Deno.test("a quota is the user's, whatever expiry the credential has, and ends with the state", () => {
  const harness = limited({ allocationsPerUser: 1 });
  const carol = (n: number) => {
    const { username, password } = timeLimitedCredential(
      "first secret",
      "carol",
      UNIX_START + 900 + n,
    );
    return new Direct(harness, client(n, n), username, password);
  };
  const first = carol(1);
  assert.equal(first.allocate(), "allocated");
  assert.equal(carol(2).allocate(), 486, "another expiry is no other user");
  harness.core.clientGone(first.flow, 0);
  assert.equal(carol(3).allocate(), "allocated");
});

Deno.test("allocations per room: whoever in it has them, and with the credential that it was given", () => {
  const harness = limited({ allocationsPerRoom: 2 });
  const turn = { port: 3478, secrets: ["first secret"], udp: true, tcp: true } as const;
  const player = (n: number, subject: string, room?: string) => {
    const host = parseHost("game.example");
    assert.ok(host);
    const { iceServers } = makeIceServers(turn, subject, host, (UNIX_START + 900) * 1_000, room);
    const { username = "", credential = "" } = iceServers[1] ?? {};
    return new Direct(harness, client(n, n), username, credential);
  };
  const ada = player(1, "user.ada", "ABCD");
  assert.equal(ada.allocate(), "allocated");
  assert.equal(player(2, "guest.ABCD.bob", "ABCD").allocate(), "allocated");
  assert.equal(player(3, "user.carol", "ABCD").allocate(), 486);
  assert.equal(player(4, "user.ada", "ABCD").allocate(), 486, "the room's, not the user's");
  assert.equal(player(5, "user.carol", "EFGH").allocate(), "allocated", "another room");
  assert.equal(player(6, "user.carol").allocate(), "allocated", "in no room");
  assert.deepEqual(brief(ada.do((it, now) => it.refresh(now, 0))), ["refreshed"]);
  assert.equal(player(7, "user.carol", "ABCD").allocate(), "allocated");
  assert.equal(harness.core.revoke("user.carol", 0), 3, "a user is the same in every room");
});

Deno.test("a port that is reserved counts for its room, until it is let go", () => {
  const harness = limited({ allocationsPerRoom: 3 });
  const { username, password } = timeLimitedCredential("first secret", "c/ABCD", UNIX_START + 900);
  const inRoom = (n: number) => new Direct(harness, client(n, n), username, password);
  const pair = (writer: MessageWriter) => {
    writer.bytes(Attribute.EVEN_PORT, Uint8Array.of(0x80));
  };
  assert.equal(inRoom(1).allocate(pair), "allocated");
  assert.equal(inRoom(2).allocate(pair), 486);
  harness.advance(30_000);
  assert.equal(inRoom(2).allocate(pair), "allocated");
});

Deno.test("a time-limited name is `expiry:user`, or `expiry:user/room` where a room could be so called", () => {
  for (
    const [name, user, room] of [
      ["1:ada", "ada", undefined],
      ["1:ada/ABCD", "ada", "ABCD"],
      ["1:a/b/c", "a/b", "c"],
      ["1:a/", "a/", undefined],
      ["1:/room", "/room", undefined],
      ["1:a/b c", "a/b c", undefined],
      [`1:a/${"r".repeat(64)}`, "a", "r".repeat(64)],
      [`1:a/${"r".repeat(65)}`, `a/${"r".repeat(65)}`, undefined],
    ] as const
  ) assert.deepEqual(readTimeLimitedName(name), { expiresAt: 1, user, room });
  for (const name of ["", "1:", ":a", "a", "x:a", "1234567890123456:a"]) {
    assert.equal(readTimeLimitedName(name), undefined, name);
  }
});

Deno.test("allocations per address: IPv4 by address, IPv6 by its 64 bits of network", () => {
  const harness = limited({ allocationsPerAddress: 1 });
  assert.equal(new Direct(harness, client(1)).allocate(), "allocated");
  assert.equal(new Direct(harness, client(2)).allocate(), 486);
  assert.equal(new Direct(harness, client(3, 11)).allocate(), "allocated");
  assert.equal(new Direct(harness, "[2001:db8:1:2::1]:1").allocate(), "allocated");
  assert.equal(new Direct(harness, "[2001:db8:1:2:9:9:9:9]:1").allocate(), 486);
  assert.equal(new Direct(harness, "[2001:db8:1:3::1]:1").allocate(), "allocated");
});

Deno.test("allocations in all: the last that fits, then 508", () => {
  const harness = limited({ allocations: 3 });
  const codes = [1, 2, 3, 4].map((n) => new Direct(harness, client(n, n)).allocate());
  assert.deepEqual(codes, ["allocated", "allocated", "allocated", 508]);
});

Deno.test("reserved ports count, and are closed when nobody comes for them", () => {
  const harness = limited({ allocations: 3 });
  const evenPort = (writer: MessageWriter) => {
    writer.bytes(Attribute.EVEN_PORT, Uint8Array.of(0x80));
  };
  assert.equal(new Direct(harness, client(1)).allocate(evenPort), "allocated");
  const ports = [...harness.open.values()].map(({ address }) => address.port);
  assert.equal(ports.length, 2);
  assert.deepEqual(ports.map((port) => port % 2), [0, 1]);
  assert.equal(ports[1], (ports[0] ?? 0) + 1);
  assert.equal(new Direct(harness, client(2)).allocate(evenPort), 508);
  assert.equal(new Direct(harness, client(3)).allocate(), "allocated");
  harness.advance(30_000);
  assert.equal(harness.open.size, 2);
  harness.advance(600_000);
  assert.equal(harness.open.size, 0);
});

Deno.test("a reservation that is claimed from another address is one more there", () => {
  const harness = limited({ allocationsPerAddress: 2 });
  const here = new Direct(harness, client(1, 1));
  assert.equal(
    here.allocate((w) => w.bytes(Attribute.EVEN_PORT, Uint8Array.of(0x80))),
    "allocated",
  );
  const token = here.client.reservationToken;
  assert.ok(token);
  const claim = (w: MessageWriter) => w.bytes(Attribute.RESERVATION_TOKEN, token);
  assert.equal(new Direct(harness, client(2, 2)).allocate(), "allocated");
  assert.equal(new Direct(harness, client(3, 2)).allocate(), "allocated");
  assert.equal(new Direct(harness, client(4, 2)).allocate(claim), 486);
  assert.deepEqual(brief(here.do((it, now) => it.refresh(now, 0))), ["refreshed"]);
  assert.equal(new Direct(harness, client(5, 1)).allocate(), "allocated");
  assert.equal(
    new Direct(harness, client(6, 1)).allocate(claim),
    "allocated",
    "it counts there already",
  );
});

Deno.test("relay ports: one that is taken is passed over, and none left is 508", () => {
  const harness = new Harness({ relayPorts: { first: 50_000, last: 50_003 } });
  for (const port of [50_000, 50_002, 50_003]) harness.taken.add(port);
  const one = new Direct(harness, client(1));
  assert.equal(one.allocate(), "allocated");
  assert.equal(one.relayed.port, 50_001);
  assert.equal(new Direct(harness, client(2)).allocate(), 508);
});

Deno.test("relay ports: a request tries 64 and no more", () => {
  const harness = new Harness();
  for (let port = 50_000; port < 51_000; port++) harness.taken.add(port);
  assert.equal(new Direct(harness, client(1)).allocate(), 508);
  assert.equal(harness.openCalls, 64);
});

Deno.test("relay ports: half a pair is closed again, and half of two families is a success", () => {
  const harness = new Harness({ relayPorts: { first: 50_000, last: 50_001 } });
  harness.taken.add(50_001);
  const one = new Direct(harness, client(1));
  assert.equal(
    one.allocate((writer) => writer.bytes(Attribute.EVEN_PORT, Uint8Array.of(0x80))),
    508,
  );
  assert.equal(harness.open.size, 0);
  assert.equal(
    one.allocate((writer) => writer.byte(Attribute.ADDITIONAL_ADDRESS_FAMILY, 2)),
    "allocated",
  );
  assert.equal(harness.open.size, 2);
});

Deno.test("relay ports are of the range, and cannot be guessed from the last", () => {
  const harness = new Harness();
  const ports = Array.from({ length: 20 }, (_, n) => {
    const one = new Direct(harness, client(n));
    assert.equal(one.allocate(), "allocated");
    return one.relayed.port;
  });
  assert.ok(ports.every((port) => port >= 50_000 && port <= 50_999));
  const steps = new Set(ports.slice(1).map((port, i) => port - (ports[i] ?? 0)));
  assert.ok(steps.size > 15, `${steps.size} different steps`);
});

Deno.test("permissions per allocation: the last that fits, then 508, and room when one ends", () => {
  const harness = limited({ permissionsPerAllocation: 2 });
  const one = new Direct(harness, client(1));
  one.allocate();
  assert.equal(one.permit("192.0.2.1"), "permitted");
  harness.advance(100_000);
  assert.equal(one.permit("192.0.2.2"), "permitted");
  assert.equal(one.permit("192.0.2.3"), 508);
  assert.equal(one.permit("192.0.2.2"), "permitted", "one that is there may be refreshed");
  harness.advance(200_000);
  assert.equal(one.permit("192.0.2.3"), "permitted");
});

Deno.test("channels per allocation: the last that fits, then 508, and a refresh always", () => {
  const harness = limited({ channelsPerAllocation: 2 });
  const one = new Direct(harness, client(1));
  one.allocate();
  const bind = (number: number, port: number) =>
    brief(one.do((it, now) => it.bind(number, at(`192.0.2.1:${port}`), now)));
  assert.deepEqual(bind(0x4000, 1), ["bound"]);
  assert.deepEqual(bind(0x4001, 2), ["bound"]);
  assert.deepEqual(bind(0x4002, 3), [508]);
  assert.deepEqual(bind(0x4001, 2), ["bound"]);
});

Deno.test("new peers per second: a burst of a second's worth, then 508, then more with time", () => {
  const harness = limited({ newPeersPerSecond: 3 });
  const one = new Direct(harness, client(1));
  one.allocate();
  const codes = [1, 2, 3, 4].map((n) => one.permit(`192.0.2.${n}`));
  assert.deepEqual(codes, ["permitted", "permitted", "permitted", 508]);
  assert.equal(one.permit("192.0.2.1"), "permitted", "a refresh is no new peer");
  harness.advance(334);
  assert.equal(one.permit("192.0.2.4"), "permitted");
  assert.equal(one.permit("192.0.2.5"), 508);
});

for (
  const [name, limits, sizes] of [
    ["packets", { packetsPerSecond: 3 }, [1, 1, 1, 1]],
    ["bytes", { bytesPerSecond: 300 }, [100, 100, 100, 1]],
  ] as const
) {
  Deno.test(`${name} per second, each way apart: a second's worth, no more, and more with time`, () => {
    const harness = limited(limits);
    const one = new Direct(harness, client(1));
    one.allocate();
    one.permit("192.0.2.1");
    const relay = [...harness.open.values()][0];
    assert.ok(relay);
    const arrived: ClientEvent[] = [];
    for (const size of sizes) {
      arrived.push(...one.do((it) => it.send(PEER, new Uint8Array(size))));
      harness.core.fromPeer(relay, PEER, new Uint8Array(size), harness.now);
    }
    assert.equal(harness.toPeer.length, 3);
    one.receive();
    arrived.push(...one.client.takeEvents());
    assert.deepEqual(brief(arrived), ["data", "data", "data"]);
    assert.equal(harness.dropped("rate-limited"), 2);
    harness.advance(400);
    one.do((it) => it.send(PEER, new Uint8Array(sizes[0])));
    assert.equal(harness.toPeer.length, 4);
  });
}

Deno.test("in process, the limits of both sides hold, and the receiver's permission", () => {
  const harness = limited({ packetsPerSecond: 2 });
  const a = new Direct(harness, client(1));
  const b = new Direct(harness, client(2), "bob", "hunter2");
  a.allocate();
  b.allocate();
  a.do((it, now) => it.permit(b.relayed, now));
  a.do((it) => it.send(b.relayed, Uint8Array.of(1)));
  assert.equal(harness.dropped("no-permission"), 1, "b has not permitted a");
  b.do((it, now) => it.permit(a.relayed, now));
  a.do((it) => it.send(b.relayed, Uint8Array.of(2)));
  a.do((it) => it.send(b.relayed, Uint8Array.of(3)));
  assert.equal(harness.dropped("rate-limited"), 1);
  b.receive();
  const data = b.client.takeEvents();
  assert.deepEqual(data, [{
    kind: "data",
    from: formatAddress(a.relayed),
    data: Uint8Array.of(2),
  }]);
});

Deno.test("a datagram too large for what wraps it is dropped", () => {
  const harness = new Harness();
  const one = new Direct(harness, client(1));
  one.allocate();
  one.permit("192.0.2.1");
  const [relay] = harness.open.values();
  assert.ok(relay);
  const arrive = (size: number) => {
    harness.core.fromPeer(relay, PEER, new Uint8Array(size), 0);
    return harness.take(one.flow).length;
  };
  assert.equal(arrive(65_507 - 48), 1);
  assert.equal(arrive(65_507 - 47), 0);
  one.do((it, now) => it.bind(0x4000, PEER, now));
  assert.equal(arrive(65_507 - 4), 1);
  assert.equal(arrive(65_507 - 3), 0);
  one.do((it) => it.sendOnChannel(0x4000, new Uint8Array(65_507)));
  assert.equal(harness.toPeer.length, 1);
  one.do((it) => it.sendOnChannel(0x4000, new Uint8Array(65_508)));
  assert.equal(harness.toPeer.length, 1);
  assert.equal(harness.dropped("too-large"), 3);
});

Deno.test("the longest datagram of IPv6 may carry less data than it is long", () => {
  const harness = new Harness();
  const one = new Direct(harness, client(1));
  one.allocate();
  one.do((it, now) => it.bind(0x4000, PEER, now));
  const datagram = new Uint8Array(65_527);
  datagram.set([0x40, 0, 0, 2, 7, 8]);
  harness.core.fromClient(one.flow, datagram, 0);
  assert.deepEqual(harness.toPeer.map(({ bytes }) => bytes), [Uint8Array.of(7, 8)]);
});

Deno.test("401s for a source: a second's worth; another source has its own", () => {
  const harness = limited({ unauthenticatedPerSecond: 3 });
  const bare = new MessageWriter(new Uint8Array(20))
    .start("request", Method.ALLOCATE, new Uint8Array(12)).finish();
  const count = (from: string, times: number) => {
    let answers = 0;
    for (let i = 0; i < times; i++) answers += harness.ask(flowFrom(from), bare).length;
    return answers;
  };
  assert.equal(count(client(1), 10), 3);
  assert.equal(count(client(2), 10), 0, "another port is the same source");
  assert.equal(count(client(1, 77), 10), 3);
  assert.equal(harness.dropped("rate-limited"), 24);
  harness.advance(1_000);
  assert.equal(count(client(1), 10), 3);
});

Deno.test("a million spoofed sources leave nothing but a table of fixed size", () => {
  const rates = new SourceRates(5, 0x1234_5678, 1_024);
  let passed = 0;
  for (let ip = 0; ip < 1_000_000; ip++) if (rates.take(ip * 2_654_435_761 % 2 ** 32, 0)) passed++;
  assert.ok(passed <= 5 * 1_024, `${passed} passed`);
});

Deno.test("slots of sources depend on the seed, so that nobody can choose to share one", () => {
  const sharing = (seed: number) => {
    const rates = new SourceRates(1, seed, 256);
    rates.take(1, 0);
    return Array.from({ length: 2_000 }, (_, i) => i + 2).filter((ip) => {
      const copy = new SourceRates(1, seed, 256);
      copy.take(1, 0);
      return !copy.take(ip, 0);
    });
  };
  assert.notDeepEqual(sharing(1), sharing(2));
});

Deno.test("limits: off lifts the rates", () => {
  const harness = new Harness({ limits: "off" });
  const one = new Direct(harness, client(1));
  assert.equal(one.allocate(), "allocated");
  for (let i = 1; i < 200; i++) assert.equal(one.permit(`192.0.2.${i}`), "permitted");
  for (let i = 0; i < 2_000; i++) one.do((it) => it.send(PEER, new Uint8Array(10_000)));
  assert.equal(harness.toPeer.length, 2_000);
});
