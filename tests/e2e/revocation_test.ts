import { deepEqual, equal, ok } from "node:assert/strict";
import type { Page } from "playwright-core";
import { launchBrowser } from "../support/browser.ts";
import { lacks } from "../support/needs.ts";
import { addUser, startServer, userTask } from "../support/server.ts";
import { relays, stream } from "./streamer.js";

interface StreamState {
  readonly lastHeardAt: number;
  readonly closedAt: number;
  readonly closeCode: number;
  readonly bye: string;
}

const stateOf = (page: Page): Promise<StreamState> =>
  page.evaluate(() => Reflect.get(globalThis, "stream"));

const ALICE = { login: "alice", password: "correct horse battery staple" };

/** Each ends alice on the command line, while the server runs. */
const WAYS = [
  { args: ["disable", "alice"], code: 4008, bye: "disconnected" },
  { args: ["kick", "alice"], code: 4006, bye: "kicked" },
  { args: ["ban", "alice"], code: 4009, bye: "banned" },
] as const;

for (const { args, code, bye } of WAYS) {
  Deno.test({
    name: `user ${args[0]} ends the socket, the relayed data channel and the TURN credential`,
    ignore: lacks("chromium"),
    async fn() {
      const dataDir = await Deno.makeTempDir({ prefix: "hearth-revoked-" });
      try {
        await addUser(dataDir, ALICE);
        await using server = await startServer({ dataDir });
        await using browser = await launchBrowser();
        const url = `http://127.0.0.1:${server.httpPort}/`;
        const login = await fetch(`${url}api/login`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(ALICE),
        });
        const { token } = await login.json();
        const alice = (await browser.open(url)).page;
        const bob = (await browser.open(url)).page;
        const [iceServers] = await Promise.all([
          alice.evaluate(stream, { room: "ROOM", token }),
          bob.evaluate(stream, { room: "ROOM" }),
        ]);
        equal(await bob.evaluate(relays, iceServers), true, "her credential serves before");

        const { at } = await userTask(dataDir, args);
        await alice.waitForFunction(() => Reflect.get(globalThis, "stream").closedAt > 0);
        const closed = await stateOf(alice);
        deepEqual([closed.closeCode, closed.bye], [code, bye]);
        equal(await bob.evaluate(relays, iceServers), false, "her credential is refused after");
        // By now gathering has come to its end, and alice has sent for as long: none of it came.
        const heard = (await stateOf(bob)).lastHeardAt;
        equal(await bob.evaluate(relays, iceServers), false);
        equal((await stateOf(bob)).lastHeardAt, heard);
        console.log(
          `user ${args[0]}: acknowledged; socket closed ${closed.closedAt - at} ms and last ` +
            `relayed message ${heard - at} ms from then`,
        );
        const me = await fetch(`${url}api/me`, { headers: { authorization: `Bearer ${token}` } });
        await me.body?.cancel();
        equal(me.ok, bye === "kicked", "a kick alone leaves the login");
        ok(server.log().includes("sent-off"));
      } finally {
        await Deno.remove(dataDir, { recursive: true });
      }
    },
  });
}
