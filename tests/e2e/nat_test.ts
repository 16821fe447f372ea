import { equal } from "node:assert/strict";
import { launchBrowser } from "../support/browser.ts";
import { lacks } from "../support/needs.ts";
import { inNamespace, makeInternet, SERVER_IP } from "../support/netns.ts";
import { startServer } from "../support/server.ts";
import { exchange } from "./exchange.ts";

Deno.test({
  name: "Two players behind symmetric NATs meet while the firewall opens only 8080/tcp and 3478",
  ignore: lacks("chromium", "netns", "curl"),
  async fn() {
    await using internet = await makeInternet();
    await using _server = await startServer({
      namespace: internet.server,
      env: { HEARTH_EXTERNAL_IP: SERVER_IP },
    });
    await inNamespace(internet.server, ["bash", "-c", "echo > /dev/udp/127.0.0.1/50000"]);
    equal(await internet.droppedOnLoopback(), 1, "the relay's ports must be closed on lo too");

    await using first = await launchBrowser(internet.players[0]);
    await using second = await launchBrowser(internet.players[1]);
    const url = `http://${SERVER_IP}:8080/`;
    await exchange([await first.open(url), await second.open(url)]);
    equal(await internet.droppedOnLoopback(), 1, "one relay reaches another without a socket");
  },
});
