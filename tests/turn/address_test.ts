import assert from "node:assert/strict";
import { formatAddress, parseAddress } from "../../turn/address.ts";

Deno.test("a transport address is read as it is written, and anything else is none", () => {
  for (const text of ["192.0.2.1:99", "0.0.0.0:0", "[2001:db8::1]:65535", "[::]:1"]) {
    const parsed = parseAddress(text);
    assert.ok(parsed, text);
    assert.equal(formatAddress(parsed), text);
  }
  const none = ["", "192.0.2.1", "192.0.2.1:", "192.0.2.1:65536", "192.0.2.256:1", "::1:1"];
  for (const text of [...none, "[192.0.2.1]:1", "[::1]", "[::1%lo]:1", "host:1"]) {
    assert.equal(parseAddress(text), undefined, text);
  }
});
