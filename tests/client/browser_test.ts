/** The served module in real browsers. */
import { deepEqual, equal, notEqual } from "node:assert/strict";
import type { Page } from "playwright-core";
import { connect } from "../../client/mod.ts";
import { launchBrowser } from "../support/browser.ts";
import { lacks } from "../support/needs.ts";
import { startServer } from "../support/server.ts";
import { serveElsewhere } from "./elsewhere.ts";
import { enter, readPair, sendAll } from "./player.js";

const ignore = lacks("chromium");
const COUNT = 200;

const heard = (page: Page): Promise<string[]> =>
  page.evaluate(() => Reflect.get(globalThis, "game").reliable);
const numbers = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `${from + index}`);

for (
  const { path, rtc } of [
    { path: "direct", rtc: {} },
    { path: "relayed", rtc: { iceTransportPolicy: "relay" } },
    { path: "server", rtc: false },
  ] as const
) {
  Deno.test({
    name: `Two pages exchange reliable and unreliable data, path ${path}`,
    ignore,
    async fn() {
      await using server = await startServer();
      await using browser = await launchBrowser();
      const url = `http://127.0.0.1:${server.httpPort}/`;
      const players = [await browser.open(url), await browser.open(url)];
      for (const { page } of players) await page.evaluate(enter, { room: "GAME", rtc });
      for (const { page } of players) {
        await page.waitForFunction(
          (path) => Reflect.get(globalThis, "game").peer?.path === path,
          path,
        );
      }
      for (const { page } of players) await page.evaluate(sendAll, { from: 0, to: COUNT });
      for (const { page } of players) {
        await page.waitForFunction(
          (count) => Reflect.get(globalThis, "game").reliable.length >= count,
          COUNT,
        );
        deepEqual(await heard(page), numbers(0, COUNT));
        await page.waitForFunction(() => Reflect.get(globalThis, "game").loose > 0);
      }
      for (const { page } of path === "server" ? [] : players) {
        const { types } = await page.evaluate(readPair);
        equal(types.includes("relay"), path === "relayed", types.join(" to "));
      }
      for (const { complaints } of players) deepEqual(complaints, []);
    },
  });
}

/** Resolves when the page's player reaches the other by this path. */
const reaches = (page: Page, path: string) =>
  page.waitForFunction((path) => Reflect.get(globalThis, "game").peer?.path === path, path);
const hears = (page: Page, count: number) =>
  page.waitForFunction(
    (count) => Reflect.get(globalThis, "game").reliable.length >= count,
    count,
  );

Deno.test({
  name: "ICE restarts when the network changes, and nothing is lost",
  ignore,
  async fn() {
    await using server = await startServer();
    await using browser = await launchBrowser();
    const url = `http://127.0.0.1:${server.httpPort}/`;
    const players = [await browser.open(url), await browser.open(url)];
    for (const { page } of players) await page.evaluate(enter, { room: "GAME", rtc: {} });
    const [{ page }, { page: other }] = players as [typeof players[0], typeof players[0]];
    for (const { page } of players) await reaches(page, "direct");
    const before = await page.evaluate(readPair);
    await page.evaluate(sendAll, { from: 0, to: 10 });
    await page.evaluate(() => dispatchEvent(new Event("online")));
    await page.evaluate(sendAll, { from: 10, to: 20 });
    await page.waitForFunction(
      (session) =>
        Reflect.get(globalThis, "game").peer.connection.localDescription.sdp
          .match(/ice-ufrag:(.*)/)[1].trim() !== session,
      before.session,
    );
    await hears(other, 20);
    deepEqual(await heard(other), numbers(0, 20));
    await reaches(page, "direct");
    notEqual((await page.evaluate(readPair)).session, before.session);
  },
});

Deno.test({
  name: "A page whose browser forbids WebRTC plays through the server",
  ignore,
  async fn() {
    await using server = await startServer();
    await using browser = await launchBrowser();
    const url = `http://127.0.0.1:${server.httpPort}/`;
    const players = [await browser.open(url), await browser.open(url)];
    await players[0]?.page.evaluate(() => {
      class Forbidden {
        constructor() {
          throw new DOMException("Forbidden by policy", "NotAllowedError");
        }
      }
      Reflect.set(globalThis, "RTCPeerConnection", Forbidden);
    });
    for (const { page } of players) await page.evaluate(enter, { room: "GAME", rtc: {} });
    for (const { page } of players) await reaches(page, "server");
    for (const { page } of players) await page.evaluate(sendAll, { from: 0, to: 20 });
    for (const { page } of players) {
      await hears(page, 20);
      deepEqual(await heard(page), numbers(0, 20));
    }
  },
});

Deno.test({
  name: "A page of another origin imports the library, and may connect where the host lets it",
  ignore,
  async fn() {
    await using game = serveElsewhere();
    await using server = await startServer({ env: { HEARTH_ORIGINS: game.origin } });
    await using browser = await launchBrowser();
    const url = `http://127.0.0.1:${server.httpPort}`;
    const players = [await browser.open(game.origin), await browser.open(game.origin)];
    for (const { page } of players) await page.evaluate(enter, { room: "GAME", rtc: {}, url });
    for (const { page } of players) await reaches(page, "direct");
    for (const { complaints } of players) deepEqual(complaints, []);
  },
});

Deno.test({
  name: "A lost socket is resumed, and a Deno client talks to a page through the server",
  ignore,
  async fn() {
    await using server = await startServer();
    await using browser = await launchBrowser();
    const url = `http://127.0.0.1:${server.httpPort}/`;
    const { page } = await browser.open(url);
    await page.evaluate(enter, { room: "GAME", rtc: {} });
    const room = await (await connect({ url })).join("GAME", { create: true });
    const peer = [...room.peers.values()][0];
    equal(peer?.path, "server");
    const got: unknown[] = [];
    const all = new Promise<void>((resolve) =>
      peer?.on("message", ({ data, reliable }) => {
        if (reliable && got.push(data) === 20) resolve();
      })
    );
    await page.waitForFunction(() => Reflect.get(globalThis, "game").peer !== undefined);
    await page.evaluate(sendAll, { from: 0, to: 10 });
    await page.evaluate(() => Reflect.get(globalThis, "game").dropSocket());
    await page.evaluate(sendAll, { from: 10, to: 20 });
    for (const text of numbers(0, 20)) peer?.send(text);
    await all;
    deepEqual(got, numbers(0, 20));
    await page.waitForFunction(() => Reflect.get(globalThis, "game").reliable.length >= 20);
    deepEqual(await heard(page), numbers(0, 20));
    room.leave();
  },
});
