/** Two unchanged `y-webrtc` providers from npm, in Chromium, on pages of another origin. */
import { deepEqual, equal } from "node:assert/strict";
import { launchBrowser } from "../support/browser.ts";
import { lacks } from "../support/needs.ts";
import { serve } from "../signaling/server.ts";
import { serveNpmPage } from "./npm_pages.ts";

// deno-lint-ignore no-explicit-any -- What `enter` puts into the page.
declare let doc: any, provider: any;

/** Runs in the page: joins the document's topic, until what it publishes there comes back. */
async function enter(url: string) {
  const load = (name: string) => import(name);
  const [Y, { WebrtcProvider }] = [await load("yjs"), await load("y-webrtc")];
  const page = globalThis as unknown as { doc: typeof doc; provider: typeof provider };
  page.doc = new Y.Doc();
  page.provider = new WebrtcProvider("chess", doc, {
    signaling: [url],
    password: "secret", // What is published is encrypted then, as base64 text.
    peerOpts: { config: { iceServers: [] } },
  });
  await new Promise((resolve) => provider.signalingConns[0].once("message", resolve));
}

/** Runs in the page: writes, and answers when the other's writing is there. */
async function share([mine, theirs]: readonly [string, string]) {
  const board = doc.getMap("board");
  const complete = new Promise<void>((resolve, reject) => {
    const tooLate = setTimeout(() => reject(new Error("Nothing came within 20 s")), 20_000);
    const look = () => {
      if (!board.has(theirs)) return;
      clearTimeout(tooLate);
      resolve();
    };
    board.observe(look);
    look();
  });
  board.set(mine, `from ${mine}`);
  await complete;
  const { bcConns, webrtcConns } = provider.room;
  return { board: board.toJSON(), direct: webrtcConns.size, sameBrowser: bcConns.size };
}

Deno.test({
  name: "two unchanged y-webrtc providers sync a document",
  ignore: lacks("chromium"),
  async fn() {
    await using server = serve();
    await using site = serveNpmPage();
    await using browser = await launchBrowser();
    const url = `ws://127.0.0.1:${server.port}/y-webrtc`;
    // Contexts of their own: otherwise the providers would meet through a BroadcastChannel.
    const [white, black] = [await browser.open(site.url), await browser.open(site.url)];
    // One after the other: where both announce themselves at once, y-webrtc 10.3.0 lets the clocks
    // decide who offers, and sometimes stays without a document, with its own server as well.
    await white.page.evaluate(enter, url);
    await black.page.evaluate(enter, url);
    const results = await Promise.all([
      white.page.evaluate(share, ["white", "black"] as const),
      black.page.evaluate(share, ["black", "white"] as const),
    ]);
    for (const result of results) {
      deepEqual(result, {
        board: { white: "from white", black: "from black" },
        direct: 1,
        sameBrowser: 0,
      });
    }
    deepEqual([...white.complaints, ...black.complaints], []);
    deepEqual(server.events, []);
    equal(server.signaling.stats().connections, 2);
  },
});
