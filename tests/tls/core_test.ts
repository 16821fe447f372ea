import { deepEqual, equal } from "node:assert/strict";
import { speechOf } from "../../tls/core/mod.ts";

Deno.test("the first byte tells STUN, TLS and HTTP apart (RFC 7983 §7)", () => {
  const spoken = Map.groupBy(Array.from({ length: 256 }, (_, byte) => byte), speechOf);
  deepEqual(spoken.get("stun"), [0, 1, 2, 3]);
  deepEqual(spoken.get("tls"), [22]);
  equal(String.fromCharCode(...spoken.get("http") ?? []), "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
  equal(speechOf(-1), "unknown");
});
