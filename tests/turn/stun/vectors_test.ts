import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { formatAddress } from "../../../turn/address.ts";
import { announcesPasswordAlgorithms } from "../../../turn/core/nonce.ts";
import {
  Attribute,
  decode,
  longTermKey,
  MessageWriter,
  PasswordAlgorithm,
  type StunMessage,
  userhash,
  verifyMac,
} from "../../../turn/stun/mod.ts";
import { fromHex } from "../../support/hex.ts";
import {
  longTerm,
  sampleIPv4Response,
  sampleIPv6Response,
  sampleRequest,
  sampleRequestLongTerm,
  shortTermPassword,
} from "../../vectors/rfc5769.ts";
import { correctedRequestSha256, nonce, sampleRequestSha256 } from "../../vectors/rfc8489.ts";

const shortTermKey = new TextEncoder().encode(shortTermPassword);

function read(hex: string): StunMessage {
  const decoded = decode(fromHex(hex));
  if (decoded.kind !== "message") throw new Error(`Cannot read the sample: ${decoded.kind}`);
  return decoded.message;
}

Deno.test("RFC 5769 §2.1: sample request", () => {
  const message = read(sampleRequest);
  assert.equal(message.class, "request");
  assert.equal(message.attributes.software, "STUN test client");
  assert.equal(message.attributes.username, "evtj:h6vY");
  assert.deepEqual(message.unknown, [0x0024], "PRIORITY belongs to ICE");
  assert.ok(message.fingerprint);
  assert.ok(verifyMac(message, "sha1", shortTermKey));
  assert.ok(!verifyMac(message, "sha1", new TextEncoder().encode("another")));
});

Deno.test("RFC 5769 §2.2: sample IPv4 response", () => {
  const message = read(sampleIPv4Response);
  assert.equal(message.class, "success");
  assert.ok(message.attributes.mappedAddress);
  assert.equal(formatAddress(message.attributes.mappedAddress), "192.0.2.1:32853");
  assert.ok(message.fingerprint);
  assert.ok(verifyMac(message, "sha1", shortTermKey));
});

Deno.test("RFC 5769 §2.3: sample IPv6 response", () => {
  const message = read(sampleIPv6Response);
  assert.ok(message.attributes.mappedAddress);
  assert.equal(
    formatAddress(message.attributes.mappedAddress),
    "[2001:db8:1234:5678:11:2233:4455:6677]:32853",
  );
  assert.ok(message.fingerprint);
  assert.ok(verifyMac(message, "sha1", shortTermKey));
});

Deno.test("RFC 5769 §2.4: sample request with long-term authentication", () => {
  const message = read(sampleRequestLongTerm);
  const { username, realm, password } = longTerm;
  assert.equal(message.attributes.username, username);
  assert.equal(message.attributes.realm, realm);
  assert.equal(message.attributes.nonce, "f//499k954d6OL34oL9FSTvy64sA");
  assert.ok(verifyMac(message, "sha1", longTermKey("md5", username, realm, password)));
});

Deno.test("RFC 8489 B.1: USERHASH, nonce cookie and MESSAGE-INTEGRITY-SHA256", () => {
  const printed = fromHex(sampleRequestSha256);
  const { username, realm, password } = longTerm;
  const key = longTermKey("sha256", username, realm, password);
  const code = printed.subarray(-32);
  assert.deepEqual(
    new Uint8Array(createHmac("sha256", key).update(printed.subarray(0, -36)).digest()),
    new Uint8Array(code),
  );

  assert.deepEqual(decode(printed), {
    kind: "malformed",
    why: "the length is not the datagram's",
  });
  const corrected = printed.slice();
  new DataView(corrected.buffer).setUint16(2, corrected.length - 20);
  const decoded = decode(corrected);
  assert.equal(decoded.kind, "message");
  if (decoded.kind !== "message") return;
  const { attributes, transactionId } = decoded.message;
  assert.deepEqual(plain(attributes.userhash), plain(userhash(username, realm)));
  assert.equal(attributes.nonce, nonce);

  const ours = new MessageWriter(new Uint8Array(200)).start("request", 1, transactionId)
    .bytes(Attribute.USERHASH, userhash(username, realm))
    .text(Attribute.NONCE, nonce).text(Attribute.REALM, realm)
    .integrity("sha256", key).finish();
  assert.deepEqual(ours.subarray(0, -32), corrected.subarray(0, -32));
});

Deno.test("RFC 8489 B.1 as erratum 6268 has it: read, verified, and written anew byte for byte", () => {
  const message = read(correctedRequestSha256);
  const { username, realm, password } = longTerm;
  const key = longTermKey("sha256", username, realm, password);
  assert.ok(verifyMac(message, "sha256", key));
  assert.equal(message.attributes.passwordAlgorithm, PasswordAlgorithm.SHA256);
  // Erratum 6290: `AAAC` is bit 1 alone, username anonymity, which is what this request is about.
  assert.ok(!announcesPasswordAlgorithms(nonce));
  assert.ok(announcesPasswordAlgorithms("obMatJos2AAAB"));

  const ours = new MessageWriter(new Uint8Array(200)).start("request", 1, message.transactionId)
    .bytes(Attribute.USERHASH, userhash(username, realm))
    .text(Attribute.NONCE, nonce).text(Attribute.REALM, realm)
    .uint32(Attribute.PASSWORD_ALGORITHM, PasswordAlgorithm.SHA256 * 0x1_0000)
    .integrity("sha256", key).finish();
  assert.deepEqual(plain(ours), plain(message.bytes));
});

Deno.test("RFC 5769 §2.2 and §2.3: written anew, the responses come out byte for byte", () => {
  for (const sample of [sampleIPv4Response, sampleIPv6Response]) {
    const message = read(sample);
    assert.ok(message.attributes.mappedAddress);
    const written = new MessageWriter(new Uint8Array(200))
      .start("success", 1, message.transactionId)
      .text(Attribute.SOFTWARE, "test vector")
      .xorAddress(Attribute.XOR_MAPPED_ADDRESS, message.attributes.mappedAddress)
      .finish();
    // The sample pads SOFTWARE with a space; the value of padding means nothing (RFC 8489 §14).
    const expected = fromHex(sample).slice(0, written.length);
    expected[35] = 0;
    assert.deepEqual(written.subarray(4), expected.subarray(4));
  }
});

function plain(bytes: Uint8Array | undefined): Uint8Array {
  return Uint8Array.from(bytes ?? []);
}
