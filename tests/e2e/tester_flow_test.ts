/** What the tester measures through the relay, and what it shows when the server goes away. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { Page } from "playwright-core";
import { launchBrowser, type TestBrowser, type WatchedPage } from "../support/browser.ts";
import { lacks } from "../support/needs.ts";
import { freePort } from "../../bench/process.ts";
import { type RunningServer, startServer } from "../support/server.ts";

const ignore = lacks("chromium");

async function finished(page: Page): Promise<void> {
  await page.waitForSelector("#tester[data-state=done]");
}

/** Waits until something comes through the relay; what the page says instead fails the test. */
async function flowing(page: Page): Promise<void> {
  const some = page.locator("#flow .now").filter({ hasText: /: (?!0\.0 )\d+\.\d Mbit/ });
  const failed = page.locator("#flow[data-state=failed]");
  await some.or(failed).first().waitFor();
  equal(await failed.count(), 0, await page.innerText("#flow"));
}

/** A page whose measurement runs for a minute, where nobody stops it. */
async function measuring(server: RunningServer, browser: TestBrowser): Promise<WatchedPage> {
  const url = `http://127.0.0.1:${server.httpPort}/tester?seconds=60`;
  const watched = await browser.open(url);
  await finished(watched.page);
  await watched.page.click("#measure");
  await flowing(watched.page);
  return watched;
}

/** The program on a port and in a data folder that outlive it. */
async function makeHome() {
  const dataDir = await Deno.makeTempDir({ prefix: "hearth-test-" });
  const httpPort = freePort();
  return {
    url: `http://127.0.0.1:${httpPort}/tester`,
    start: (): Promise<RunningServer> => startServer({ dataDir, httpPort }),
    [Symbol.asyncDispose]: () => Deno.remove(dataDir, { recursive: true }),
  };
}

Deno.test({
  name: "/tester measures what comes through the relay, with a plot and in words, and reports it",
  ignore,
  async fn() {
    await using server = await startServer();
    await using browser = await launchBrowser();
    const url = `http://127.0.0.1:${server.httpPort}/tester?seconds=1`;
    const { page, complaints } = await browser.open("about:blank");
    const granted = page.waitForResponse("**/api/ice");
    await page.goto(url);
    const { iceServers } = await (await granted).json();
    equal(await page.isDisabled("#measure"), true, "there is no relay to measure yet");
    await finished(page);
    await page.focus("#measure");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#flow[data-state=ok]");
    const words =
      /(\d+\.\d) Mbit\/s through the relay over UDP for \d+\.\d s; \d+\.\d\d % lost \((\d+) of (\d+) messages\)/;
    const verdict = await page.innerText("#flow .verdict");
    const [, rate, lost, sent] = words.exec(verdict) ?? [];
    ok(Number(rate) > 0.1 && Number(lost) < Number(sent), verdict);
    match(await page.innerText("#flow .now"), /^After \d+\.\d s: \d+\.\d Mbit\/s, \d+\.\d % lost$/);
    match(await page.getAttribute("#plot", "aria-label") ?? "", /in \d+ samples: least .*, most /);
    ok(await page.locator("#plot canvas").count() === 1);
    const report = await page.innerText("#report");
    match(report, words);
    const [, { username, credential }] = iceServers;
    ok(!report.includes(username) && !report.includes(credential), "it is for others to read");
    equal(
      await page.evaluate("document.activeElement.id"),
      "measure",
      "the keyboard is where it was",
    );
    deepEqual(complaints, []);
  },
});

Deno.test({
  name: "/tester stops measuring when it is told to, by keyboard, with what it has seen",
  ignore,
  async fn() {
    await using server = await startServer();
    await using browser = await launchBrowser();
    const { page, complaints } = await measuring(server, browser);
    equal(await page.evaluate("document.activeElement.id"), "stop");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#flow[data-state=ok]");
    await finished(page);
    deepEqual(complaints, []);
  },
});

Deno.test({
  name: "/tester goes on measuring where nothing came through the relay for some seconds",
  ignore,
  async fn() {
    await using server = await startServer();
    await using browser = await launchBrowser();
    const { page } = await measuring(server, browser);
    server.signal("SIGSTOP");
    const silence = page.locator("#flow .now").filter({ hasText: ": 0.0 Mbit/s" });
    await silence.waitFor();
    const [, since] = /After (\d+)/.exec(await silence.innerText()) ?? [];
    const later = [3, 4, 5].map((more) => Number(since) + more).join("|");
    await page.locator("#flow").filter({ hasText: RegExp(`After (${later})\\.|come through`) })
      .waitFor();
    server.signal("SIGCONT");
    await flowing(page);
    await page.click("#stop");
    await page.waitForSelector("#flow[data-state=ok]");
  },
});

Deno.test({
  name: "/tester ends a run whose server goes away, and begins anew when the server is back",
  ignore,
  async fn() {
    await using home = await makeHome();
    await using browser = await launchBrowser();
    const { page } = await browser.open("about:blank");
    {
      await using server = await home.start();
      // A relay that never answers keeps the run going until the server is gone.
      await page.route("**/api/ice", async (route) => {
        const answer = await route.fetch();
        const text = (await answer.text()).replaceAll(`:${server.turnPort}`, ":9");
        await route.fulfill({ response: answer, body: text });
      });
      await page.goto(home.url);
      await page.waitForSelector("#signaling[data-state=ok]");
      equal(await page.getAttribute("#tester", "data-state"), "running");
      await server.stop();
      await page.waitForSelector("#tester[data-state=gone]");
      match(await page.innerText("#status"), /does not answer.*begins anew/);
      equal(await page.isDisabled("#run"), true);
      await page.unroute("**/api/ice");
    }
    await using _ = await home.start();
    await finished(page);
    match(await page.innerText("#findings"), /Everything that was tested works/);
  },
});

Deno.test({
  name: "/tester breaks a measurement off when the server dies, and tests anew when it is back",
  ignore,
  async fn() {
    await using home = await makeHome();
    await using browser = await launchBrowser();
    await using server = await home.start();
    const { page } = await measuring(server, browser);
    await server.stop("SIGKILL");
    await page.waitForSelector("#tester[data-state=gone]");
    match(await page.innerText("#flow .verdict"), /went away|come through/);
    await using _ = await home.start();
    await finished(page);
    match(await page.innerText("#findings"), /Everything that was tested works/);
    equal(await page.isDisabled("#measure"), false);
  },
});
