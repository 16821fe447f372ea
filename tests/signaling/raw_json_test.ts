import { deepEqual, equal } from "node:assert/strict";
import * as fc from "fast-check";
import { rawMember } from "../../signaling/raw_json.ts";

for (
  const [json, raw] of [
    ['{"payload":1}', "1"],
    [' \n{\t"payload" : [ {"payload":2} , "]}" ] \r}', '[ {"payload":2} , "]}" ]'],
    ['{"payload":1,"payload":"x"}', '"x"'],
    ['{"a":"\\\\","payload":"\\"\\\\"}', '"\\"\\\\"'],
    ['{"a":"\\"payload\\":","payload":null }', "null"],
    ['{"pay\\u006coad":-1.50e+400}', "-1.50e+400"],
    ['{"a":{"payload":1}}', undefined],
    ["{}", undefined],
  ] as const
) {
  Deno.test(`rawMember cuts the payload out of ${json}`, () => {
    equal(rawMember(json, "payload"), raw);
  });
}

Deno.test("rawMember finds the text of whatever JSON.parse finds", () => {
  const object = fc.dictionary(
    fc.oneof(fc.constantFrom("payload", '"', "\\", "a\\"), fc.string()),
    fc.jsonValue(),
  );
  fc.assert(fc.property(object, fc.constantFrom(undefined, 1, "\t"), (value, indent) => {
    const raw = rawMember(JSON.stringify(value, null, indent), "payload");
    deepEqual(raw && JSON.parse(raw), JSON.parse(JSON.stringify(value)).payload);
  }));
});
