/** Changes accounts at random, for ever: says each change before it begins, and once it is done. */
import { openUsers } from "../../../auth/users.ts";
import { CHEAP, type Doing, doings, perform } from "../changes.ts";

const [dataDir = "", seed = ""] = Deno.args;
const users = await openUsers(dataDir, { cost: CHEAP });
if (users.kind === "failed") throw new Error(users.message);
for (const doing of doings(Number(seed))) {
  say({ begun: doing });
  const change = await perform(users.value, doing);
  say({ done: change.kind === "done" });
}

/** Straight to the pipe: what was written there is read even after a kill. */
function say(what: { begun: Doing } | { done: boolean }): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(what)}\n`));
}
