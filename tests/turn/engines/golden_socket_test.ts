import { equal } from "node:assert/strict";
import { start } from "../../../turn/mod.ts";
import { TABLE } from "../core/golden_table.ts";
import { loopbackConfig, playOnSocket, whyNotComparable } from "./golden_socket.ts";

Deno.test("over a real socket, our engine answers the golden table as the core does", async () => {
  const handle = start(loopbackConfig("native"));
  try {
    const { port } = await handle.ready;
    const cases = TABLE.flatMap(({ cases }) => cases).filter((test) => !whyNotComparable(test));
    await Promise.all(cases.map(async (test) => {
      equal(await playOnSocket(test, port), test.expect, test.rule);
    }));
  } finally {
    await handle.close();
  }
});
