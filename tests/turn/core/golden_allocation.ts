import { Attribute } from "../../../turn/stun/mod.ts";
import { LIMITS } from "../../support/turn_harness.ts";
import {
  additional,
  ask,
  type Attr,
  type Case,
  evenPort,
  family,
  lasting,
  lifetime,
  type Step,
  UDP,
} from "./golden_case.ts";

const DF: Attr = [Attribute.DONT_FRAGMENT, []];
const TOKEN: Attr = [Attribute.RESERVATION_TOKEN, []];
const NO_TOKEN: Attr = [Attribute.RESERVATION_TOKEN, [1, 2, 3, 4, 5, 6, 7, 8]];
const TCP: Attr = [Attribute.REQUESTED_TRANSPORT, [6, 0, 0, 0]];
const ONE = "success: XOR-RELAYED-ADDRESS LIFETIME=600 XOR-MAPPED-ADDRESS MI";
const TWO = "success: XOR-RELAYED-ADDRESS XOR-RELAYED-ADDRESS LIFETIME=600 XOR-MAPPED-ADDRESS MI";
const RESERVED =
  "success: XOR-RELAYED-ADDRESS LIFETIME=600 RESERVATION-TOKEN XOR-MAPPED-ADDRESS MI";
const allocated = [ask("Allocate", [UDP])];
const dual = [ask("Allocate", [UDP, additional(2)])];
const v4Only = { externalIps: ["203.0.113.1"] };
const v6Only = { externalIps: ["2001:db8:ffff::1"] };
const refreshed = (seconds: number) => `success: LIFETIME=${seconds} MI`;

const got = (rule: string, attributes: Attr[], expect: string, config?: Case["config"]): Case => ({
  rule,
  then: ask("Allocate", attributes),
  expect,
  ...(config && { config }),
});
/** While the server drains, which another may stand in for. */
const drained = (rule: string, then: Step, expect: string, more: Partial<Case> = {}): Case => ({
  rule,
  given: [{ drain: true }],
  then,
  expect,
  ...more,
});
const toV4 = { config: { alternateServer: "203.0.113.9:3479" } };
const toV6 = { config: { alternateServer: "[2001:db8::9]:3479" } };
const again = (rule: string, attributes: Attr[], expect: string): Case => ({
  rule,
  given: allocated,
  then: ask("Allocate", attributes),
  expect,
});

