import { deepEqual, equal, ok } from "node:assert/strict";
import * as fc from "fast-check";
import { parseText } from "../../signaling/protocol.ts";

/** Without the error's words, which tell positions. */
function meaningOf(text: string) {
  const parsed = parseText(text);
  return parsed.ok ? parsed.message : parsed.fault.code;
}

/** What a plain message is made of, and what might be mistaken for it. */
const PIECES = [
  ...'{}[]":,\\ -+.019eE\u0000\n\u202e',
  "\\u0022",
  '"a":1,',
  '"rid":1,',
  '"to":"eve",',
  "true",
];

// A space at the start keeps a text from the short way of reading it.
Deno.test("a message means the same whether it is plain or not, however it is broken", () => {
  const scalar = fc.oneof(fc.string(), fc.double({ noNaN: true }), fc.boolean(), fc.constant(null));
  const flat = fc.dictionary(fc.string(), scalar, { maxKeys: 3 });
  const message = fc.record({
    type: fc.oneof(fc.constantFrom("candidate", "join", "peer-left", "relay", ""), fc.string()),
    from: fc.oneof(fc.constant(undefined), fc.string()),
    to: fc.oneof(fc.constantFrom("bob", "", "y".repeat(128), "y".repeat(129)), fc.string()),
    payload: fc.oneof(scalar, flat, fc.dictionary(fc.string(), fc.oneof(scalar, flat))),
  });
  const change = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    removed: fc.nat(2),
    added: fc.oneof(fc.constant(""), fc.constantFrom(...PIECES)),
  });
  fc.assert(
    fc.property(message, fc.array(change, { maxLength: 2 }), (said, changes) => {
      let text = JSON.stringify(said);
      for (const { at, removed, added } of changes) {
        const place = Math.floor(at * text.length);
        text = text.slice(0, place) + added + text.slice(place + removed);
      }
      deepEqual(meaningOf(text), meaningOf(` ${text}`));
    }),
    { numRuns: 2_000 },
  );
});

for (
  const payload of [
    '{"candidate":"candidate:1 1 udp 1 192.0.2.1 1 typ host","sdpMid":"0","sdpMLineIndex":0}',
    '{"generation":1,"candidate":{"candidate":"","sdpMid":null}}',
    "1e400",
    '{"a":1,"a":2}',
    '{"__proto__":{"isAdmin":true}}',
  ]
) {
  Deno.test(`${payload} passes as it was written`, () => {
    const parsed = parseText(`{"type":"x","to":"bob","payload":${payload}}`);
    ok(parsed.ok && parsed.message.type === "forward");
    deepEqual([parsed.message.name, parsed.message.to], ['"x"', "bob"]);
    equal(parsed.message.payload, payload);
  });
}
