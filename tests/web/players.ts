/** Players of the game, each in a browser's page. */
import type { TestBrowser, WatchedPage } from "../support/browser.ts";

export interface Wish {
  readonly path?: "any" | "relay" | "server";
  /** Makes the browser one that forbids WebRTC. */
  readonly withoutWebRtc?: boolean;
}

/** A player who is in the game. */
export async function play(
  browser: TestBrowser,
  httpPort: number,
  name: string,
  { path = "any", withoutWebRtc = false }: Wish = {},
): Promise<WatchedPage> {
  const watched = await browser.open(`http://127.0.0.1:${httpPort}/demo#GAME`);
  const { page } = watched;
  if (withoutWebRtc) await page.evaluate("delete globalThis.RTCPeerConnection");
  await page.fill("#join [name=name]", name);
  await page.selectOption("#join [name=path]", path);
  await page.click("#join button");
  await page.waitForSelector("#demo[data-state=playing]");
  return watched;
}
