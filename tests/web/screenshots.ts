/**
 * Photographs the pages while players are on the server, for the README.
 *
 *     deno task screenshots
 */
import type { Page } from "playwright-core";
import { launchBrowser, type TestBrowser, type WatchedPage } from "../support/browser.ts";
import { addUser, startServer } from "../support/server.ts";
import { play } from "./players.ts";

const FOLDER = "docs/screenshots";
const HOST = { login: "ada", password: "correct horse battery staple" };
const DESK = { width: 1440, height: 900 };
const PHONE = { width: 360, height: 780 };
/** How long the players run about, so that the host's page has something to plot. */
const TRAFFIC_MS = 60_000;

async function photograph(page: Page, name: string, size: typeof DESK): Promise<void> {
  await page.setViewportSize(size);
  // Plots and the field are drawn anew for the new size.
  await page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done, 1000)))");
  const path = `${FOLDER}/${name}-${size.width}.png`;
  await page.screenshot({ path });
  console.log(`${path}: ${Math.round((await Deno.stat(path)).size / 1_024)} KiB`);
}

/** Three who play, by each of the three paths. */
async function startGame(browser: TestBrowser, url: string): Promise<WatchedPage[]> {
  const players = [
    await play(browser, url, "Ada"),
    await play(browser, url, "Grace"),
    await play(browser, url, "Alan", { path: "relay" }),
    await play(browser, url, "Linus", { path: "server" }),
  ];
  // Each holds the field somewhere else.
  for (const [index, { page }] of players.entries()) {
    const box = await page.locator("#field").boundingBox();
    if (!box) throw new Error("The game has no field");
    await page.mouse.move(
      box.x + box.width * (0.2 + 0.2 * index),
      box.y + box.height * (index % 2 ? 0.7 : 0.3),
    );
    await page.mouse.down();
  }
  return players;
}

async function showHost(browser: TestBrowser, url: string): Promise<Page> {
  const { page } = await browser.open(`${url}/admin`);
  await page.fill("#login [name=login]", HOST.login);
  await page.fill("#login [name=password]", HOST.password);
  await page.press("#login [name=password]", "Enter");
  await page.waitForSelector("#admin[data-state=live]");
  return page;
}

await Deno.mkdir(FOLDER, { recursive: true });
const dataDir = await Deno.makeTempDir({ prefix: "hearth-screenshots-" });
try {
  await addUser(dataDir, HOST);
  await using server = await startServer({ dataDir });
  await using browser = await launchBrowser();
  const url = `http://127.0.0.1:${server.httpPort}`;
  const [ada] = await startGame(browser, url);
  const began = Date.now();

  const { page: home } = await browser.open(url);
  await home.click("#join button");
  await home.waitForSelector("#room[data-state=joined]");
  await photograph(home, "home", DESK);
  await photograph(home, "home", PHONE);

  const { page: tester } = await browser.open(`${url}/tester`);
  await tester.waitForSelector("#tester[data-state=done]");
  await photograph(tester, "tester", DESK);

  const admin = await showHost(browser, url);
  await ada?.page.locator(".badge[data-path=server]").filter({ hasText: /lost/ }).waitFor();
  await ada?.page.evaluate("scrollTo(0, 0)");
  for (const size of [DESK, PHONE]) if (ada) await photograph(ada.page, "demo", size);
  await new Promise((resolve) => setTimeout(resolve, began + TRAFFIC_MS - Date.now()));
  await photograph(admin, "admin", DESK);
} finally {
  await Deno.remove(dataDir, { recursive: true });
}
