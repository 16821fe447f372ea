import { Attribute } from "../../../turn/stun/mod.ts";
import { LIMITS } from "../../support/turn_harness.ts";
import {
  additional,
  ask,
  type Attr,
  type Case,
  channel,
  data,
  family,
  indicate,
  lasting,
  lifetime,
  peer,
  type Step,
  UDP,
} from "./golden_case.ts";

const PEER = "192.0.2.1:99";
const PEER6 = "[2001:db8:2::1]:99";
const FORBIDDEN = "10.0.0.1:99";
const DONE = "success: MI";
const allocated = [ask("Allocate", [UDP])];
const allocated6 = [ask("Allocate", [UDP, family(2)])];
const dual = [ask("Allocate", [UDP, additional(2)])];
const permitted = [...allocated, ask("CreatePermission", [peer(PEER)])];
const bound = [...allocated, ask("ChannelBind", [channel(0x4000), peer(PEER)])];
const reading = (type: number, ...bytes: number[]): Attr => [type, bytes];
const channelData = (number: number, length: number, ...bytes: number[]): Step => ({
  bytes: [number >> 8, number & 255, length >> 8, length & 255, ...bytes],
});
const from = (address: string, ...bytes: number[]): Step => ({ peer: address, data: bytes });

const permit = (
  rule: string,
  attributes: Attr[],
  expect: string,
  more: Partial<Case> = {},
): Case => ({
  rule,
  given: allocated,
  then: ask("CreatePermission", attributes),
  expect,
  ...more,
});
const bind = (
  rule: string,
  attributes: Attr[],
  expect: string,
  more: Partial<Case> = {},
): Case => ({
  rule,
  given: allocated,
  then: ask("ChannelBind", attributes),
  expect,
  ...more,
});
const sends = (
  rule: string,
  attributes: Attr[],
  expect: string,
  more: Partial<Case> = {},
): Case => ({
  rule,
  given: permitted,
  then: indicate("Send", attributes),
  expect,
  ...more,
});
const after = (rule: string, given: Step[], then: Step, expect: string): Case => ({
  rule,
  given,
  then,
  expect,
});

