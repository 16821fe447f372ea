import { deepEqual } from "node:assert/strict";
import { start } from "../../turn/mod.ts";
import { launchBrowser } from "../support/browser.ts";
import { lacks } from "../support/needs.ts";
import { PASSWORD, testConfig, USER } from "../turn/io/config.ts";
import { relayed } from "./relayed.js";

const ADDRESS = "127.0.0.1";
const COUNT = 200;

for (const protocol of ["udp", "tcp"]) {
  Deno.test({
    name: `Chromium relays over ${protocol}, in order, none lost`,
    ignore: lacks("chromium"),
    async fn() {
      const handle = start(testConfig({ peerAllow: [] }));
      try {
        const { port } = await handle.ready;
        await using browser = await launchBrowser();
        const { page } = await browser.open("about:blank");
        const urls = `turn:${ADDRESS}:${port}?transport=${protocol}`;
        const servers = [{ urls, username: USER, credential: PASSWORD }];
        deepEqual(await page.evaluate(relayed, { servers, count: COUNT }), {
          received: Array.from({ length: COUNT }, (_, index) => index),
          protocol,
          relay: ADDRESS,
        });
      } finally {
        await handle.close();
      }
    },
  });
}
