/** The game in real browsers. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { connect, type Room } from "../../client/mod.ts";
import { violations } from "../support/accessibility.ts";
import { launchBrowser } from "../support/browser.ts";
import { lacks } from "../support/needs.ts";
import { addUser, type RunningServer, startServer } from "../support/server.ts";
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
    // Where both stay in that corner they tag one another in turn.
    await shows(bob.page, "Ada", ".role", /host, [1-9]\d* tags?$/);
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
    await using server = await startServer();
    await using browser = await launchBrowser();
    const ada = await play(browser, urlOf(server), "Ada");
    const bob = await play(browser, urlOf(server), "Bob", { path: "relay" });
    await shows(ada.page, "Bob", ".badge", /^relayed here, .* lost$/);
    deepEqual(await violations(ada.page), []);

    const hearth = await connect({ url: urlOf(server), rtc: false });
    const others: Room[] = [];
    for (let count = 2; count < 8; count++) others.push(await hearth.join("GAME"));
    await ada.page.locator("#players li").nth(7).waitFor();
    const { page, complaints } = await browser.open(`${urlOf(server)}/demo#GAME`);
    await page.fill("#join [name=name]", "Cy");
    await page.press("#join [name=name]", "Enter");
    await page.getByText("There are 8 players in this room already.").waitFor();
    others.pop()?.leave();
    await page.click("#join button");
    await page.waitForSelector("#demo[data-state=playing]");
    equal(await page.locator("#players li").count(), 8);
    for (const room of others) room.leave();
    deepEqual([...ada.complaints, ...bob.complaints, ...complaints], []);
  },
});

Deno.test({
  name: "What a host says that runs another program is looked at first",
  ignore,
  async fn() {
    await using server = await startServer();
    await using browser = await launchBrowser();
    const hearth = await connect({ url: urlOf(server), name: "Eve", rtc: false });
    const room = await hearth.join("GAME", { create: true });
    const ada = await play(browser, urlOf(server), "Ada", { path: "server" });
    const [peer] = room.peers.values();
    const { term } = room;
    const decided = { term, it: { toString: 1 }, tags: [[room.self, { toString: 1 }]] };
    const said = [
      "not JSON",
      "null",
      "[]",
      new Uint8Array(100),
      { n: "1", x: 1, y: 1 },
      { n: 1, x: null, y: 1 },
      { n: 1, x: 1, y: 1, decided },
      { n: 1, x: 1, y: 1, decided: { ...decided, tags: 7 } },
      { n: 1, x: 1, y: 1, decided: { ...decided, tags: [["__proto__", 1]] } },
      { n: 2, x: -1e300, y: 1e300, decided: { term, it: room.self, tags: [[room.self, 41]] } },
    ];
    for (const data of said) {
      const isRaw = typeof data === "string" || data instanceof Uint8Array;
      peer?.send(isRaw ? data : JSON.stringify(data));
    }
    await shows(ada.page, "Eve", ".role", /^it, host, 41 tags$/);
    room.leave();
    await shows(ada.page, "Ada", ".role", /^it, host, 0 tags$/);
    deepEqual(ada.complaints, []);
  },
});

Deno.test({
  name: "Nobody is tagged who has not said where they are",
  ignore,
  async fn() {
    await using server = await startServer();
    await using browser = await launchBrowser();
    const ada = await play(browser, urlOf(server), "Ada", { path: "server" });
    const hearth = await connect({ url: urlOf(server), name: "Bob", rtc: false });
    const room = await hearth.join("GAME");
    const [peer] = room.peers.values();
    ok(peer);
    const its = new Set<string>();
    const [quiet, tagged] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    peer.on("message", ({ data }) => {
      const { n, decided } = JSON.parse(String(data));
      its.add(decided.it);
      // Sixty a second, and nobody is tagged in the first second and a half.
      if (n > 150) quiet.resolve();
      if (decided.it === room.self) tagged.resolve();
    });
    await quiet.promise;
    deepEqual(its, new Set([peer.id]));
    peer.send(JSON.stringify({ n: 1, x: 100, y: 64 }));
    await tagged.promise;
    room.leave();
    deepEqual(ada.complaints, []);
  },
});

Deno.test({
  name: "Where the server wants an account, the game asks for it",
  ignore,
  async fn() {
    const dataDir = await Deno.makeTempDir({ prefix: "hearth-demo-" });
    try {
      await addUser(dataDir, { login: "ada", password: "correct horse battery" });
      await using server = await startServer({ dataDir, env: { HEARTH_AUTH: "required" } });
      await using browser = await launchBrowser();
      const { page } = await browser.open(`${urlOf(server)}/demo`);
      await page.fill("#join [name=name]", "Ada");
      await page.press("#join [name=name]", "Enter");
      await page.fill("#join [name=login]", "ada");
      for (const password of ["battery horse correct", "correct horse battery"]) {
        await page.fill("#join [name=password]", password);
        await page.press("#join [name=password]", "Enter");
        if (password.startsWith("battery")) await page.getByText("is wrong").waitFor();
      }
      await page.waitForSelector("#demo[data-state=playing]");
      equal(await page.getAttribute("#players li", "data-player"), "@ada");
    } finally {
      await Deno.remove(dataDir, { recursive: true });
    }
  },
});