/** RFC 8656 §9–§12: permissions, channels, and the data that goes by them. */
export const peers: readonly Case[] = [
  permit("RFC 8656 §10.2: a permission", [peer(PEER)], DONE),
  permit("§10.2: for several peers", [peer(PEER), peer("192.0.2.2:1")], DONE),
  permit("§10.2: the port does not count, not even 0", [peer("192.0.2.1:0")], DONE),
  permit("§10.2: without an allocation is 437", [peer(PEER)], "437: MI", { given: [] }),
  permit("§10.2: 437 comes before 400", [], "437: MI", { given: [] }),
  after(
    "§5: another user is 441",
    allocated,
    ask("CreatePermission", [peer(PEER)], { username: "bob" }),
    "441: MI",
  ),
  permit("§10.2: no XOR-PEER-ADDRESS is 400", [], "400: MI"),
  permit("§10.2: one that cannot be read is 400", [
    reading(Attribute.XOR_PEER_ADDRESS, 0, 3, 0, 0, 1, 2, 3, 4),
  ], "400: MI"),
  permit("§10.2: a good one beside it does not help", [
    peer(PEER),
    reading(Attribute.XOR_PEER_ADDRESS, 0, 1, 0, 0),
  ], "400: MI"),
  permit("§10.2: another family is 443", [peer(PEER6)], "443: MI"),
  permit("§10.2: IPv4 of an IPv6 allocation is 443", [peer(PEER)], "443: MI", {
    given: allocated6,
  }),
  permit("§10.2: IPv6 of an IPv6 allocation", [peer(PEER6)], DONE, { given: allocated6 }),
  permit("§10.2: both of both", [peer(PEER), peer(PEER6)], DONE, { given: dual }),
  permit("§10.2: a forbidden peer is 403, not 443 or 401", [peer(FORBIDDEN)], "403: MI"),
  permit("§10.2: one forbidden peer forbids all", [peer(PEER), peer(FORBIDDEN)], "403: MI"),
  after(
    "§10.2: all or none",
    [...allocated, ask("CreatePermission", [peer(PEER), peer(FORBIDDEN)])],
    indicate("Send", [peer(PEER), data(1)]),
    "silence",
  ),
  permit("§10.2: too many permissions is 508", [peer(PEER), peer("192.0.2.2:1")], "508: MI", {
    config: { limits: { ...LIMITS, permissionsPerAllocation: 1 } },
  }),
  permit("§10.2: the same peer twice is one", [peer(PEER), peer("192.0.2.1:1")], DONE, {
    config: { limits: { ...LIMITS, permissionsPerAllocation: 1 } },
  }),
  permit("§10.2: 403 comes before 508", [peer(PEER), peer(FORBIDDEN)], "403: MI", {
    config: { limits: { ...LIMITS, permissionsPerAllocation: 1 } },
  }),
  permit("a peer that the host opened", [peer(FORBIDDEN)], DONE, {
    config: { peerAllow: ["10.0.0.0/24"] },
  }),
  permit("a peer that the host closed", [peer(PEER)], "403: MI", {
    config: { peerDeny: ["192.0.2.0/24"] },
  }),
  permit("a peer both opened and closed is closed", [peer(FORBIDDEN)], "403: MI", {
    config: { peerAllow: ["10.0.0.0/8"], peerDeny: ["10.0.0.1"] },
  }),
  permit("this machine's own address may be permitted", [peer("203.0.113.1:1")], DONE),
  permit("and its local one", [peer("192.168.1.5:1")], DONE),

  bind("RFC 8656 §12.2: a channel", [channel(0x4000), peer(PEER)], DONE),
  bind("§12: the last number", [channel(0x4fff), peer(PEER)], DONE),
  bind("§12: 0x5000 is none", [channel(0x5000), peer(PEER)], "400: MI"),
  bind("§12: nor is 0x7fff, as in RFC 5766", [channel(0x7fff), peer(PEER)], "400: MI"),
  bind(
    "RFC 5766 §11: an old client's static user may have 0x7fff",
    [channel(0x7fff), peer(PEER)],
    DONE,
    {
      config: { oldChannels: true },
    },
  ),
  bind("RFC 5766 §11: but not 0x8000", [channel(0x8000), peer(PEER)], "400: MI", {
    config: { oldChannels: true },
  }),
  {
    rule: "RFC 8656 §12: a time-limited credential has none of RFC 5766's channels",
    config: { oldChannels: true },
    given: [ask("Allocate", [UDP], { username: lasting(1_000) })],
    then: ask("ChannelBind", [channel(0x5000), peer(PEER)], { username: lasting(1_000) }),
    expect: "400: MI",
  },
  bind("§12: nor 0xffff", [channel(0xffff), peer(PEER)], "400: MI"),
  bind("§12: nor 0x3fff", [channel(0x3fff), peer(PEER)], "400: MI"),
  bind("§12.2: without a number is 400", [peer(PEER)], "400: MI"),
  bind("§12.2: without a peer is 400", [channel(0x4000)], "400: MI"),
  bind("§12.2: a number that cannot be read is 400", [
    reading(Attribute.CHANNEL_NUMBER, 0x40, 0),
    peer(PEER),
  ], "400: MI"),
  bind("§12.2: without an allocation is 437", [channel(0x4000), peer(PEER)], "437: MI", {
    given: [],
  }),
  after(
    "§5: another user is 441",
    allocated,
    ask("ChannelBind", [channel(0x4000), peer(PEER)], { username: "bob" }),
    "441: MI",
  ),
  bind(
    "§12.2: a channel of another peer is 400",
    [channel(0x4000), peer("192.0.2.1:98")],
    "400: MI",
    {
      given: bound,
    },
  ),
  bind("§12.2: a peer of another channel is 400", [channel(0x4001), peer(PEER)], "400: MI", {
    given: bound,
  }),
  bind("§12.2: the same again is a refresh", [channel(0x4000), peer(PEER)], DONE, { given: bound }),
  bind(
    "§12.2: another port of the same peer is another peer",
    [
      channel(0x4001),
      peer("192.0.2.1:98"),
    ],
    DONE,
    { given: bound },
  ),
  bind("§12.2: another family is 443", [channel(0x4000), peer(PEER6)], "443: MI"),
  bind("§12.2: a forbidden peer is 403", [channel(0x4000), peer(FORBIDDEN)], "403: MI"),
  bind("§12.2: port 0 is 403: nothing is there", [channel(0x4000), peer("192.0.2.1:0")], "403: MI"),
  bind("§12.2: 400 comes before 403", [channel(0x5000), peer(FORBIDDEN)], "400: MI"),
  bind("§12.2: 400 comes before 443", [channel(0x5000), peer(PEER6)], "400: MI"),
  bind("§12.2: 443 comes before 403", [channel(0x4000), peer("[fe80::1]:9")], "443: MI"),
  bind("§12.2: too many channels is 508", [channel(0x4000), peer(PEER)], "508: MI", {
    config: { limits: { ...LIMITS, channelsPerAllocation: 0 } },
  }),
  bind("§12.2: too many permissions is 508", [channel(0x4000), peer(PEER)], "508: MI", {
    config: { limits: { ...LIMITS, permissionsPerAllocation: 0 } },
  }),
  bind("§12.2: an IPv6 channel", [channel(0x4000), peer(PEER6)], DONE, { given: allocated6 }),

  sends("RFC 8656 §11.2: Send", [peer(PEER), data(1, 2, 3)], `to ${PEER}: 010203`),
  sends("§11.2: to any port of the peer", [peer("192.0.2.1:7"), data(1)], "to 192.0.2.1:7: 01"),
  sends("§11.2: no bytes at all are data", [peer(PEER), data()], `to ${PEER}: `),
  sends("§11.2: without DATA is dropped", [peer(PEER)], "silence"),
  sends("§11.2: without a peer is dropped", [data(1)], "silence"),
  sends("§11.2: without a permission is dropped", [peer("192.0.2.9:99"), data(1)], "silence"),
  sends("§11.2: without an allocation is dropped", [peer(PEER), data(1)], "silence", { given: [] }),
  sends("§11.2: to a forbidden peer is dropped", [peer(FORBIDDEN), data(1)], "silence"),
  sends("§11.2: to port 0 is dropped", [peer("192.0.2.1:0"), data(1)], "silence"),
  sends("§14: with DONT-FRAGMENT is dropped", [
    peer(PEER),
    data(1),
    [Attribute.DONT_FRAGMENT, []],
  ], "silence"),
  sends("RFC 8489 §6.3.2: with an unknown attribute is dropped", [
    peer(PEER),
    data(1),
    [0x7777, []],
  ], "silence"),
  sends("RFC 8489 §6.3.2: with one that may be ignored is not", [
    peer(PEER),
    data(1),
    [0xc777, []],
  ], `to ${PEER}: 01`),
  sends("§11.2: another family is dropped", [peer(PEER6), data(1)], "silence"),
  sends(
    "to this machine, where no relay is, is dropped",
    [peer("203.0.113.1:22"), data(1)],
    "silence",
    {
      given: [...allocated, ask("CreatePermission", [peer("203.0.113.1:1")])],
    },
  ),
  sends(
    "to a service that the host opened, is sent",
    [peer("203.0.113.1:22"), data(1)],
    "to 203.0.113.1:22: 01",
    {
      given: [...allocated, ask("CreatePermission", [peer("203.0.113.1:1")])],
      config: { peerAllow: ["203.0.113.1"] },
    },
  ),

  after(
    "RFC 8656 §5: an indication is not authenticated: a wrong integrity code changes nothing",
    permitted,
    {
      method: "Send",
      class: "indication",
      attributes: [peer(PEER), data(1)],
      signed: { key: "wrong" },
    },
    `to ${PEER}: 01`,
  ),

  after("RFC 8656 §11.3: Data", permitted, from(PEER, 1, 2), `from ${PEER}: 0102`),
  after("§11.3: of no bytes", permitted, from(PEER), `from ${PEER}: `),
  after(
    "§11.3: from any port of the peer",
    permitted,
    from("192.0.2.1:7", 1),
    "from 192.0.2.1:7: 01",
  ),
  after("§9: without a permission is dropped", permitted, from("192.0.2.9:99", 1), "silence"),
  after("§9: from a forbidden peer is dropped", permitted, from(FORBIDDEN, 1), "silence"),
  after(
    "from this machine's own address, by a socket, is dropped",
    [...allocated, ask("CreatePermission", [peer("203.0.113.1:1")])],
    from("203.0.113.1:53", 1),
    "silence",
  ),
  after("§12.7: a bound channel must be used", bound, from(PEER, 1, 2), "channel 4000: 0102"),
  after(
    "§12.7: another port of the peer has none",
    bound,
    from("192.0.2.1:7", 1),
    "from 192.0.2.1:7: 01",
  ),
  after(
    "§11.3: IPv6",
    [...allocated6, ask("CreatePermission", [peer(PEER6)])],
    from(PEER6, 5),
    `from ${PEER6}: 05`,
  ),

  after("RFC 8656 §12.6: ChannelData", bound, channelData(0x4000, 2, 1, 2), `to ${PEER}: 0102`),
  after("§12.6: of no bytes is forwarded", bound, channelData(0x4000, 0), `to ${PEER}: `),
  after("§12.5: padding is no data", bound, channelData(0x4000, 1, 9, 0, 0, 0), `to ${PEER}: 09`),
  after(
    "§12.6: shorter than its length is dropped",
    bound,
    channelData(0x4000, 5, 1, 2),
    "silence",
  ),
  after("§12.6: an unbound channel is dropped", bound, channelData(0x4001, 1, 1), "silence"),
  after("§12.6: a number above 0x4fff is dropped", bound, channelData(0x5000, 1, 1), "silence"),
  after("§12.6: without an allocation is dropped", [], channelData(0x4000, 1, 1), "silence"),
  after("§12.6: less than a header is dropped", bound, { bytes: [0x40, 0x00, 0] }, "silence"),
  after(
    "§12.2: binding installs the permission",
    bound,
    indicate("Send", [peer("192.0.2.1:7"), data(1)]),
    "to 192.0.2.1:7: 01",
  ),

  after(
    "§9: a permission lasts 300 s",
    [...permitted, { wait: 299_999 }],
    from(PEER, 1),
    `from ${PEER}: 01`,
  ),
  after("§9: to the millisecond", [...permitted, { wait: 300_000 }], from(PEER, 1), "silence"),
  after(
    "§9: out as in",
    [...permitted, { wait: 300_000 }],
    indicate("Send", [peer(PEER), data(1)]),
    "silence",
  ),
  after(
    "§9: CreatePermission begins it anew",
    [...permitted, { wait: 200_000 }, ask("CreatePermission", [peer(PEER)]), { wait: 299_999 }],
    from(PEER, 1),
    `from ${PEER}: 01`,
  ),
  after(
    "§9: Send does not",
    [...permitted, { wait: 200_000 }, indicate("Send", [peer(PEER), data(1)]), { wait: 100_000 }],
    from(PEER, 1),
    "silence",
  ),
  after(
    "§9: nor does data coming in",
    [...permitted, { wait: 200_000 }, from(PEER, 1), { wait: 100_000 }],
    from(PEER, 1),
    "silence",
  ),
  after(
    "§9: nor does Refresh",
    [...permitted, { wait: 200_000 }, ask("Refresh", [lifetime(3_600)]), { wait: 100_000 }],
    from(PEER, 1),
    "silence",
  ),
  after(
    "§12: a channel lasts 600 s",
    [...bound, ask("Refresh", [lifetime(3_600)]), { wait: 599_999 }],
    channelData(0x4000, 1, 1),
    `to ${PEER}: 01`,
  ),
  after(
    "§12: to the millisecond",
    [...bound, ask("Refresh", [lifetime(3_600)]), { wait: 600_000 }],
    channelData(0x4000, 1, 1),
    "silence",
  ),
  after(
    "§12: ChannelData does not refresh it",
    [
      ...bound,
      ask("Refresh", [lifetime(3_600)]),
      { wait: 400_000 },
      channelData(0x4000, 1, 1),
      { wait: 200_000 },
    ],
    channelData(0x4000, 1, 1),
    "silence",
  ),
  after(
    "§8: data, either way, does not refresh an allocation",
    [
      ...bound,
      { wait: 299_000 },
      channelData(0x4000, 1, 1),
      from(PEER, 1),
      { wait: 301_000 },
    ],
    ask("Refresh"),
    "437: MI",
  ),
  after(
    "§12.2: ChannelBind begins the permission anew too",
    [
      ...bound,
      { wait: 200_000 },
      ask("ChannelBind", [channel(0x4000), peer(PEER)]),
      { wait: 299_999 },
    ],
    from(PEER, 1),
    "channel 4000: 01",
  ),
  after(
    "§9: the permission that a channel installed ends after 300 s",
    [...bound, { wait: 300_000 }],
    from(PEER, 1),
    "silence",
  ),
  after(
    "§12: after its end the number is free for another peer",
    [...bound, ask("Refresh", [lifetime(3_600)]), { wait: 600_000 }],
    ask("ChannelBind", [channel(0x4000), peer("192.0.2.8:1")]),
    DONE,
  ),
];
