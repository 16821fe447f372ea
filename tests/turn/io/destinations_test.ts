import { equal, ok } from "node:assert/strict";
import { address, type Ip4 } from "../../../turn/address.ts";
import { Destinations } from "../../../turn/io/fast/destinations.ts";
import { heldBytes } from "../../support/heap.ts";

Deno.test("who is asked about without end leaves nothing behind", () => {
  const destinations = new Destinations();
  let asked = 0;
  const ask = (count: number) => {
    for (const end = asked + count; asked < end; asked++) {
      equal(destinations.isPermitted(address(asked * 2_654 as Ip4, 9)), true);
    }
    return heldBytes();
  };
  // What is remembered at most.
  const full = ask(20_000);
  const grown = ask(40_000) - full;
  ok(grown < 40_000 * 50, `${grown} bytes more`);
});
