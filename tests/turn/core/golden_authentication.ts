import { Attribute } from "../../../turn/stun/mod.ts";
import { ask, type Case, lasting, lifetime, type Signed, UDP, uint32 } from "./golden_case.ts";

const OFFERED = [0, 2, 0, 0, 0, 1, 0, 0];
export const CHALLENGE = "REALM NONCE PASSWORD-ALGORITHMS=0002000000010000";
const ALLOCATED = "success: XOR-RELAYED-ADDRESS LIFETIME=600 XOR-MAPPED-ADDRESS";
const SHA256: Signed = { hash: "sha256", mac: "sha256", algorithm: 2, algorithms: OFFERED };

const allocate = (signed: Signed | "not") => ask("Allocate", [UDP], signed);

/** RFC 8489 §9.2.4, in its order, and what happens where two rules apply at once. */
export const authentication: readonly Case[] = [
  {
    rule: "RFC 8489 §9.2.4 step 1: no integrity code is 401 with a challenge",
    then: allocate("not"),
    expect: `401: ${CHALLENGE}`,
  },
  {
    rule: "step 1: so is a request with a bad value, since who asks comes first",
    then: ask("Allocate", [[Attribute.LIFETIME, [1]]], "not"),
    expect: `401: ${CHALLENGE}`,
  },
  {
    rule: "step 1: so is one with an attribute that nobody understands",
    then: ask("Allocate", [UDP, uint32(0x7777, 1)], "not"),
    expect: `401: ${CHALLENGE}`,
  },
  {
    rule: "step 1: USERNAME, REALM and NONCE alone prove nothing",
    then: ask("Refresh", [[Attribute.USERNAME, [97]], [Attribute.REALM, [98]]], "not"),
    expect: `401: ${CHALLENGE}`,
  },
  {
    rule: "step 1: CreatePermission is challenged",
    then: ask("CreatePermission", [], "not"),
    expect: `401: ${CHALLENGE}`,
  },
  {
    rule: "step 1: ChannelBind is challenged",
    then: ask("ChannelBind", [], "not"),
    expect: `401: ${CHALLENGE}`,
  },
  {
    rule: "step 2: an integrity code without USERNAME is 400, without a challenge",
    then: allocate({ username: null }),
    expect: "400:",
  },
  { rule: "step 2: without REALM", then: allocate({ realm: null }), expect: "400:" },
  { rule: "step 2: without NONCE", then: allocate({ nonce: null }), expect: "400:" },
  {
    rule: "step 2 comes before 4: an unknown user without NONCE is 400",
    then: allocate({ username: "mallory", nonce: null }),
    expect: "400:",
  },
  {
    rule: "step 2: the same holds for MESSAGE-INTEGRITY-SHA256",
    then: allocate({ ...SHA256, realm: null }),
    expect: "400:",
  },
  {
    rule: "step 3: PASSWORD-ALGORITHM without the list is 400",
    then: allocate({ hash: "sha256", mac: "sha256", algorithm: 2 }),
    expect: "400:",
  },
  {
    rule: "step 3: the list without PASSWORD-ALGORITHM is 400",
    then: allocate({ algorithms: OFFERED }),
    expect: "400:",
  },
  {
    rule: "step 3: a list that was bid down is 400",
    then: allocate({ algorithm: 1, algorithms: [0, 1, 0, 0] }),
    expect: "400:",
  },
  {
    rule: "step 3: a list in another order is 400",
    then: allocate({ algorithm: 1, algorithms: [0, 1, 0, 0, 0, 2, 0, 0] }),
    expect: "400:",
  },
  {
    rule: "step 3: a choice that is not in the list is 400",
    then: allocate({ algorithm: 3, algorithms: OFFERED }),
    expect: "400:",
  },
  {
    rule: "step 3 comes before 4: a bid-down list of an unknown user is 400",
    then: allocate({ username: "mallory", algorithm: 1, algorithms: [0, 1, 0, 0] }),
    expect: "400:",
  },
  {
    rule: "step 4: an unknown user is 401",
    then: allocate({ username: "mallory" }),
    expect: `401: ${CHALLENGE}`,
  },
  {
    rule: "step 4: names that objects inherit are no users",
    then: allocate({ username: "constructor" }),
    expect: `401: ${CHALLENGE}`,
  },
  {
    rule: "step 4: __proto__ is none either",
    then: allocate({ username: "__proto__" }),
    expect: `401: ${CHALLENGE}`,
  },
  {
    rule: "step 4: nor is the empty name",
    then: allocate({ username: "" }),
    expect: `401: ${CHALLENGE}`,
  },
  {
    rule: "step 4: another realm is 401",
    then: allocate({ realm: "example.org" }),
    expect: `401: ${CHALLENGE}`,
  },
  {
    rule: "step 4: an unknown USERHASH is 401",
    then: allocate({ username: "mallory", userhash: true }),
    expect: `401: ${CHALLENGE}`,
  },
  {
    rule: "step 5: a wrong password is 401, not 400",
    then: allocate({ password: "wrong" }),
    expect: `401: ${CHALLENGE}`,
  },
  {
    rule: "step 5: a wrong integrity code is 401",
    then: allocate({ key: "wrong" }),
    expect: `401: ${CHALLENGE}`,
  },
  {
    rule: "step 5: a shortened MESSAGE-INTEGRITY-SHA256 is 401",
    then: allocate({ mac: "cut" }),
    expect: `401: ${CHALLENGE}`,
  },
  {
    rule: "step 5 comes before 6: a wrong password with an old nonce is 401",
    then: allocate({ password: "wrong", nonce: "old" }),
    expect: `401: ${CHALLENGE}`,
  },
  {
    rule: "step 6: an old nonce is 438 with a new one",
    then: allocate({ nonce: "old" }),
    expect: `438: ${CHALLENGE}`,
  },
  {
    rule: "step 6: another client's nonce is 438",
    then: allocate({ nonce: "other" }),
    expect: `438: ${CHALLENGE}`,
  },
  {
    rule: "step 6: a nonce that was made up is 438",
    then: allocate({ nonce: "made up" }),
    expect: `438: ${CHALLENGE}`,
  },
  {
    rule: "step 6: one whose last character was changed is 438",
    then: allocate({ nonce: "forged" }),
    expect: `438: ${CHALLENGE}`,
  },
  {
    rule: "as browsers do it: MD5 and SHA-1 (and RFC 8656 §7.2: 600 s by default)",
    then: allocate({}),
    expect: `${ALLOCATED} MI`,
  },
  {
    rule: "RFC 8489 §18.5.1: SHA-256 throughout",
    then: allocate(SHA256),
    expect: `${ALLOCATED} MI-SHA256`,
  },
  {
    rule: "RFC 8489 §14.4: USERHASH in place of USERNAME",
    then: allocate({ ...SHA256, userhash: true }),
    expect: `${ALLOCATED} MI-SHA256`,
  },
  {
    rule: "USERHASH with MD5",
    then: allocate({ userhash: true }),
    expect: `${ALLOCATED} MI`,
  },
  {
    rule: "PASSWORD-ALGORITHM may choose MD5 from the list",
    then: allocate({ algorithm: 1, algorithms: OFFERED }),
    expect: `${ALLOCATED} MI`,
  },
  {
    rule: "a client that sends both codes is answered with the stronger",
    then: allocate({ mac: "both" }),
    expect: `${ALLOCATED} MI-SHA256`,
  },
  {
    rule: "RFC 8489 §14.5: what stands after the integrity code is ignored",
    then: ask("Allocate", [UDP], {}, { after: [lifetime(3_000), uint32(0x7777, 1)] }),
    expect: `${ALLOCATED} MI`,
  },
  {
    rule: "RFC 8489 §7: a client that uses FINGERPRINT gets one",
    then: ask("Allocate", [UDP], {}, { fingerprint: true }),
    expect: `${ALLOCATED} MI FINGERPRINT`,
  },
  {
    rule: "a time-limited credential under the first secret",
    then: allocate({ username: lasting(3_600) }),
    expect: `${ALLOCATED} MI`,
  },
  {
    rule: "a time-limited credential with SHA-256",
    then: allocate({ ...SHA256, username: lasting(3_600) }),
    expect: `${ALLOCATED} MI-SHA256`,
  },
  {
    rule: "a time-limited credential that has expired is 401",
    then: allocate({ username: lasting(-1) }),
    expect: `401: ${CHALLENGE}`,
  },
  {
    rule: "one that expires this moment is 401",
    then: allocate({ username: lasting(0) }),
    expect: `401: ${CHALLENGE}`,
  },
  {
    rule: "a lifetime ends with the credential",
    then: allocate({ username: lasting(100) }),
    expect: "success: XOR-RELAYED-ADDRESS LIFETIME=100 XOR-MAPPED-ADDRESS MI",
  },
  {
    rule: "an expired credential refreshes nothing",
    given: [allocate({ username: lasting(100) }), { wait: 100_000 }],
    then: ask("Refresh", [], { username: lasting(100) }),
    expect: `401: ${CHALLENGE}`,
  },
  {
    rule: "RFC 8489 §6.3.1: after authentication, what is not understood is 420",
    then: ask("Allocate", [uint32(0x7777, 1), UDP, uint32(0x7001, 2)]),
    expect: "420: UNKNOWN-ATTRIBUTES=77777001 MI",
  },
  {
    rule: "RFC 8489 §6.3.1: what need not be understood is ignored",
    then: ask("Allocate", [uint32(0xc001, 1), UDP]),
    expect: `${ALLOCATED} MI`,
  },
  {
    rule: "RFC 7635: ACCESS-TOKEN is not understood",
    then: ask("Allocate", [UDP, [0x001b, [1, 2, 3, 4]]]),
    expect: "420: UNKNOWN-ATTRIBUTES=001b MI",
  },
  {
    rule: "SOFTWARE goes with signed answers, where it is configured",
    then: allocate({}),
    config: { software: "hearth" },
    expect: `${ALLOCATED} SOFTWARE MI`,
  },
  {
    rule: "and with no answer to a stranger",
    then: allocate("not"),
    config: { software: "hearth" },
    expect: `401: ${CHALLENGE}`,
  },
];
