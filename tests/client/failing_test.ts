/** WebRTC fails in the middle of a game, and comes back. */
import { deepEqual } from "node:assert/strict";
import { launchBrowser } from "../support/browser.ts";
import { lacks } from "../support/needs.ts";
import { inNamespace, makeInternet, SERVER_IP } from "../support/netns.ts";
import { startServer } from "../support/server.ts";
import { enter, sendAll } from "./player.js";

/** What lets a player's WebRTC out: the relay. The server's own port stays open. */
const WALL = "add table inet wall; " +
  "add chain inet wall out { type filter hook output priority 0; }; " +
  "add rule inet wall out udp dport 3478 drop; add rule inet wall out tcp dport 3478 drop";

Deno.test({
  name:
    "A firewall that closes in mid-game costs no message, and the relayed path returns after it",
  ignore: lacks("chromium", "netns", "curl"),
  async fn() {
    await using internet = await makeInternet();
    await using _server = await startServer({
      namespace: internet.server,
      env: { HEARTH_EXTERNAL_IP: SERVER_IP },
    });
    await using first = await launchBrowser(internet.players[0]);
    await using second = await launchBrowser(internet.players[1]);
    const url = `http://${SERVER_IP}:8080/`;
    const players = [await first.open(url), await second.open(url)];
    for (const { page } of players) {
      page.setDefaultTimeout(90_000);
      await page.evaluate(enter, { room: "GAME", rtc: {} });
    }
    let sent = 0;
    for (const path of ["relayed", "server", "relayed"]) {
      if (path === "server") await inNamespace(internet.players[0], ["nft", WALL]);
      else if (sent > 0) {
        await inNamespace(internet.players[0], ["nft", "delete table inet wall"]);
      }
      // Some go while the path fails, or returns, and nobody knows it yet.
      for (const { page } of players) {
        if (sent > 0) await page.evaluate(sendAll, { from: sent, to: sent + 10 });
      }
      if (sent > 0) sent += 10;
      for (const { page } of players) {
        await page.waitForFunction(
          (path) => Reflect.get(globalThis, "game").peer?.path === path,
          path,
        );
      }
      for (const { page } of players) {
        await page.evaluate(sendAll, { from: sent, to: sent + 10 });
      }
      sent += 10;
      for (const { page } of players) {
        await page.waitForFunction(
          (count) => Reflect.get(globalThis, "game").reliable.length >= count,
          sent,
        );
      }
    }
    for (const { page } of players) {
      const { reliable, paths } = await page.evaluate(() => {
        const { reliable, paths } = Reflect.get(globalThis, "game");
        return { reliable, paths };
      });
      deepEqual(reliable, Array.from({ length: sent }, (_, index) => `${index}`));
      deepEqual(paths, ["relayed", "server", "relayed"]);
    }
  },
});
