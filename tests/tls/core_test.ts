import { deepEqual, equal } from "node:assert/strict";
import { Places, speechOf } from "../../tls/core/mod.ts";

Deno.test("the first byte tells STUN, TLS and HTTP apart (RFC 7983 §7)", () => {
  const spoken = Map.groupBy(Array.from({ length: 256 }, (_, byte) => byte), speechOf);
  deepEqual(spoken.get("stun"), [0, 1, 2, 3]);
  deepEqual(spoken.get("tls"), [22]);
  equal(String.fromCharCode(...spoken.get("http") ?? []), "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
  equal(speechOf(-1), "unknown");
});

Deno.test("places end at each limit, and come back", () => {
  const places = new Places({ connections: 3, connectionsPerAddress: 2 });
  deepEqual(["a", "a", "a", "b", "c"].map((network) => places.take(network)), [
    true,
    true,
    false,
    true,
    false,
  ]);
  places.leave("a");
  equal(places.take("b"), true);
  equal(places.take("b"), false);
  for (const network of ["a", "b", "b"]) places.leave(network);
  equal(places.taken, 0);
});
