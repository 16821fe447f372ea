/** The game in real browsers. */
import { deepEqual, equal, ok } from "node:assert/strict";
import type { Page } from "playwright-core";
import { violations } from "../support/accessibility.ts";
import { launchBrowser, type WatchedPage } from "../support/browser.ts";
import { lacks } from "../support/needs.ts";
import { startServer } from "../support/server.ts";
import { play } from "./players.ts";

const ignore = lacks("chromium");

/** The line of the player of that name. */
const line = (page: Page, name: string) =>
  page.locator("#players li").filter({ has: page.locator(`.name:text("${name}")`) });

/** Until the line's part matches. */
const shows = (page: Page, name: string, part: string, text: RegExp) =>
  line(page, name).locator(part).filter({ hasText: text }).waitFor();

/** Holds the field in a corner, and so runs there. */
async function runTo(page: Page, corner: "top left" | "bottom right"): Promise<void> {
  const box = await page.locator("#field").boundingBox();
  ok(box);
  const [x, y] = corner === "top left" ? [2, 2] : [box.width - 3, box.height - 3];
  await page.mouse.move(box.x + x, box.y + y);
  await page.mouse.down();
}

/** The two run to opposite corners, and each sees the other there; then one goes on by keyboard. */
async function seeEachOtherMove(
  { page: ada }: WatchedPage,
  { page: bob }: WatchedPage,
): Promise<void> {
  await runTo(ada, "top left");
  await runTo(bob, "bottom right");
  await shows(ada, "Bob", ".where", /^(9\d\d|1000) right, [56]\d\d down/);
  await shows(bob, "Ada", ".where", /^(9\d\d|1000) left, [56]\d\d up/);
  for (const page of [ada, bob]) await page.mouse.up();
  await ada.focus("#field");
  await ada.keyboard.down("ArrowRight");
  await shows(bob, "Ada", ".where", /^\d{1,2} (left|right), [56]\d\d up/);
  await ada.keyboard.up("ArrowRight");
}

for (
  const { badge, ...wish } of [
    { path: "any", badge: /^direct, <?\d+ ms, [\d.]+ % lost$/ },
    { path: "relay", badge: /^relayed here, <?\d+ ms, [\d.]+ % lost$/ },
    { path: "server", badge: /^through the server, <?\d+ ms, [\d.]+ % lost$/ },
    { withoutWebRtc: true, badge: /^through the server, <?\d+ ms, [\d.]+ % lost$/ },
  ] as const
) {
  Deno.test({
    name: `Two players see each other move, ${JSON.stringify(wish)}`,
    ignore,
    async fn() {
      await using server = await startServer();
      await using browser = await launchBrowser();
      const ada = await play(browser, server.httpPort, "Ada", wish);
      const bob = await play(browser, server.httpPort, "Bob");
      await shows(ada.page, "Bob", ".badge", badge);
      await shows(bob.page, "Ada", ".badge", badge);
      await seeEachOtherMove(ada, bob);
      deepEqual([...ada.complaints, ...bob.complaints], []);
    },
  });
}

Deno.test({
  name: "Three play; the host closes the tab, another one is host, and the game goes on",
  ignore,
  async fn() {
    await using server = await startServer();
    await using browser = await launchBrowser();
    const [eve, ada, bob] = [
      await play(browser, server.httpPort, "Eve"),
      await play(browser, server.httpPort, "Ada"),
      await play(browser, server.httpPort, "Bob"),
    ];
    for (const { page } of [eve, ada, bob]) {
      await page.locator("#players .badge[data-path=direct]").nth(1).waitFor();
      await shows(page, "Eve", ".role", /^it, host/);
    }
    await eve.page.close({ runBeforeUnload: true });
    for (const { page } of [ada, bob]) {
      await shows(page, "Ada", ".role", /^it, host/);
      equal(await page.locator("#players li").count(), 2);
    }
    equal(await ada.page.innerText("#it"), "You are it!");
    await seeEachOtherMove(ada, bob);
    // The new referee lets Ada tag Bob, and Bob's page hears of it.
    await runTo(ada.page, "bottom right");
    await shows(bob.page, "Bob", ".role", /^it, 0 tags/);
    await shows(bob.page, "Ada", ".role", /^host, 1 tag$/);
    deepEqual([...eve.complaints, ...ada.complaints, ...bob.complaints], []);
  },
});

Deno.test({
  name: "A host whose tab goes to the background hands over",
  ignore,
  async fn() {
    await using server = await startServer();
    await using browser = await launchBrowser();
    const ada = await play(browser, server.httpPort, "Ada");
    const bob = await play(browser, server.httpPort, "Bob");
    await shows(bob.page, "Ada", ".role", /host/);
    // Headless pages are never hidden: what the browser would say is said for it.
    await ada.page.evaluate(
      `Object.defineProperty(document, "hidden", { value: true });
       document.dispatchEvent(new Event("visibilitychange"))`,
    );
    for (const { page } of [ada, bob]) await shows(page, "Bob", ".role", /host/);
    deepEqual([...ada.complaints, ...bob.complaints], []);
  },
});

Deno.test({
  name: "The server restarts on the same port: the players are back in the room by themselves",
  ignore,
  async fn() {
    const dataDir = await Deno.makeTempDir({ prefix: "hearth-demo-" });
    try {
      await using browser = await launchBrowser();
      const first = await startServer({ dataDir });
      const { httpPort } = first;
      const ada = await play(browser, httpPort, "Ada");
      const bob = await play(browser, httpPort, "Bob", { path: "relay" });
      for (const { page } of [ada, bob]) {
        await page.locator("#players .badge[data-path=relayed]").waitFor();
      }
      await first.stop();
      for (const { page } of [ada, bob]) await page.getByText("The server is away").waitFor();
      await using _second = await startServer({ dataDir, httpPort });
      await shows(ada.page, "Bob", ".badge", /^relayed here, <?\d+ ms/);
      await shows(bob.page, "Ada", ".badge", /^relayed here, <?\d+ ms/);
      await seeEachOtherMove(ada, bob);
      const complaints = [...ada.complaints, ...bob.complaints];
      // Chromium itself complains of each try while the server is gone.
      deepEqual(complaints.filter((text) => !/^WebSocket connection to .* failed/.test(text)), []);
    } finally {
      await Deno.remove(dataDir, { recursive: true });
    }
  },
});

Deno.test({
  name: "The game has no accessibility fault while it is played, and a refusal is told",
  ignore,
  async fn() {
    await using server = await startServer({ env: { HEARTH_SIGNALING_PEERS_PER_ROOM: "2" } });
    await using browser = await launchBrowser();
    const ada = await play(browser, server.httpPort, "Ada");
    const bob = await play(browser, server.httpPort, "Bob", { path: "relay" });
    await shows(ada.page, "Bob", ".badge", /^relayed here, .* lost$/);
    deepEqual(await violations(ada.page), []);
    const late = await browser.open(`http://127.0.0.1:${server.httpPort}/demo#GAME`);
    await late.page.fill("#join [name=name]", "Cy");
    await late.page.press("#join [name=name]", "Enter");
    await late.page.locator("#status").filter({ hasText: /^Room GAME has its 2 peers/ }).waitFor();
    equal(await late.page.isVisible("#join"), true);
    deepEqual([...ada.complaints, ...bob.complaints, ...late.complaints], []);
  },
});
