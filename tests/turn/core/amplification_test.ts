/** What the server sends to addresses that may not have asked: RFC 8656 §21.1. */
import assert from "node:assert/strict";
import { Attribute, decode, MessageWriter, Method } from "../../../turn/stun/mod.ts";
import { flowFrom, Harness, LIMITS } from "../../support/turn_harness.ts";
import { play, VARIANTS } from "./golden_play.ts";
import { TABLE } from "./golden_table.ts";

const CASES = TABLE.flatMap(({ cases }) => cases);

const FINGERPRINT_BYTES = 8;

function bare(method: number): Uint8Array {
  return new MessageWriter(new Uint8Array(20)).start("request", method, new Uint8Array(12))
    .finish();
}

/** ERROR-CODE, REALM, NONCE and PASSWORD-ALGORITHMS: what a 401 needs, and nothing else. */
function challengeBytes(): number {
  const [answer] = new Harness().ask(flowFrom("198.51.100.10:1"), bare(Method.ALLOCATE));
  assert.ok(answer);
  return answer.length;
}

Deno.test("a challenge has 104 bytes with the realm `game`: 5.2 for each that asked", () => {
  assert.equal(challengeBytes(), 20 + 24 + 8 + 40 + 12);
});

Deno.test("a Binding answer has 32 bytes for IPv4 and 44 for IPv6: 1.6 and 2.2 for each", () => {
  const length = (from: string) =>
    new Harness().ask(flowFrom(from), bare(Method.BINDING)).map((answer) => answer.length);
  assert.deepEqual(length("198.51.100.10:1"), [32]);
  assert.deepEqual(length("[2001:db8::1]:1"), [44]);
});

Deno.test("no unsigned answer in the whole table is longer than a challenge", () => {
  const most = challengeBytes();
  let unsigned = 0;
  for (const test of CASES) {
    for (const [transport, client] of VARIANTS) {
      const harness = new Harness(test.config);
      harness.onToClient = (bytes) => {
        const decoded = decode(bytes);
        if (decoded.kind !== "message" || decoded.message.class === "indication") return;
        const { integrityAt, integritySha256At, fingerprint } = decoded.message;
        if (integrityAt !== undefined || integritySha256At !== undefined) return;
        unsigned++;
        const allowed = most + (fingerprint ? FINGERPRINT_BYTES : 0);
        assert.ok(bytes.length <= allowed, `${test.rule}: ${bytes.length} bytes of ${allowed}`);
      };
      play(test, transport, client, harness);
    }
  }
  assert.ok(unsigned > CASES.length, `${unsigned} unsigned answers were seen`);
});

Deno.test("a request of the greatest length gets no longer an answer than a bare one", () => {
  const most = challengeBytes();
  for (const method of [Method.BINDING, Method.ALLOCATE, Method.REFRESH]) {
    const writer = new MessageWriter(new Uint8Array(9_000))
      .start("request", method, new Uint8Array(12));
    for (let type = 0; type < 1_000; type++) writer.uint32(0x7000 + type, 0);
    const [answer] = new Harness().ask(flowFrom("198.51.100.10:1"), writer.finish());
    assert.ok(answer && answer.length <= most);
  }
});

Deno.test("all unsigned answers to one source, whatever it asks and from wherever, have one rate", () => {
  const limits = { ...LIMITS, unauthenticatedPerSecond: 7, bindingsPerSecond: 5 };
  const harness = new Harness({ limits });
  let [answers, bytes] = [0, 0];
  harness.onToClient = (answer) => {
    answers++;
    bytes += answer.length;
  };
  const unknown = (method: number) =>
    new MessageWriter(new Uint8Array(24)).start("request", method, new Uint8Array(12))
      .bytes(0x7777, new Uint8Array()).finish();
  const signed = (method: number, extra: boolean) => {
    const writer = new MessageWriter(new Uint8Array(500))
      .start("request", method, new Uint8Array(12));
    if (extra) {
      writer.text(Attribute.USERNAME, "alice").text(Attribute.REALM, "game")
        .text(Attribute.NONCE, "obMatJos2AAAA");
    }
    return writer.integrity("sha1", new Uint8Array(16)).finish();
  };
  const methods = Object.values(Method);
  for (let n = 0; n < 3_000; n++) {
    const method = methods[n % methods.length] ?? Method.BINDING;
    const transport = n % 2 ? "udp" : "tcp";
    const from = flowFrom(`198.51.100.10:${1_024 + n}`, transport);
    for (
      const make of [bare, unknown, (m: number) => signed(m, false), (m: number) => signed(m, true)]
    ) {
      harness.core.fromClient(from, make(method), harness.now);
    }
  }
  assert.equal(answers, limits.unauthenticatedPerSecond + limits.bindingsPerSecond);
  assert.ok(bytes <= answers * challengeBytes());
  harness.advance(10_000);
  for (let n = 0; n < 100; n++) {
    harness.core.fromClient(flowFrom("198.51.100.10:1"), bare(Method.BINDING), harness.now);
  }
  assert.equal(answers, 7 + 5 + 5, "what was not asked for is not saved up");
});
