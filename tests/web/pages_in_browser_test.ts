/** Every page and what it shows at other times: accessible, and when the server goes and comes back. */
import { deepEqual, equal, match } from "node:assert/strict";
import { violations } from "../support/accessibility.ts";
import { launchBrowser } from "../support/browser.ts";
import { lacks } from "../support/needs.ts";
import { freePort } from "../../bench/process.ts";
import { startServer } from "../support/server.ts";

const ignore = lacks("chromium");

Deno.test({
  name: "An invitation, a room with players and a path to nowhere have no accessibility fault",
  ignore,
  async fn() {
    await using server = await startServer({ env: { HEARTH_REGISTRATION: "invite" } });
    await using browser = await launchBrowser();
    const url = `http://127.0.0.1:${server.httpPort}`;

    const invited = await browser.open(`${url}/#invite=AAAAAAAAAAAAAAAAAAAAAA`);
    await invited.page.waitForSelector("#register:not([hidden])");
    deepEqual(await violations(invited.page), []);
    deepEqual(invited.complaints, []);

    const first = await browser.open(`${url}/#AXES`);
    const second = await browser.open(`${url}/#AXES`);
    await first.page.waitForSelector("#room[data-players='1']");
    await second.page.waitForSelector("#room[data-players='1']");
    await second.page.fill("#text", "hello");
    await second.page.press("#text", "Enter");
    await first.page.locator("#chat li").waitFor();
    deepEqual(await violations(first.page), []);
    deepEqual(first.complaints, []);

    const { page } = await browser.open(`${url}/nowhere`);
    deepEqual(await violations(page), []);
  },
});

Deno.test({
  name: "The tester has no accessibility fault with a measurement in it, or while a login is asked",
  ignore,
  async fn() {
    await using browser = await launchBrowser();
    {
      await using server = await startServer();
      const { page } = await browser.open(`http://127.0.0.1:${server.httpPort}/tester?seconds=1`);
      await page.waitForSelector("#tester[data-state=done]");
      await page.click("#measure");
      await page.waitForSelector("#flow[data-state=ok]");
      await page.click("summary");
      deepEqual(await violations(page), []);
      await server.stop("SIGKILL");
      await page.click("#run");
      await page.waitForSelector("#tester[data-state=gone]");
      deepEqual(await violations(page), []);
    }
    await using server = await startServer({ env: { HEARTH_AUTH: "required" } });
    const { page } = await browser.open(`http://127.0.0.1:${server.httpPort}/tester`);
    await page.waitForSelector("#tester[data-state=login]");
    deepEqual(await violations(page), []);
  },
});

Deno.test({
  name: "The first page says that the server went away, and lets one enter again when it is back",
  ignore,
  async fn() {
    const httpPort = freePort();
    await using browser = await launchBrowser();
    const { page } = await browser.open("about:blank");
    {
      await using server = await startServer({ httpPort });
      await page.goto(`http://127.0.0.1:${httpPort}/#HOME`);
      await page.waitForSelector("#room[data-state=joined]");
      await server.stop();
      await page.waitForSelector("#room[data-state=failed]");
      match(await page.innerText("#room [role=status]"), /\w+/);
      equal(await page.isVisible("#join"), true);
    }
    await using _ = await startServer({ httpPort });
    await page.click("#join button");
    await page.waitForSelector("#room[data-state=joined]");
  },
});