/** RFC 8656 §7.2, in its order. */
export const allocation: readonly Case[] = [
  again("§7.2 step 2: a five-tuple in use is 437", [UDP], "437: MI"),
  again("step 2 comes before 3: 437 without REQUESTED-TRANSPORT", [], "437: MI"),
  again("step 2 comes before 4: 437 with DONT-FRAGMENT", [UDP, DF], "437: MI"),
  again("step 2 comes before the reading of values", [[Attribute.LIFETIME, [1]]], "437: MI"),
  again(
    "RFC 8489 §6.3.1 comes before step 2",
    [UDP, [0x7777, []]],
    "420: UNKNOWN-ATTRIBUTES=7777 MI",
  ),
  {
    rule: "§5: the same transaction gets the same answer, not 437",
    given: [ask("Allocate", [UDP], {}, { transaction: 7 })],
    then: ask("Allocate", [UDP], {}, { transaction: 7 }),
    expect: ONE,
  },
  {
    rule: "§5: so does a late copy of an older Allocate",
    given: [
      ask("Allocate", [UDP], {}, { transaction: 7 }),
      ask("Refresh", [lifetime(0)]),
      ask("Allocate", [UDP]),
      { wait: 39_999 },
    ],
    then: ask("Allocate", [UDP], {}, { transaction: 7 }),
    expect: ONE,
  },
  {
    rule: "§5: after 40 s the transaction is forgotten",
    given: [ask("Allocate", [UDP], {}, { transaction: 7 }), { wait: 40_000 }],
    then: ask("Allocate", [UDP], {}, { transaction: 7 }),
    expect: "437: MI",
  },
  {
    rule: "§5: until then it is remembered",
    given: [ask("Allocate", [UDP], {}, { transaction: 7 }), { wait: 39_999 }],
    then: ask("Allocate", [UDP], {}, { transaction: 7 }),
    expect: ONE,
  },
  {
    rule: "§7.2 step 2: another user on a five-tuple in use is 437 too",
    given: allocated,
    then: ask("Allocate", [UDP], { username: "bob" }),
    expect: "437: MI",
  },
  got("step 3: REQUESTED-TRANSPORT missing is 400", [], "400: MI"),
  got("step 3: REQUESTED-TRANSPORT of a wrong length is 400", [
    [Attribute.REQUESTED_TRANSPORT, [17]],
  ], "400: MI"),
  got("step 3: TCP is 442", [TCP], "442: MI"),
  got("step 3: protocol 0 is 442", [[Attribute.REQUESTED_TRANSPORT, [0, 0, 0, 0]]], "442: MI"),
  got("step 3 comes before 4", [TCP, DF], "442: MI"),
  got("step 4: DONT-FRAGMENT is 420", [UDP, DF], "420: UNKNOWN-ATTRIBUTES=001a MI"),
  got(
    "step 4 comes before 5",
    [UDP, DF, NO_TOKEN, evenPort(true)],
    "420: UNKNOWN-ATTRIBUTES=001a MI",
  ),
  got(
    "step 5: RESERVATION-TOKEN with EVEN-PORT is 400",
    [UDP, NO_TOKEN, evenPort(false)],
    "400: MI",
  ),
  got("step 5: with REQUESTED-ADDRESS-FAMILY", [UDP, NO_TOKEN, family(1)], "400: MI"),
  got("step 5: with ADDITIONAL-ADDRESS-FAMILY", [UDP, NO_TOKEN, additional(2)], "400: MI"),
  got("step 5: a token that is nobody's is 508", [UDP, NO_TOKEN], "508: MI"),
  got("step 5: a token of a wrong length is 400", [
    UDP,
    [Attribute.RESERVATION_TOKEN, [1, 2, 3]],
  ], "400: MI"),
  got(
    "step 6: REQUESTED- with ADDITIONAL-ADDRESS-FAMILY is 400",
    [UDP, family(1), additional(2)],
    "400: MI",
  ),
  got("step 6 comes before 7", [UDP, family(9), additional(2)], "400: MI"),
  got("step 7: IPv4 by name", [UDP, family(1)], ONE),
  got("step 7: IPv6", [UDP, family(2)], ONE),
  got("step 7: a family that is none is 440", [UDP, family(3)], "440: MI"),
  got("step 7: family 0 is 440", [UDP, family(0)], "440: MI"),
  got("step 7: IPv6 where there is none is 440", [UDP, family(2)], "440: MI", v4Only),
  got(
    "step 7: without a family IPv4 is meant, and is 440 where there is none",
    [UDP],
    "440: MI",
    v6Only,
  ),
  got("step 7: IPv6 alone", [UDP, family(2)], ONE, v6Only),
  got("step 8: EVEN-PORT with R and ADDITIONAL-ADDRESS-FAMILY is 400", [
    UDP,
    evenPort(true),
    additional(2),
  ], "400: MI"),
  got("step 8: EVEN-PORT without R and ADDITIONAL-ADDRESS-FAMILY is not", [
    UDP,
    evenPort(false),
    additional(2),
  ], TWO),
  got("step 8: EVEN-PORT", [UDP, evenPort(false)], ONE),
  got("step 8: EVEN-PORT with R reserves the next", [UDP, evenPort(true)], RESERVED),
  got("step 8: EVEN-PORT with R that no pair satisfies is 508", [UDP, evenPort(true)], "508: MI", {
    relayPorts: { first: 50_001, last: 50_002 },
  }),
  got("step 8: EVEN-PORT that no port satisfies is 508", [UDP, evenPort(false)], "508: MI", {
    relayPorts: { first: 50_001, last: 50_001 },
  }),
  got(
    "step 8: EVEN-PORT of a wrong length is 400",
    [UDP, [Attribute.EVEN_PORT, [0, 0]]],
    "400: MI",
  ),
  got("step 9: ADDITIONAL-ADDRESS-FAMILY IPv4 is 400", [UDP, additional(1)], "400: MI"),
  got("step 9: one that is none is 400", [UDP, additional(5)], "400: MI"),
  got("step 9: both families", [UDP, additional(2)], TWO),
  got(
    "step 9: the additional one not supported is a success that says so",
    [UDP, additional(2)],
    "success: XOR-RELAYED-ADDRESS LIFETIME=600 ADDRESS-ERROR-CODE=2/440 XOR-MAPPED-ADDRESS MI",
    v4Only,
  ),
  {
    rule: "§7.2: the reserved port is had by its token",
    given: [
      ask("Allocate", [UDP, evenPort(true)]),
      ask("Refresh", [lifetime(0)]),
    ],
    then: ask("Allocate", [UDP, TOKEN]),
    expect: ONE,
  },
  {
    rule: "§7.2: and had once",
    given: [
      ask("Allocate", [UDP, evenPort(true)]),
      ask("Refresh", [lifetime(0)]),
      ask("Allocate", [UDP, TOKEN]),
      ask("Refresh", [lifetime(0)]),
    ],
    then: ask("Allocate", [UDP, TOKEN]),
    expect: "508: MI",
  },
  {
    rule: "§7.2: a token is good for 30 s",
    given: [
      ask("Allocate", [UDP, evenPort(true)]),
      ask("Refresh", [lifetime(0)]),
      { wait: 29_999 },
    ],
    then: ask("Allocate", [UDP, TOKEN]),
    expect: ONE,
  },
  {
    rule: "§7.2: and no longer",
    given: [
      ask("Allocate", [UDP, evenPort(true)]),
      ask("Refresh", [lifetime(0)]),
      { wait: 30_000 },
    ],
    then: ask("Allocate", [UDP, TOKEN]),
    expect: "508: MI",
  },
  {
    rule: "a token is its owner's",
    given: [ask("Allocate", [UDP, evenPort(true)]), ask("Refresh", [lifetime(0)])],
    then: ask("Allocate", [UDP, TOKEN], { username: "bob" }),
    expect: "508: MI",
  },
  got("step 10: the user's quota is 486", [UDP], "486: MI", {
    limits: { ...LIMITS, allocationsPerUser: 0 },
  }),
  got("step 10: the address's quota is 486", [UDP], "486: MI", {
    limits: { ...LIMITS, allocationsPerAddress: 0 },
  }),
  got("step 10: the server's capacity is 508", [UDP], "508: MI", {
    limits: { ...LIMITS, allocations: 0 },
  }),
  got("step 10: a reserved port counts", [UDP, evenPort(true)], "486: MI", {
    limits: { ...LIMITS, allocationsPerUser: 1 },
  }),
  got("step 9 comes before 10", [UDP, additional(1)], "400: MI", {
    limits: { ...LIMITS, allocationsPerUser: 0 },
  }),
  got("§7.2: a shorter one is raised to 600 s", [UDP, lifetime(1)], ONE),
  got("§7.2: 0 is not less than that", [UDP, lifetime(0)], ONE),
  got("§7.2: a longer one is granted", [UDP, lifetime(1_800)], ONE.replace("600", "1800")),
  got(
    "§7.2: one above the maximum is cut, not refused",
    [UDP, lifetime(0xffff_ffff)],
    ONE.replace("600", "3600"),
  ),
  got("§7.2: LIFETIME of a wrong length is 400", [UDP, [Attribute.LIFETIME, [1, 2]]], "400: MI"),

  {
    rule: "step 2 comes before 10: 437 in a room that is full",
    given: [ask("Allocate", [UDP], { username: lasting(900, "carol/ABCD") })],
    then: ask("Allocate", [UDP], { username: lasting(900, "dave/ABCD") }),
    expect: "437: MI",
    config: { limits: { ...LIMITS, allocationsPerRoom: 1 } },
  },
  {
    rule: "§7.2 step 10: a room that may hold nothing is 486",
    then: ask("Allocate", [UDP], { username: lasting(900, "carol/ABCD") }),
    expect: "486: MI",
    config: { limits: { ...LIMITS, allocationsPerRoom: 0 } },
  },
  {
    rule: "§5: the same user's credential from another room is the same user's",
    given: [ask("Allocate", [UDP], { username: lasting(900, "carol/ABCD") })],
    then: ask("Refresh", [], { username: lasting(900, "carol/EFGH") }),
    expect: refreshed(600),
  },
  drained("§7.2 step 10: a server that drains is 486", ask("Allocate", [UDP]), "486: MI"),
  drained(
    "§7.2 step 11 and RFC 8489 §10: where another is known, 300 names it",
    ask("Allocate", [UDP]),
    "300: ALTERNATE-SERVER=00010d97cb007109 MI",
    { ...toV4, from: 4 },
  ),
  drained(
    "RFC 8489 §14.15: ALTERNATE-SERVER is not XORed, in IPv6 either",
    ask("Allocate", [UDP]),
    "300: ALTERNATE-SERVER=00020d9720010db8000000000000000000000009 MI",
    { ...toV6, from: 6 },
  ),
  drained(
    "RFC 8489 §10: one of another family is named to nobody (IPv6)",
    ask("Allocate", [UDP]),
    "486: MI",
    { ...toV4, from: 6 },
  ),
  drained(
    "RFC 8489 §10: one of another family is named to nobody (IPv4)",
    ask("Allocate", [UDP]),
    "486: MI",
    { ...toV6, from: 4 },
  ),
  drained(
    "RFC 8489 §10: 300 comes after authentication: 401 to a stranger",
    ask("Allocate", [UDP], "not"),
    "401: REALM NONCE PASSWORD-ALGORITHMS=0002000000010000",
    toV4,
  ),
  drained(
    "§7.2: what is wrong with a request comes before 300",
    ask("Allocate", [TCP]),
    "442: MI",
    toV4,
  ),
  drained("§8.2: only Allocate is sent elsewhere", ask("Refresh"), "437: MI", toV4),
  {
    rule: "§7.2: what is allocated when the drain begins goes on",
    given: [...allocated, { drain: true }],
    then: ask("Refresh"),
    expect: refreshed(600),
    ...toV4,
  },
  {
    rule: "§7.2: an alternate server is named to nobody while this one serves",
    then: ask("Allocate", [UDP]),
    expect: ONE,
    ...toV4,
  },
  {
    rule: "RFC 8656 §8.2: Refresh without an allocation is 437, not silence",
    then: ask("Refresh"),
    expect: "437: MI",
  },
  {
    rule: "§8.2: so it is for a deletion",
    then: ask("Refresh", [lifetime(0)]),
    expect: "437: MI",
  },
  {
    rule: "§5: another user is 441",
    given: allocated,
    then: ask("Refresh", [], { username: "bob" }),
    expect: "441: MI",
  },
  {
    rule: "§5: a renewed credential of the same user is not",
    given: [ask("Allocate", [UDP], { username: lasting(700) })],
    then: ask("Refresh", [lifetime(900)], { username: lasting(3_000) }),
    expect: refreshed(900),
  },
  {
    rule: "§8.2: the default is 600 s",
    given: allocated,
    then: ask("Refresh"),
    expect: refreshed(600),
  },
  {
    rule: "§8.2: 1 s is raised to 600 s",
    given: allocated,
    then: ask("Refresh", [lifetime(1)]),
    expect: refreshed(600),
  },
  {
    rule: "§8.2: more than the maximum is cut",
    given: allocated,
    then: ask("Refresh", [lifetime(100_000)]),
    expect: refreshed(3_600),
  },
  {
    rule: "§8.2: LIFETIME 0 deletes",
    given: allocated,
    then: ask("Refresh", [lifetime(0)]),
    expect: refreshed(0),
  },
  {
    rule: "§8.2: and then there is none",
    given: [...allocated, ask("Refresh", [lifetime(0)])],
    then: ask("Refresh"),
    expect: "437: MI",
  },
  {
    rule: "§5: a deletion sent again is answered again",
    given: [...allocated, ask("Refresh", [lifetime(0)], {}, { transaction: 9 })],
    then: ask("Refresh", [lifetime(0)], {}, { transaction: 9 }),
    expect: refreshed(0),
  },
  {
    rule: "§8.2: a family that the allocation has not is 443",
    given: allocated,
    then: ask("Refresh", [family(2)]),
    expect: "443: MI",
  },
  {
    rule: "§8.2: a family that is none is 443",
    given: allocated,
    then: ask("Refresh", [family(9)]),
    expect: "443: MI",
  },
  {
    rule: "§8.2: the family it has is fine",
    given: allocated,
    then: ask("Refresh", [family(1)]),
    expect: refreshed(600),
  },
  {
    rule: "§8.2: of two, either is",
    given: dual,
    then: ask("Refresh", [family(2)]),
    expect: refreshed(600),
  },
  {
    rule: "§8.2: of two, one can be given up",
    given: [...dual, ask("Refresh", [family(2), lifetime(0)])],
    then: ask("Refresh", [family(2)]),
    expect: "443: MI",
  },
  {
    rule: "§8.2: and the other stays",
    given: [...dual, ask("Refresh", [family(2), lifetime(0)])],
    then: ask("Refresh", [family(1)]),
    expect: refreshed(600),
  },
  {
    rule: "§8.2: LIFETIME that cannot be read is 400",
    given: allocated,
    then: ask("Refresh", [[Attribute.LIFETIME, [0]]]),
    expect: "400: MI",
  },
  {
    rule: "§8.2: DONT-FRAGMENT means nothing here",
    given: allocated,
    then: ask("Refresh", [DF]),
    expect: refreshed(600),
  },
  {
    rule: "§7.2: an allocation ends after its lifetime, to the millisecond",
    given: [...allocated, { wait: 599_999 }],
    then: ask("Refresh"),
    expect: refreshed(600),
  },
  {
    rule: "§7.2: and not later",
    given: [...allocated, { wait: 600_000 }],
    then: ask("Refresh"),
    expect: "437: MI",
  },
];
