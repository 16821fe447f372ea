import { equal, ok } from "node:assert/strict";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { address, type Ip4 } from "../../../turn/address.ts";
import { Destinations } from "../../../turn/io/fast/destinations.ts";

Deno.test("who is asked about without end leaves nothing behind", () => {
  setFlagsFromString("--expose-gc");
  const gc: () => void = runInNewContext("gc");
  const destinations = new Destinations();
  let asked = 0;
  const ask = (count: number) => {
    for (const end = asked + count; asked < end; asked++) {
      equal(destinations.isPermitted(address(asked * 2_654 as Ip4, 9)), true);
    }
    gc();
    return Deno.memoryUsage().heapUsed;
  };
  const full = ask(20_000);
  const grown = ask(40_000) - full;
  ok(grown < 40_000 * 50, `${grown} bytes more`);
});
