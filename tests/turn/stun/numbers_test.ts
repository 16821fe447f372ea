import { equal } from "node:assert/strict";
import {
  Attribute,
  MAC_LENGTH,
  messageType,
  MessageWriter,
  Method,
  PasswordAlgorithm,
} from "../../../turn/stun/mod.ts";

const TYPES = [
  ["BINDING", 0x0001, 0x0011, 0x0101, 0x0111],
  ["ALLOCATE", 0x0003, 0x0013, 0x0103, 0x0113],
  ["REFRESH", 0x0004, 0x0014, 0x0104, 0x0114],
  ["SEND", 0x0006, 0x0016, 0x0106, 0x0116],
  ["DATA", 0x0007, 0x0017, 0x0107, 0x0117],
  ["CREATE_PERMISSION", 0x0008, 0x0018, 0x0108, 0x0118],
  ["CHANNEL_BIND", 0x0009, 0x0019, 0x0109, 0x0119],
] as const;

Deno.test("RFC 8489 §5 and RFC 8656 §17: the message types, as IANA has them", () => {
  for (const [name, request, indication, success, error] of TYPES) {
    equal(messageType("request", Method[name]), request);
    equal(messageType("indication", Method[name]), indication);
    equal(messageType("success", Method[name]), success);
    equal(messageType("error", Method[name]), error);
  }
  equal(TYPES.length, Object.keys(Method).length);
});

const ATTRIBUTES = new Map<number, keyof typeof Attribute>([
  [0x0001, "MAPPED_ADDRESS"],
  [0x0006, "USERNAME"],
  [0x0008, "MESSAGE_INTEGRITY"],
  [0x0009, "ERROR_CODE"],
  [0x000a, "UNKNOWN_ATTRIBUTES"],
  [0x000c, "CHANNEL_NUMBER"],
  [0x000d, "LIFETIME"],
  [0x0012, "XOR_PEER_ADDRESS"],
  [0x0013, "DATA"],
  [0x0014, "REALM"],
  [0x0015, "NONCE"],
  [0x0016, "XOR_RELAYED_ADDRESS"],
  [0x0017, "REQUESTED_ADDRESS_FAMILY"],
  [0x0018, "EVEN_PORT"],
  [0x0019, "REQUESTED_TRANSPORT"],
  [0x001a, "DONT_FRAGMENT"],
  [0x001c, "MESSAGE_INTEGRITY_SHA256"],
  [0x001d, "PASSWORD_ALGORITHM"],
  [0x001e, "USERHASH"],
  [0x0020, "XOR_MAPPED_ADDRESS"],
  [0x0022, "RESERVATION_TOKEN"],
  [0x8000, "ADDITIONAL_ADDRESS_FAMILY"],
  [0x8001, "ADDRESS_ERROR_CODE"],
  [0x8002, "PASSWORD_ALGORITHMS"],
  [0x8022, "SOFTWARE"],
  [0x8023, "ALTERNATE_SERVER"],
  [0x8028, "FINGERPRINT"],
]);

Deno.test("RFC 8489 §18.3 and RFC 8656 §18: the attribute types, as IANA has them", () => {
  for (const [type, name] of ATTRIBUTES) equal(Attribute[name], type, name);
  equal(ATTRIBUTES.size, Object.keys(Attribute).length);
  equal(PasswordAlgorithm.MD5, 1);
  equal(PasswordAlgorithm.SHA256, 2);
  equal(MAC_LENGTH.sha1, 20);
  equal(MAC_LENGTH.sha256, 32);
});

Deno.test("RFC 8489 §5: the magic cookie, and §14: padding of zeros that the length leaves out", () => {
  const message = new MessageWriter(new Uint8Array(100).fill(0xff))
    .start("request", Method.BINDING, new Uint8Array(12))
    .bytes(Attribute.SOFTWARE, Uint8Array.of(1, 2, 3, 4, 5))
    .finish();
  const header = `0001000c2112a442${"00".repeat(12)}`;
  equal(message.toHex(), `${header}802200050102030405000000`);
});
