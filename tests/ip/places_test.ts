import { deepEqual, equal } from "node:assert/strict";
import { Places } from "../../ip/mod.ts";

Deno.test("places end at each limit, and come back", () => {
  const places = new Places({ connections: 3, connectionsPerAddress: 2 });
  deepEqual(["a", "a", "a", "b", "c"].map((network) => places.take(network)), [
    "taken",
    "taken",
    "network-full",
    "taken",
    "all-full",
  ]);
  places.leave("a");
  equal(places.take("b"), "taken");
  equal(places.take("b"), "network-full");
  for (const network of ["a", "b", "b"]) places.leave(network);
  equal(places.taken, 0);
});

Deno.test("a lower limit sends nobody away, and counts for who comes", () => {
  const places = new Places({ connections: 3, connectionsPerAddress: 3 });
  for (const network of ["a", "a"]) equal(places.take(network), "taken");
  places.limit({ connections: 2, connectionsPerAddress: 1 });
  deepEqual([places.taken, places.take("a"), places.take("b")], [2, "network-full", "all-full"]);
  places.limit({ connections: 3, connectionsPerAddress: 3 });
  equal(places.take("a"), "taken");
});
