import assert from "node:assert/strict";
import fc from "fast-check";
import { address, type Ip4, parseIp } from "../../../turn/address.ts";
import {
  Attribute,
  decode,
  MessageWriter,
  type StunMessage,
  verifyMac,
} from "../../../turn/stun/mod.ts";

const id = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
const key = new TextEncoder().encode("key");

function write(build: (writer: MessageWriter) => MessageWriter): Uint8Array {
  const writer = new MessageWriter(new Uint8Array(2_000)).start("request", 3, id);
  return build(writer).finish().slice();
}

function read(bytes: Uint8Array): StunMessage {
  const decoded = decode(bytes);
  assert.equal(decoded.kind, "message", JSON.stringify(decoded));
  return (decoded as { message: StunMessage }).message;
}

Deno.test("RFC 8489 §5: method and class survive the way to the wire and back", () => {
  for (const messageClass of ["request", "indication", "success", "error"] as const) {
    for (const method of [0x001, 0x003, 0x009, 0x07f, 0x080, 0xfff]) {
      const bytes = new MessageWriter(new Uint8Array(20)).start(messageClass, method, id).finish();
      const message = read(bytes);
      assert.equal(message.class, messageClass);
      assert.equal(message.method, method);
    }
  }
});

Deno.test("RFC 8489 §6.3: what is not STUN, and what is but is broken", () => {
  const whole = write((w) => w.uint32(Attribute.LIFETIME, 600));
  const changed = (at: number, value: number) => {
    const copy = whole.slice();
    copy[at] = value;
    return decode(copy).kind;
  };
  assert.equal(decode(new Uint8Array(0)).kind, "not-stun");
  assert.equal(decode(whole.subarray(0, 19)).kind, "not-stun");
  assert.equal(changed(0, 0x40), "not-stun", "the first two bits");
  assert.equal(changed(4, 0x22), "not-stun", "the cookie: RFC 3489 had none");
  assert.equal(changed(3, 7), "malformed", "a length that is no multiple of 4");
  assert.equal(changed(3, 4), "malformed", "a length that is not the datagram's");
  assert.equal(changed(23, 5), "malformed", "an attribute past the end");
});

Deno.test("RFC 8489 §14.5 and §14.6: what stands after the integrity code does not count", () => {
  const message = read(write((w) =>
    w.text(Attribute.REALM, "before").integrity("sha1", key)
      .text(Attribute.REALM, "after").uint32(Attribute.LIFETIME, 1).uint32(0x7777, 1)
      .integrity("sha256", key).text(Attribute.NONCE, "after").fingerprint()
  ));
  assert.equal(message.attributes.realm, "before");
  assert.equal(message.attributes.lifetime, undefined);
  assert.equal(message.attributes.nonce, undefined);
  assert.deepEqual(message.unknown, []);
  assert.ok(verifyMac(message, "sha1", key));
  assert.ok(verifyMac(message, "sha256", key));
});

Deno.test("RFC 8489 §14.6: TURN allows no shortened MESSAGE-INTEGRITY-SHA256", () => {
  const whole = write((w) => w.integrity("sha256", key)).subarray(24);
  for (const length of [16, 20, 28]) {
    const message = read(
      write((w) => w.bytes(Attribute.MESSAGE_INTEGRITY_SHA256, whole.subarray(0, length))),
    );
    assert.ok(!verifyMac(message, "sha256", key), `${length} bytes`);
  }
  for (const length of [0, 12, 15, 36]) {
    const bytes = write((w) => w.bytes(Attribute.MESSAGE_INTEGRITY_SHA256, new Uint8Array(length)));
    assert.equal(decode(bytes).kind, "malformed", `${length} bytes`);
  }
});

Deno.test("RFC 8489 §14.7: FINGERPRINT is right and last, or the message is none", () => {
  assert.ok(read(write((w) => w.fingerprint())).fingerprint);
  assert.equal(
    decode(write((w) => w.uint32(Attribute.FINGERPRINT, 1))).kind,
    "malformed",
  );
  assert.equal(
    decode(write((w) => w.fingerprint().uint32(Attribute.LIFETIME, 1))).kind,
    "malformed",
  );
});

