/** Players of the game, each in a browser's page. */
import { ok } from "node:assert/strict";
import type { Page } from "playwright-core";
import type { TestBrowser, WatchedPage } from "../support/browser.ts";

export interface Wish {
  readonly path?: "any" | "relay" | "server";
  /** Makes the browser one that forbids WebRTC. */
  readonly withoutWebRtc?: boolean;
}

/** Where these begin: far from one another, or a tag would come before anybody moves. */
const STARTS = new Map([["Ada", 0.1], ["Bob", 0.5], ["Eve", 0.9]]);

/** A player who is in the game. */
export async function play(
  browser: TestBrowser,
  /** The server's address. */
  url: string,
  name: string,
  { path = "any", withoutWebRtc = false }: Wish = {},
): Promise<WatchedPage> {
  const watched = await browser.open(`${url}/demo#GAME`);
  const { page } = watched;
  const start = STARTS.get(name);
  if (start !== undefined) await page.evaluate(`Math.random = () => ${start}`);
  if (withoutWebRtc) await page.evaluate("delete globalThis.RTCPeerConnection");
  await page.fill("#join [name=name]", name);
  await page.selectOption("#join [name=path]", path);
  await page.click("#join button");
  await page.waitForSelector("#demo[data-state=playing]");
  return watched;
}

/** The line of the player of that name. */
const line = (page: Page, name: string) =>
  page.locator("#players li").filter({ has: page.locator(`.name:text("${name}")`) });

/** Until the line's part matches. */
export const shows = (page: Page, name: string, part: string, text: RegExp) =>
  line(page, name).locator(part).filter({ hasText: text }).waitFor();

/** Holds the field in a corner, and so runs there. */
export async function runTo(page: Page, corner: "top left" | "bottom right"): Promise<void> {
  const box = await page.locator("#field").boundingBox();
  ok(box);
  const [x, y] = corner === "top left" ? [2, 2] : [box.width - 3, box.height - 3];
  await page.mouse.move(box.x + x, box.y + y);
  await page.mouse.down();
}

/** The two run to opposite corners, and each sees the other there; then one goes on by keyboard. */
export async function seeEachOtherMove(
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
