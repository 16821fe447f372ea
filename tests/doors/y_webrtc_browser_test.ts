/** Two unchanged `y-webrtc` providers from npm, in Chromium, on pages of another origin. */
import { deepEqual, equal } from "node:assert/strict";
import { launchBrowser } from "../support/browser.ts";
import { lacks } from "../support/needs.ts";
import { serve } from "../signaling/server.ts";
import { serveNpmPage } from "./npm_pages.ts";

/** Runs in the page: joins the document, writes, and answers when the other's writing is there. */
async function share({ url, mine, theirs }: { url: string; mine: string; theirs: string }) {
  const load = (name: string) => import(name);
  const [Y, { WebrtcProvider }] = [await load("yjs"), await load("y-webrtc")];
  const doc = new Y.Doc();
  const provider = new WebrtcProvider("chess", doc, {
    signaling: [url],
    password: "secret", // What is published is encrypted then, as base64 text.
    peerOpts: { config: { iceServers: [] } },
  });
  const board = doc.getMap("board");
  const complete = new Promise<void>((resolve, reject) => {
    const tooLate = setTimeout(() => reject(new Error("no sync within 20 s")), 20_000);
    board.observe(() => {
      if (!board.has(theirs)) return;
      clearTimeout(tooLate);
      resolve();
    });
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
    const results = await Promise.all([
      white.page.evaluate(share, { url, mine: "white", theirs: "black" }),
      black.page.evaluate(share, { url, mine: "black", theirs: "white" }),
    ]);
    for (const result of results) {
      deepEqual(result, {
        board: { white: "from white", black: "from black" },
        direct: 1,
        sameBrowser: 0,
      });
    }
    deepEqual([...white.complaints, ...black.complaints], []);
    deepEqual(server.events.filter(({ kind }) => kind !== "ended"), []);
    equal(server.signaling.stats().connections, 2);
  },
});