Deno.test("RFC 8489 §14: the first of two attributes stands; peers make a list", () => {
  const [one, two] = ["192.0.2.1", "2001:db8::2"].map((ip) => address(parseIp(ip) as Ip4, 9));
  assert.ok(one && two);
  const message = read(write((w) =>
    w.uint32(Attribute.LIFETIME, 1).uint32(Attribute.LIFETIME, 2)
      .xorAddress(Attribute.XOR_PEER_ADDRESS, one).xorAddress(Attribute.XOR_PEER_ADDRESS, two)
  ));
  assert.equal(message.attributes.lifetime, 1);
  assert.deepEqual(message.attributes.peerAddresses, [one, two]);
});

Deno.test("values that mean nothing are listed, and the rest of the message is read", () => {
  const cases: [number, Uint8Array][] = [
    [Attribute.USERNAME, new Uint8Array(509)],
    [Attribute.REALM, new Uint8Array(764)],
    [Attribute.NONCE, new Uint8Array(764)],
    [Attribute.USERHASH, new Uint8Array(31)],
    [Attribute.PASSWORD_ALGORITHM, Uint8Array.of(0, 2, 0, 1, 9)],
    [Attribute.XOR_PEER_ADDRESS, Uint8Array.of(0, 1, 0, 0, 1, 2, 3)],
    [Attribute.XOR_PEER_ADDRESS, Uint8Array.of(0, 2, 0, 0, 1, 2, 3, 4)],
    [Attribute.XOR_PEER_ADDRESS, Uint8Array.of(0, 3, 0, 0, 1, 2, 3, 4)],
    [Attribute.CHANNEL_NUMBER, Uint8Array.of(0x40, 0)],
    [Attribute.LIFETIME, new Uint8Array(8)],
    [Attribute.REQUESTED_TRANSPORT, new Uint8Array(1)],
    [Attribute.REQUESTED_ADDRESS_FAMILY, new Uint8Array(1)],
    [Attribute.ADDITIONAL_ADDRESS_FAMILY, new Uint8Array(0)],
    [Attribute.EVEN_PORT, new Uint8Array(4)],
    [Attribute.RESERVATION_TOKEN, new Uint8Array(7)],
    [Attribute.DONT_FRAGMENT, new Uint8Array(4)],
    [Attribute.ERROR_CODE, new Uint8Array(3)],
    [Attribute.UNKNOWN_ATTRIBUTES, new Uint8Array(3)],
  ];
  for (const [type, value] of cases) {
    const message = read(write((w) => w.bytes(type, value).uint32(Attribute.LIFETIME, 77)));
    assert.deepEqual(message.unreadable, [type], `0x${type.toString(16)}`);
    assert.equal(message.attributes.lifetime, 77);
  }
});

Deno.test("text as long as allowed is read: 508 bytes of USERNAME, 763 of the rest", () => {
  const message = read(
    write((w) =>
      w.text(Attribute.USERNAME, "u".repeat(508)).text(Attribute.REALM, "r".repeat(763))
    ),
  );
  assert.equal(message.attributes.username?.length, 508);
  assert.equal(message.attributes.realm?.length, 763);
});

Deno.test("any bytes decode to one of three outcomes, with no exception", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
    assert.ok(["message", "not-stun", "malformed"].includes(decode(bytes).kind));
  }));
  const valid = write((w) =>
    w.text(Attribute.USERNAME, "alice").text(Attribute.REALM, "game")
      .bytes(Attribute.DATA, new Uint8Array(9)).integrity("sha1", key).integrity("sha256", key)
      .fingerprint()
  );
  const edit = fc.tuple(fc.nat(valid.length - 1), fc.nat(255));
  fc.assert(fc.property(fc.array(edit, { maxLength: 6 }), (edits) => {
    const copy = valid.slice();
    for (const [at, value] of edits) copy[at] = value;
    assert.ok(["message", "not-stun", "malformed"].includes(decode(copy).kind));
  }));
});

Deno.test("a writer refuses what does not fit its buffer", () => {
  const writer = new MessageWriter(new Uint8Array(28)).start("request", 1, id);
  writer.uint32(Attribute.LIFETIME, 1);
  assert.throws(() => writer.uint32(Attribute.LIFETIME, 1), RangeError);
});
