import assert from "node:assert/strict";
import { formatIp, type Ip, parseIp, type PeerAddress } from "../../../turn/address.ts";
import { parseCidr } from "../../../turn/core/mod.ts";
import { PeerGate } from "../../../turn/core/peer_gate.ts";
import { Attribute } from "../../../turn/stun/mod.ts";
import {
  at,
  CONFIG,
  EXTERNAL_4,
  EXTERNAL_6,
  flowFrom,
  Harness,
} from "../../support/turn_harness.ts";
import { TurnClient } from "../../support/turn_client.ts";
import { seeded } from "../../support/turn_harness.ts";

/** IPv4 addresses where no player is: of each range the first, the last, and one that matters. */
const FORBIDDEN_4 = [
  ...["0.0.0.0", "0.0.0.1", "0.255.255.255"],
  ...["10.0.0.0", "10.0.0.1", "10.255.255.255"],
  ...["100.64.0.0", "100.100.100.200", "100.127.255.255"],
  ...["127.0.0.0", "127.0.0.1", "127.1.2.3", "127.255.255.255"],
  ...["169.254.0.0", "169.254.169.254", "169.254.170.2", "169.254.255.255"],
  ...["172.16.0.0", "172.17.0.1", "172.31.255.255"],
  ...["192.0.0.0", "192.0.0.192", "192.0.0.255", "192.88.99.1"],
  ...["192.168.0.0", "192.168.1.1", "192.168.255.255"],
  ...["198.18.0.0", "198.19.255.255"],
  ...["224.0.0.0", "224.0.0.251", "239.255.255.250", "239.255.255.255"],
  ...["240.0.0.0", "255.255.255.254", "255.255.255.255"],
];

