import { deepEqual, equal, ok } from "node:assert/strict";
import { CODECS, FRAME, RESPONSE } from "../../bench/codecs.ts";
import { decode, longTermKey, verifyMac } from "../../turn/stun/mod.ts";

const key = longTermKey("md5", "tester", "game", "correct horse");

for (const codec of CODECS) {
  Deno.test(`${codec.name} does the work that is measured`, () => {
    const decoded = decode(new Uint8Array(codec.encode()));
    ok(decoded.kind === "message");
    const { attributes } = decoded.message;
    equal(attributes.mappedAddress?.port, 32_853);
    equal(attributes.username, "tester");
    ok(verifyMac(decoded.message, "sha1", key));
    equal(codec.decode(RESPONSE), 32_853);
    if (!codec.channelData) return;
    deepEqual(new Uint8Array(codec.channelData.encode()), new Uint8Array(FRAME));
    deepEqual(new Uint8Array(codec.channelData.decode(FRAME)), new Uint8Array(FRAME).slice(4));
  });
}
