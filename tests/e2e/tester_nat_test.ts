import { match } from "node:assert/strict";
import { launchBrowser } from "../support/browser.ts";
import { lacks } from "../support/needs.ts";
import { inNamespace, makeInternet, SERVER_IP } from "../support/netns.ts";
import { startServer } from "../support/server.ts";

/** The tester's words about the NAT in front of a player. */
async function natSeenBy(player: string): Promise<string> {
  await using browser = await launchBrowser(player);
  const { page } = await browser.open(`http://${SERVER_IP}:8080/tester`);
  await page.waitForSelector("#tester[data-state=done]");
  return await page.innerText("#nat");
}

Deno.test({
  name: "/tester tells a symmetric NAT by a relay port, and says so where it cannot",
  ignore: lacks("chromium", "netns", "curl"),
  async fn() {
    await using internet = await makeInternet();
    await using _ = await startServer({
      namespace: internet.server,
      env: { HEARTH_EXTERNAL_IP: SERVER_IP },
    });
    const [player] = internet.players;
    match(
      await natSeenBy(player),
      /sees you as 203\.0\.113\.20, in each of 2.*other ports than their own.*cannot be told/s,
    );

    const open = "add rule inet wall input udp dport 49152-65535 accept";
    await inNamespace(internet.server, ["nft", ...open.split(" ")]);
    match(await natSeenBy(player), /a symmetric NAT/);

    const router = player.replace(/a$/, "nat-a");
    await inNamespace(router, ["nft", "flush", "chain", "ip", "router", "leave"]);
    const masquerade = "add rule ip router leave oifname wan masquerade persistent";
    await inNamespace(router, ["nft", ...masquerade.split(" ")]);
    match(await natSeenBy(player), /keeps port numbers.*endpoint-independent/s);
  },
});
