import { deepEqual } from "node:assert/strict";
import { start } from "../../turn/mod.ts";
import { launchBrowser } from "../support/browser.ts";
import { lacks } from "../support/needs.ts";
import { PASSWORD, testConfig, USER } from "../turn/io/config.ts";
import { relayed } from "./relayed.js";

const LOOPBACK = ["127.0.0.1", "::1"];
const COUNT = 200;
const WAYS = LOOPBACK.flatMap((ip) => ["udp", "tcp"].map((protocol) => [ip, protocol] as const));

// Chromium names no address family in Allocate, and so gets an IPv4 relay over IPv6 as well
// (RFC 8656 §7.2); where the server has none, that is 440.
for (const [ip, protocol] of WAYS) {
  Deno.test({
    name: `Chromium relays by ${ip} over ${protocol}, in order, none lost`,
    ignore: lacks("chromium"),
    async fn() {
      const own = { hosts: LOOPBACK, externalIps: LOOPBACK, ownIps: LOOPBACK };
      const handle = start(testConfig({ ...own, peerAllow: [] }));
      try {
        const { port } = await handle.ready;
        await using browser = await launchBrowser();
        const { page } = await browser.open("about:blank");
        const urls = `turn:${ip.includes(":") ? `[${ip}]` : ip}:${port}?transport=${protocol}`;
        const servers = [{ urls, username: USER, credential: PASSWORD }];
        deepEqual(await page.evaluate(relayed, { servers, count: COUNT }), {
          received: Array.from({ length: COUNT }, (_, index) => index),
          protocol,
          relay: "127.0.0.1",
        });
      } finally {
        await handle.close();
      }
    },
  });
}
