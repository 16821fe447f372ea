/** Adds users to the folder it is given, for ever, and says each name once it is acknowledged. */
import { openUsers } from "../../../auth/mod.ts";
import { CHEAP, opened, PASSWORD } from "../world.ts";

const [dataDir = "", prefix = ""] = Deno.args;
const users = opened(await openUsers(dataDir, { cost: CHEAP }));
for (let i = 0;; i++) {
  const change = await users.add(`${prefix}-${i}`, PASSWORD);
  if (change.kind === "refused") throw new Error(change.message);
  // Straight to the pipe: what was written there is read even after a kill.
  Deno.stdout.writeSync(new TextEncoder().encode(`${change.user.id}\n`));
}