/** IPv6 addresses where no player is. */
const FORBIDDEN_6 = [
  ...["::", "::1", "0:0:0:0:0:0:0:1", "::1%lo"],
  ...["fe80::", "fe80::1", "fe80::1%eth0", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
  ...["fc00::1", "fd00:ec2::254", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
  ...["fec0::1", "feff::1", "ff00::", "ff02::1", "ff02::fb", "ff0e::1"],
  ...[
    "100::1",
    "2001:2::1",
    "5f00::1",
    "64:ff9b:1::1",
    "64:ff9b:1:a00:1::",
    "64:ff9b:1:ffff::8.8.8.8",
  ],
];

/** The spellings of an IPv4 address as an IPv6 one. */
const EMBEDDINGS: readonly ((ip: string) => string)[] = [
  (ip) => `::ffff:${ip}`, // IPv4-mapped
  (ip) => `::ffff:0:${ip}`, // IPv4-translated
  (ip) => `64:ff9b::${ip}`, // NAT64
  (ip) => `2002:${hex(ip)}::1`, // 6to4
  (ip) => `2001:0:cb00:7101:0:0:${hex(ip, 0xffff)}`, // Teredo
  (ip) => `::${ip}`, // IPv4-compatible
];

/** Two groups of an IPv6 address, each XORed with `mask`. */
function hex(ip: string, mask = 0): string {
  const [a = 0, b = 0, c = 0, d = 0] = ip.split(".").map(Number);
  return [(a << 8 | b) ^ mask, (c << 8 | d) ^ mask].map((group) => group.toString(16)).join(":");
}

const CORPUS = [
  ...FORBIDDEN_4,
  ...FORBIDDEN_6,
  ...EMBEDDINGS.flatMap((spell) => FORBIDDEN_4.map(spell)),
];
const OPEN = [
  ...["8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255"],
  ...["128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0"],
  ...["192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255"],
  ...["192.0.2.1", "198.51.100.1", "203.0.113.9", "2001:db8::9", "2606:4700::1", "2a00::1"],
  ...EMBEDDINGS.map((spell) => spell("8.8.8.8")),
];
const OWN = [EXTERNAL_4, EXTERNAL_6, "192.168.1.5", "fd00::5"];

function ip(text: string): Ip {
  const parsed = parseIp(text);
  if (parsed === undefined) throw new Error(`Cannot read ${text}`);
  return parsed;
}

const literal = (address: string, port = 99) => {
  const text = formatIp(ip(address));
  return text.includes(":") ? `[${text}]:${port}` : `${text}:${port}`;
};

Deno.test("the corpus has 200 spellings of forbidden addresses, and the gate denies each", () => {
  const gate = new PeerGate(CONFIG);
  const distinct = new Set(CORPUS.map(ip));
  assert.ok(distinct.size >= 200, `${distinct.size} distinct addresses`);
  assert.deepEqual(CORPUS.filter((text) => gate.judge(ip(text)) !== "denied"), []);
});

Deno.test("the gate lets through what may be a player, beside each range", () => {
  const gate = new PeerGate(CONFIG);
  assert.deepEqual(OPEN.filter((text) => gate.judge(ip(text)) !== "direct"), []);
});

Deno.test("the last external addresses stay this machine's, and those before are anybody's", () => {
  const gate = new PeerGate(CONFIG);
  const moved = ["11.0.0.1", "12.0.0.1"] as const;
  const move = (externalIp: string) => gate.move({ ...CONFIG, externalIps: [externalIp] });
  move(moved[0]);
  assert.deepEqual([EXTERNAL_4, moved[0]].map((text) => gate.isOwn(ip(text))), [true, true]);
  move(moved[1]);
  assert.deepEqual([EXTERNAL_4, ...moved].map((text) => gate.isOwn(ip(text))), [false, true, true]);
  move(moved[1]);
  assert.equal(gate.isOwn(ip(moved[0])), true, "nothing has changed");
});

Deno.test("an address that this machine gets while it runs is its own from then on", () => {
  const gate = new PeerGate(CONFIG);
  const [public6, public4, broadcast] = ["2606:4700::77", "8.8.4.77", "8.8.4.255"].map(ip);
  assert.ok(public6 !== undefined && public4 !== undefined && broadcast !== undefined);
  assert.deepEqual([public6, public4, broadcast].map((one) => gate.judge(one)), [
    "direct",
    "direct",
    "direct",
  ]);
  gate.move({
    ...CONFIG,
    ownIps: ["2606:4700::77", "8.8.4.77"],
    broadcastIps: ["8.8.4.255"],
  });
  assert.deepEqual([public6, public4, broadcast].map((one) => gate.judge(one)), [
    "in-process",
    "in-process",
    "denied",
  ]);
});

Deno.test("this machine's addresses are in-process, in whichever spelling", () => {
  const gate = new PeerGate(CONFIG);
  for (const text of OWN) assert.equal(gate.judge(ip(text)), "in-process", text);
  for (const spell of EMBEDDINGS.slice(0, 5)) {
    assert.equal(gate.judge(ip(spell(EXTERNAL_4))), "in-process", spell(EXTERNAL_4));
  }
  const local = new PeerGate({ ...CONFIG, externalIps: ["127.0.0.1"] });
  assert.equal(local.judge(ip("127.0.0.1")), "in-process", "loopback as the external address");
  assert.equal(local.judge(ip("127.0.0.2")), "denied");
});

Deno.test("peerAllow opens, peerDeny closes and wins, port 0 is never open", () => {
  const gate = new PeerGate({
    ...CONFIG,
    peerAllow: ["10.0.0.0/8", "127.0.0.1", "fd00::/16", EXTERNAL_4],
    peerDeny: ["10.9.0.0/16", "8.8.0.0/16", "2606:4700::/32", "64:ff9b::/96"],
  });
  const judged = (text: string) => gate.judge(ip(text));
  assert.equal(judged("10.0.0.1"), "direct");
  assert.equal(judged("::ffff:10.0.0.1"), "direct");
  assert.equal(judged("127.0.0.1"), "direct");
  assert.equal(judged("127.0.0.2"), "denied");
  assert.equal(judged("fd00::77"), "direct");
  assert.equal(judged(EXTERNAL_4), "direct");
  assert.equal(judged("10.9.1.1"), "denied");
  assert.equal(judged("::ffff:10.9.1.1"), "denied");
  assert.equal(judged("8.8.8.8"), "denied");
  assert.equal(judged("2606:4700::1"), "denied");
  assert.equal(judged("64:ff9b::9.9.9.9"), "denied");
  assert.equal(gate.judgeAddress(at<PeerAddress>("9.9.9.9:0")), "denied");
  assert.equal(gate.judgeAddress(at<PeerAddress>("9.9.9.9:1")), "direct");
});

const BROADCAST = ["8.8.8.0", "8.8.11.255", "192.168.7.255", "203.0.113.255"];
/** What an operator might open without a thought of them. */
const OPENED = { broadcastIps: BROADCAST, peerAllow: ["8.8.0.0/16", "192.168.0.0/16"] };

Deno.test("broadcast addresses of this machine's networks are closed, in whichever spelling", () => {
  const gate = new PeerGate({ ...CONFIG, ...OPENED });
  for (const text of BROADCAST) {
    assert.equal(gate.judge(ip(text)), "denied", text);
    for (const spell of EMBEDDINGS) {
      assert.equal(gate.judge(ip(spell(text))), "denied", spell(text));
    }
  }
  for (const text of ["8.8.8.1", "8.8.11.254", "192.168.7.254", "203.0.113.254"]) {
    assert.equal(gate.judge(ip(text)), "direct", `${text}, beside them`);
  }
});

/** A client that has both families, so that each spelling reaches the gate and not a 443. */
function dualClient(config = {}) {
  const harness = new Harness({
    ...config,
    limits: {
      ...CONFIG.limits as Exclude<typeof CONFIG.limits, "off">,
      unauthenticatedPerSecond: 9,
    },
  });
  const flow = flowFrom("198.51.100.10:5000");
  const client = new TurnClient({ username: "alice", password: "secret", random: seeded(1) });
  const exchange = () => {
    for (let sent = client.takeOutput(); sent.length > 0; sent = client.takeOutput()) {
      for (const bytes of sent) {
        for (const answer of harness.ask(flow, bytes)) client.input(answer, harness.now);
      }
    }
    return client.takeEvents();
  };
  client.allocate(0, (writer) => writer.byte(Attribute.ADDITIONAL_ADDRESS_FAMILY, 2));
  const [event] = exchange();
  assert.equal(event?.kind, "allocated");
  const relayOf = (family: number) => {
    const relay = [...harness.open.values()].find((open) => open.family === family);
    assert.ok(relay);
    return relay;
  };
  return { harness, client, exchange, relayOf };
}

Deno.test("RFC 8656 §10.2 and §12.2: CreatePermission and ChannelBind refuse the corpus with 403", () => {
  const { harness, client, exchange } = dualClient();
  for (const text of CORPUS) {
    client.permit(at(literal(text)), 0);
    client.bind(0x4000, at(literal(text)), 0);
    const codes = exchange().map((event) => (event.kind === "failed" ? event.code : event.kind));
    assert.deepEqual(codes, [403, 403], text);
  }
  assert.equal(harness.core.stats().permissions, 0);
  assert.equal(harness.core.stats().channels, 0);
});

Deno.test("RFC 8656 §11.2 and §11.3: Send to the corpus and data from it go nowhere", () => {
  const { harness, client, exchange, relayOf } = dualClient();
  for (const text of CORPUS) {
    const peer = at<PeerAddress>(literal(text));
    client.send(peer, Uint8Array.of(1));
    assert.deepEqual(exchange(), [], text);
    const relay = relayOf(typeof peer.ip === "number" ? 4 : 6);
    harness.core.fromPeer(relay, peer, Uint8Array.of(1), 0);
  }
  assert.deepEqual(harness.toPeer, []);
  assert.deepEqual(harness.toClient, []);
  assert.equal(harness.dropped("peer-denied"), CORPUS.length, "each one coming in");
  assert.equal(harness.dropped("no-permission"), CORPUS.length, "each one going out");
});

Deno.test("broadcast addresses: 403 to a request, and no data to them or from them", () => {
  const { harness, client, exchange, relayOf } = dualClient(OPENED);
  for (const text of [...BROADCAST, ...BROADCAST.map((ip) => `::ffff:${ip}`)]) {
    const peer = at<PeerAddress>(literal(text));
    client.permit(peer, 0);
    client.bind(0x4000, peer, 0);
    assert.deepEqual(exchange().map((event) => event.kind === "failed" && event.code), [403, 403]);
    client.send(peer, Uint8Array.of(1));
    assert.deepEqual(exchange(), []);
    harness.core.fromPeer(relayOf(text.includes(":") ? 6 : 4), peer, Uint8Array.of(1), 0);
  }
  assert.deepEqual(harness.toPeer, []);
  assert.deepEqual(harness.toClient, []);
  assert.equal(harness.dropped("peer-denied"), 2 * BROADCAST.length);
});

Deno.test("this machine's services are reached by no port, nor do they reach in", () => {
  const { harness, client, exchange, relayOf } = dualClient();
  for (const text of OWN) {
    client.permit(at(literal(text)), 0);
    assert.deepEqual(exchange().map(({ kind }) => kind), ["permitted"]);
    for (const port of [1, 22, 53, 80, 3478, 8080, 65_535]) {
      const peer = at<PeerAddress>(literal(text, port));
      client.send(peer, Uint8Array.of(1));
      exchange();
      harness.core.fromPeer(
        relayOf(typeof peer.ip === "number" ? 4 : 6),
        peer,
        new Uint8Array(1),
        0,
      );
    }
  }
  assert.deepEqual(harness.toPeer, []);
  assert.deepEqual(harness.toClient, []);
  assert.equal(harness.dropped("peer-denied"), 2 * 7 * OWN.length);
});

Deno.test("ranges are read or refused", () => {
  for (const text of ["10.0.0.0/8", "0.0.0.0/0", "::/0", "1.2.3.4", "2001:db8::/32", " ::1/128 "]) {
    assert.ok(parseCidr(text), text);
  }
  for (
    const text of [
      "",
      "10.0.0.0/33",
      "::/129",
      "10.0.0/8",
      "1.2.3.4/",
      "1.2.3.4/8/9",
      "x/8",
      "1.2.3.4/-1",
    ]
  ) {
    assert.equal(parseCidr(text), undefined, text);
  }
});
