/** The public address of a home changes while a game is on. */
import { deepEqual, equal } from "node:assert/strict";
import type { Page } from "playwright-core";
import { enter, sendAll } from "../client/player.js";
import { launchBrowser } from "../support/browser.ts";
import { EXTERNAL_IP, makeHomeRouter } from "../support/home_router.ts";
import { lacks } from "../support/needs.ts";
import { ip } from "../support/netns.ts";
import { startServer } from "../support/server.ts";
import { watchRoom } from "./room_watch.js";

const NEXT_IP = "45.0.0.40";
/** A name that the host's DNS provider has follow the home's address. */
const NAME = "home.test";
/** Chromium keeps what a name led to for a minute, and only then finds the way. */
const PATIENCE_MS = 150_000;

const hears = (page: Page, count: number) =>
  page.waitForFunction(
    (count) => Reflect.get(globalThis, "game").reliable.length >= count,
    count,
    { timeout: PATIENCE_MS },
  );

/** Resolves when this page's relayed transport address is at this address of the home. */
const relayedAt = (page: Page, ip: string) =>
  page.waitForFunction(
    async (ip) => await Reflect.get(globalThis, "watch").relayIp() === ip,
    ip,
    { timeout: PATIENCE_MS, polling: 200 },
  );

/** The room's code, and who is in it. */
const whoIsWhere = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const { room } = Reflect.get(globalThis, "game");
    return [room.code, room.self, ...room.peers.keys()];
  });

Deno.test({
  name: "players go on when the router's address changes: the same room, ids and messages",
  ignore: lacks("chromium", "netns", "miniupnpd", "curl"),
  async fn() {
    await using home = await makeHomeRouter({ speaks: ["PCP"] });
    await using server = await startServer({
      namespace: home.host,
      env: { HEARTH_ROUTER: "auto", HEARTH_EXTERNAL_IP: "auto" },
    });
    await server.logged(/ from 45\.0\.0\.20 /);
    const hosts = await Deno.makeTempFile({ prefix: "hearth-hosts-" });
    try {
      await Deno.writeTextFile(hosts, `${EXTERNAL_IP} ${NAME}\n`);
      // Chromium's own resolver does not see that a mounted file has changed.
      await using browser = await launchBrowser(
        home.outside,
        ["--disable-features=AsyncDns"],
        hosts,
      );
      const url = `http://${NAME}:8080/`;
      const pages = [(await browser.open(url)).page, (await browser.open(url)).page];
      for (const page of pages) {
        await page.evaluate(watchRoom);
        await page.evaluate(enter, { room: "GAME", rtc: { iceTransportPolicy: "relay" } });
      }
      for (const page of pages) await relayedAt(page, EXTERNAL_IP);
      for (const page of pages) await page.evaluate(() => Reflect.get(globalThis, "watch").start());
      for (const page of pages) await page.evaluate(sendAll, { from: 0, to: 10 });
      for (const page of pages) await hears(page, 10);
      const before = await Promise.all(pages.map(whoIsWhere));

      await home.moveTo(NEXT_IP);
      await Deno.writeTextFile(hosts, `${NEXT_IP} ${NAME}\n`);
      for (const page of pages) await page.evaluate(sendAll, { from: 10, to: 20 });
      await server.logged(/ from 45\.0\.0\.40 /);
      for (const page of pages) await relayedAt(page, NEXT_IP);
      for (const page of pages) await page.evaluate(sendAll, { from: 20, to: 30 });

      for (const page of pages) {
        await hears(page, 30);
        const { events, restarts, heard } = await page.evaluate(() => ({
          events: Reflect.get(globalThis, "watch").events,
          restarts: Reflect.get(globalThis, "watch").restarts,
          heard: Reflect.get(globalThis, "game").reliable,
        }));
        deepEqual(heard, Array.from({ length: 30 }, (_, index) => `${index}`));
        deepEqual(events, ["away", "back"]);
        equal(restarts, 1, "the server has asked for an ICE restart");
      }
      deepEqual(await Promise.all(pages.map(whoIsWhere)), before);
    } finally {
      await Deno.remove(hosts);
    }
  },
});

Deno.test({
  name: "without a router, the running server tells players what its own interface gets and loses",
  ignore: lacks("netns", "miniupnpd", "curl"),
  async fn() {
    await using home = await makeHomeRouter();
    await using server = await startServer({
      namespace: home.host,
      env: { HEARTH_EXTERNAL_IP: "auto" },
    });
    await ip(`-n ${home.host} addr add 45.0.1.7/24 dev eth0`);
    await server.logged(/players are told 45\.0\.1\.7 now, and no longer 192\.168\.7\.2/);
    await ip(`-n ${home.host} addr del 45.0.1.7/24 dev eth0`);
    await server.logged(/players are told 192\.168\.7\.2 now, and no longer 45\.0\.1\.7/);
  },
});
