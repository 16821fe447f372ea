/** The served module in real browsers. */
import { deepEqual, equal } from "node:assert/strict";
import type { Page } from "playwright-core";
import { connect } from "../../client/mod.ts";
import { launchBrowser } from "../support/browser.ts";
import { lacks } from "../support/needs.ts";
import { startServer } from "../support/server.ts";
import { enter, sendAll } from "./player.js";

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
      for (const { complaints } of players) deepEqual(complaints, []);
    },
  });
}

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
