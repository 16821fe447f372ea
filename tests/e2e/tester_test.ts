import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { Page } from "playwright-core";
import { launchBrowser } from "../support/browser.ts";
import { lacks } from "../support/needs.ts";
import { addUser, startServer } from "../support/server.ts";

const ignore = lacks("chromium");

async function finish(page: Page): Promise<void> {
  await page.waitForSelector("#tester[data-state=done]");
}

async function expectRelays(page: Page): Promise<void> {
  equal(await page.getAttribute("#signaling", "data-state"), "ok");
  for (const transport of ["udp", "tcp"]) {
    const relays = `#${transport} tr[data-type=relay][data-relay-protocol=${transport}]`;
    ok(await page.locator(relays).count() > 0, await page.innerText("#report"));
    const channel = page.locator(`#${transport} .channel[data-state=ok]`);
    equal(await channel.getAttribute("data-lost"), "0");
    ok(Number(await channel.getAttribute("data-rtt-ms")) > 0);
  }
}

Deno.test({
  name: "/tester gets relays of this server over UDP and TCP and sends data through both",
  ignore,
  async fn() {
    await using server = await startServer();
    await using browser = await launchBrowser();
    const { page, complaints } = await browser.open(`http://127.0.0.1:${server.httpPort}/tester`);
    await finish(page);
    await expectRelays(page);
    deepEqual(complaints, []);
  },
});

Deno.test({
  name: "/tester of a server that asks for a login goes on with an account",
  ignore,
  async fn() {
    const dataDir = await Deno.makeTempDir({ prefix: "hearth-test-" });
    try {
      const account = { login: "alice", password: "correct horse battery staple" };
      await addUser(dataDir, account);
      await using server = await startServer({ dataDir, env: { HEARTH_AUTH: "required" } });
      await using browser = await launchBrowser();
      const { page } = await browser.open(`http://127.0.0.1:${server.httpPort}/tester`);
      await page.waitForSelector("#tester[data-state=login]");
      await page.fill("#login [name=login]", account.login);
      await page.fill("#login [name=password]", account.password);
      await page.click("#login button");
      await finish(page);
      await expectRelays(page);
    } finally {
      await Deno.remove(dataDir, { recursive: true });
    }
  },
});

Deno.test({
  name: "/tester names the port to open when STUN and TURN cannot be reached",
  ignore,
  async fn() {
    await using server = await startServer();
    await using browser = await launchBrowser();
    const { page } = await browser.open("about:blank");
    await page.route("**/api/ice", async (route) => {
      const answer = await route.fetch();
      const text = (await answer.text()).replaceAll(`:${server.turnPort}`, ":9");
      await route.fulfill({ response: answer, body: text });
    });
    await page.goto(`http://127.0.0.1:${server.httpPort}/tester`);
    await finish(page);
    const codes = await page.locator("#findings li").evaluateAll((items) =>
      items.map((item) => item.getAttribute("data-code"))
    );
    deepEqual(codes, ["udp-no-answer", "tcp-no-answer"]);
    match(await page.innerText("#findings"), /Forward UDP port 9 .*\n*.*Forward TCP port 9 /);
  },
});
