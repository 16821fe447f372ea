/** A stop that lets go on what is under way, on the real program. */
import { equal } from "node:assert/strict";
import { startServer, TURN_USER } from "../support/server.ts";
import { RealClient } from "../turn/io/real_client.ts";

const TESTER = { username: TURN_USER.name, password: TURN_USER.password };

Deno.test("SIGTERM sends newcomers to the other relay, and ends when the last allocation has", async () => {
  await using server = await startServer({
    env: { HEARTH_GRACE: "300s", HEARTH_TURN_ALTERNATE_SERVER: "127.0.0.1:3479" },
  });
  await using player = RealClient.udp(server.turnPort, TESTER);
  await player.allocate();
  server.signal("SIGTERM");
  // Until the signal has come through, another is let in as before.
  for (let code = 0; code !== 300;) {
    await using late = RealClient.udp(server.turnPort, TESTER);
    late.turn.allocate(performance.now());
    const event = await late.nextOf("allocated", "failed");
    code = event.kind === "failed" ? event.code : 0;
    if (code !== 0) continue;
    late.turn.refresh(performance.now(), 0);
    await late.next("refreshed");
  }
  player.turn.refresh(performance.now());
  await player.next("refreshed");
  player.turn.refresh(performance.now(), 0);
  await player.next("refreshed");
  equal((await server.ended).success, true);
});
