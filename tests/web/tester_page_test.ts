import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { Page } from "playwright-core";
import { launchBrowser } from "../support/browser.ts";
import { lacks } from "../support/needs.ts";
import { freePort } from "../../bench/process.ts";
import { relayServers, startStandin } from "./standin.ts";

const ignore = lacks("chromium", "coturn");

function finished(page: Page): Promise<unknown> {
  return page.waitForSelector("#tester[data-state=done]");
}

function codes(page: Page): Promise<(string | null)[]> {
  return page.locator("#findings li").evaluateAll((items) =>
    items.map((item) => item.getAttribute("data-code"))
  );
}

Deno.test({
  name: "The tester shows relay candidates, data through them and a room, without a complaint",
  ignore,
  async fn() {
    await using server = await startStandin();
    await using browser = await launchBrowser();
    const { page, complaints } = await browser.open(`${server.url}/tester`);
    await finished(page);
    deepEqual(await codes(page), ["all-well", "private-relay"]);
    equal(await page.getAttribute("#signaling", "data-state"), "ok");
    for (const transport of ["udp", "tcp"]) {
      const row = `#${transport} tr[data-type=relay][data-relay-protocol=${transport}]`;
      match(await page.innerText(row), /127\.0\.0\.1\t\d+\t\d+\t\d+ \| \d+ \| 1/);
      const channel = page.locator(`#${transport} .channel[data-state=ok]`);
      ok(Number(await channel.getAttribute("data-rtt-ms")) > 0);
      equal(await channel.getAttribute("data-sent"), "40");
      equal(await channel.getAttribute("data-lost"), "0");
    }
    ok(!(await page.innerText("#report")).includes("relay-secret"));
    await page.click("#copy");
    await page.getByText(/^(Copied|Selected)/).waitFor();
    await page.click("#run");
    await finished(page);
    equal(await page.locator("#tcp tr[data-type=relay]").count(), 1, "an earlier run is cleared");
    deepEqual(complaints, []);
  },
});

Deno.test({
  name: "The tester says that the relay refuses a wrong password, and what to look at",
  ignore,
  async fn() {
    await using server = await startStandin({ iceServers: (port) => relayServers(port, "wrong") });
    await using browser = await launchBrowser();
    const { page } = await browser.open(`${server.url}/tester`);
    await finished(page);
    deepEqual(await codes(page), ["udp-refused-401", "tcp-refused-401"]);
    match(await page.innerText("#findings"), /HEARTH_TURN_SECRET/);
  },
});

Deno.test({
  name: "The tester says that a port is closed, and does not wait for ever",
  ignore,
  async fn() {
    const closed = freePort();
    await using server = await startStandin({ iceServers: () => relayServers(closed) });
    await using browser = await launchBrowser();
    const { page } = await browser.open(`${server.url}/tester`);
    match(await page.innerText("#udp .verdict"), /Waiting for an answer from turn:127/);
    await finished(page);
    deepEqual(await codes(page), ["udp-no-answer", "tcp-no-answer"]);
    match(await page.innerText("#findings"), new RegExp(`Forward UDP port ${closed}`));
  },
});

Deno.test({
  name: "The tester asks for a login where the server does, and goes on with it",
  ignore,
  async fn() {
    const account = { login: "alice", password: "correct horse" };
    await using server = await startStandin({ account });
    await using browser = await launchBrowser();
    const { page } = await browser.open(`${server.url}/tester`);
    await page.waitForSelector("#tester[data-state=login]");
    await page.fill("#login [name=login]", account.login);
    await page.fill("#login [name=password]", "battery");
    await page.click("#login button");
    await page.getByText("Name or password is wrong.").waitFor();
    await page.fill("#login [name=password]", account.password);
    await page.click("#login button");
    await finished(page);
    ok((await codes(page)).includes("all-well"));
    equal(await page.isVisible("#login"), false);
    equal(new URL(page.url()).search, "");
  },
});

Deno.test({
  name: "The tester tests another server that a person names, over both transports",
  ignore,
  async fn() {
    await using server = await startStandin({ iceServers: () => [] });
    await using browser = await launchBrowser();
    const { page, complaints } = await browser.open(`${server.url}/tester`);
    await finished(page);
    equal(await page.getAttribute("#udp", "data-state"), "off");
    await page.click("summary");
    await page.fill("#other [name=url]", `127.0.0.1:${server.relayPort}`);
    await page.fill("#other [name=username]", "tester");
    await page.fill("#other [name=credential]", "relay-secret");
    await page.click("#other button");
    await page.waitForSelector("#tcp .channel[data-state=ok]");
    await finished(page);
    equal(await page.getAttribute("#udp .channel", "data-state"), "ok");
    equal(await page.getAttribute("#signaling", "data-state"), "off");
    await page.fill("#other [name=url]", "turn:?");
    await page.click("#other button");
    await page.waitForSelector("#tester[data-state=failed]");
    match(await page.innerText("#status"), /turn:\?/, "what makes no sense is named");
    deepEqual(complaints, []);
  },
});

Deno.test({
  name: "Two pages meet in a room and talk, and the link leads there",
  ignore,
  async fn() {
    await using server = await startStandin();
    await using browser = await launchBrowser();
    const first = await browser.open(server.url);
    match(await first.page.innerText("#snippet"), /^\/\*\*[^]*export function connect/);
    await first.page.click("#join button");
    await first.page.waitForSelector("#room[data-state=joined]");
    const link = await first.page.getAttribute("#link", "href");
    ok(link);
    const second = await browser.open(link);
    for (const { page } of [first, second]) await page.waitForSelector("#room[data-players='1']");
    await second.page.fill("#text", "<b>hello</b>");
    await second.page.press("#text", "Enter");
    match(await first.page.innerText("#chat li"), /^player\d+: <b>hello<\/b>$/);
    await second.page.context().close();
    await first.page.waitForSelector("#room[data-players='0']");
    deepEqual([...first.complaints, ...second.complaints], []);
  },
});

Deno.test({
  name: "No page is wider than a phone, in light and dark",
  ignore,
  async fn() {
    await using server = await startStandin();
    await using browser = await launchBrowser();
    for (const colorScheme of ["light", "dark"] as const) {
      for (const path of ["/", "/tester", "/nowhere"]) {
        const { page } = await browser.open(`${server.url}${path}`);
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width: 360, height: 740 });
        if (path === "/tester") await finished(page);
        equal(await page.evaluate("document.documentElement.scrollWidth"), 360, path);
      }
    }
  },
});
