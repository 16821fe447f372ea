/** The game over plain HTTP from an address, between two homes, one of which changes its network. */
import { deepEqual, equal } from "node:assert/strict";
import { launchBrowser } from "../support/browser.ts";
import { lacks } from "../support/needs.ts";
import { ip, makeInternet, SERVER_IP } from "../support/netns.ts";
import { startServer } from "../support/server.ts";
import { play, seeEachOtherMove, shows } from "./players.ts";

Deno.test({
  name: "A player whose network changes is back in the game by itself, over plain HTTP",
  ignore: lacks("chromium", "netns", "curl"),
  async fn() {
    await using internet = await makeInternet();
    await using _server = await startServer({
      namespace: internet.server,
      env: { HEARTH_EXTERNAL_IP: SERVER_IP },
    });
    const [home] = internet.players;
    await using first = await launchBrowser(home);
    await using second = await launchBrowser(internet.players[1]);
    const url = `http://${SERVER_IP}:8080`;
    const ada = await play(first, url, "Ada");
    const bob = await play(second, url, "Bob");
    equal(await ada.page.evaluate("isSecureContext"), false);
    for (const [{ page }, other] of [[ada, "Bob"], [bob, "Ada"]] as const) {
      await shows(page, other, ".badge", /^relayed here, <?\d+ ms, [\d.]+ % lost$/);
    }
    await seeEachOtherMove(ada, bob);

    await ip(`-n ${home} link set eth0 down`);
    await ip(`-n ${home} addr flush dev eth0`);
    await ip(`-n ${home} addr add 10.1.0.3/24 dev eth0`);
    await ip(`-n ${home} link set eth0 up`);
    await ip(`-n ${home} route add default via 10.1.0.1`);
    await seeEachOtherMove(ada, bob);
    for (const [{ page }, other] of [[ada, "Bob"], [bob, "Ada"]] as const) {
      await shows(page, other, ".badge", /^relayed here, <?\d+ ms/);
    }
    // Chromium itself complains of connections that the change has cost.
    const complaints = [...ada.complaints, ...bob.complaints];
    deepEqual(complaints.filter((text) => !/^WebSocket connection to .* failed/.test(text)), []);
  },
});
