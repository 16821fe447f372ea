/** Opens accounts, gives up its permission to write, and goes on using them. */
import { equal } from "node:assert/strict";
import { bearer, makeWorld, PASSWORD } from "../world.ts";

const [dataDir = ""] = Deno.args;
const world = await makeWorld({ dataDir });
equal(Deno.permissions.revokeSync({ name: "write" }).state, "prompt");

// Enough to go through the write-ahead log's checkpoint, which comes each 1,000 pages.
for (let i = 0; i < 1_000; i++) {
  equal((await world.auth.users.add(`user${i}`, PASSWORD)).kind, "done");
}
const token = await world.token("user7");
equal((await world.call("/api/logout", bearer(token, "POST"))).status, 204);
equal((await world.auth.authenticate(token)).kind, "refused");
world.auth.close();
console.log("went on");
