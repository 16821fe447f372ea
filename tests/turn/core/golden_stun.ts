import { Attribute } from "../../../turn/stun/mod.ts";
import { LIMITS } from "../../support/turn_harness.ts";
import { ask, type Case, indicate, lifetime, UDP, uint32 } from "./golden_case.ts";

const binding = (rule: string, then: Case["then"], expect: string): Case => ({
  rule,
  then,
  expect,
});

/** What is not TURN's: Binding, other methods, and what is no message. */
export const stun: readonly Case[] = [
  binding("RFC 8489 §6.3.1: Binding", ask("Binding", [], "not"), "success: XOR-MAPPED-ADDRESS"),
  binding(
    "RFC 8489 §7: with FINGERPRINT",
    ask("Binding", [], "not", { fingerprint: true }),
    "success: XOR-MAPPED-ADDRESS FINGERPRINT",
  ),
  binding(
    "RFC 8489 §6.3.1: Binding with what is not understood is 420",
    ask("Binding", [uint32(0x0003, 6)], "not"),
    "420: UNKNOWN-ATTRIBUTES=0003",
  ),
  binding(
    "RFC 8489 §6.3.1: of many, as many are named as tell what is wrong",
    ask("Binding", Array.from({ length: 100 }, (_, i) => [0x7000 + i, []] as const), "not"),
    `420: UNKNOWN-ATTRIBUTES=${
      Array.from({ length: 16 }, (_, i) => (0x7000 + i).toString(16)).join("")
    }`,
  ),
  binding(
    "RFC 8489 §6.3.1: what is known and unexpected is ignored",
    ask("Binding", [lifetime(5), [Attribute.DONT_FRAGMENT, []]], "not"),
    "success: XOR-MAPPED-ADDRESS",
  ),
  binding(
    "Binding needs no credentials, and ignores wrong ones",
    ask("Binding", [], { password: "wrong" }),
    "success: XOR-MAPPED-ADDRESS",
  ),
  {
    rule: "Binding during an allocation",
    given: [ask("Allocate", [UDP])],
    then: ask("Binding", [], "not"),
    expect: "success: XOR-MAPPED-ADDRESS",
  },
  {
    rule: "Binding above its rate is dropped",
    given: [ask("Binding", [], "not")],
    then: ask("Binding", [], "not"),
    expect: "silence",
    config: { limits: { ...LIMITS, bindingsPerSecond: 1 } },
  },
  {
    rule: "a challenge above its rate is dropped",
    given: [ask("Allocate", [UDP], "not")],
    then: ask("Allocate", [UDP], "not"),
    expect: "silence",
    config: { limits: { ...LIMITS, unauthenticatedPerSecond: 1 } },
  },
  binding("a Binding indication keeps a path open", indicate("Binding"), "silence"),
  binding("RFC 8489 §6.3: an unknown method", ask("Connect", [], "not"), "silence"),
  binding("RFC 8489 §6.3: Send is no request", ask("Send", [], "not"), "silence"),
  binding("RFC 8489 §6.3: Data is no client's", indicate("Data"), "silence"),
  binding("RFC 8489 §6.3: Allocate is no indication", indicate("Allocate"), "silence"),
  binding("RFC 8489 §6.3: a response that nobody asked for", {
    method: "Binding",
    class: "success",
    attributes: [],
    signed: "not",
  }, "silence"),
  binding(
    "RFC 8489 §14.7: a wrong FINGERPRINT",
    ask("Binding", [uint32(0x8028, 1)], "not"),
    "silence",
  ),
  binding("nothing at all", { bytes: [] }, "silence"),
  binding("one byte", { bytes: [0] }, "silence"),
  binding("RFC 7983: DTLS", { bytes: [22, 254, 253, ...new Array(60).fill(0)] }, "silence"),
  binding("RFC 7983: RTP", { bytes: [128, 96, ...new Array(30).fill(0)] }, "silence"),
  binding(
    "RFC 3489: no magic cookie",
    { bytes: [0, 1, 0, 0, ...new Array(16).fill(1)] },
    "silence",
  ),
];
