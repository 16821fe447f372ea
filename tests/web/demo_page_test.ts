/** The game in real browsers. */
import { deepEqual, equal } from "node:assert/strict";
import { violations } from "../support/accessibility.ts";
import { launchBrowser } from "../support/browser.ts";
import { lacks } from "../support/needs.ts";
import { type RunningServer, startServer } from "../support/server.ts";
import { play, runTo, seeEachOtherMove, shows } from "./players.ts";

const ignore = lacks("chromium");

const urlOf = ({ httpPort }: RunningServer) => `http://127.0.0.1:${httpPort}`;

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
      const ada = await play(browser, urlOf(server), "Ada", wish);
      const bob = await play(browser, urlOf(server), "Bob");
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
      await play(browser, urlOf(server), "Eve"),
      await play(browser, urlOf(server), "Ada"),
      await play(browser, urlOf(server), "Bob"),
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
    const ada = await play(browser, urlOf(server), "Ada");
    const bob = await play(browser, urlOf(server), "Bob");
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
      const ada = await play(browser, urlOf(first), "Ada");
      const bob = await play(browser, urlOf(first), "Bob", { path: "relay" });
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
    const ada = await play(browser, urlOf(server), "Ada");
    const bob = await play(browser, urlOf(server), "Bob", { path: "relay" });
    await shows(ada.page, "Bob", ".badge", /^relayed here, .* lost$/);
    deepEqual(await violations(ada.page), []);
    const late = await browser.open(`${urlOf(server)}/demo#GAME`);
    await late.page.fill("#join [name=name]", "Cy");
    await late.page.press("#join [name=name]", "Enter");
    await late.page.locator("#status").filter({ hasText: /^Room GAME has its 2 peers/ }).waitFor();
    equal(await late.page.isVisible("#join"), true);
    deepEqual([...ada.complaints, ...bob.complaints, ...late.complaints], []);
  },
});
