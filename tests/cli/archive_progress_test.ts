import { equal, match } from "node:assert/strict";
import { exportUsers, importUsers } from "../../cli/archive.ts";
import { makeWorld, PASSWORD } from "../auth/world.ts";
import { fakeTerminal } from "./fake_terminal.ts";

Deno.test("export and import show how far they are, apart from what they print", async () => {
  await using from = await makeWorld();
  await from.auth.users.add("ada", PASSWORD);
  await from.auth.users.add("bob", PASSWORD);
  const exporting = fakeTerminal();
  equal(exportUsers(from.auth, exporting), 0);
  equal(exporting.printed.length, 2);
  for (const line of exporting.printed) equal(typeof JSON.parse(line), "object");
  equal(exporting.shown.join("|"), "1 of 2 accounts|");

  await using to = await makeWorld();
  const importing = fakeTerminal([exporting.printed.join("\n")]);
  equal(await importUsers(to.auth, importing), 0);
  match(importing.shown.join("|"), /^1 lines read\|Adding 2 accounts…\|$/);
});
