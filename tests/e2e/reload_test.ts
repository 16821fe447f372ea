import { match } from "node:assert/strict";
import { startServer } from "../support/server.ts";

Deno.test("At SIGHUP the server reads its configuration again, says so, and goes on", async () => {
  await using server = await startServer();
  server.signal("SIGHUP");
  await server.logged(/"message":"reloaded"/);
  match(server.log(), /"logger":"hearth\.config","live":\[\],"needRestart":\[\]/);
  const answer = await fetch(`http://127.0.0.1:${server.httpPort}/readyz`);
  match(await answer.text(), /"ready":true/);
});
