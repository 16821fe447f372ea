import { launchBrowser } from "../support/browser.ts";
import { lacks } from "../support/needs.ts";
import { startServer } from "../support/server.ts";
import { exchange } from "./exchange.ts";

Deno.test({
  name: "Two pages exchange 1,000 messages each way through the relay, in order, none lost",
  ignore: lacks("chromium"),
  async fn() {
    await using server = await startServer();
    await using browser = await launchBrowser();
    const url = `http://127.0.0.1:${server.httpPort}/`;
    await exchange([await browser.open(url), await browser.open(url)]);
  },
});
