/** The examples of docs/client.md, as they are written. */
import { equal } from "node:assert/strict";
import { connect } from "../../client/mod.ts";
import { launchBrowser, MADE_UP_DEVICES } from "../support/browser.ts";
import { lacks } from "../support/needs.ts";
import { addUser, type RunningServer, startServer } from "../support/server.ts";
import { serveElsewhere } from "./elsewhere.ts";

const text = Deno.readTextFileSync("docs/client.md");
const examples = text.split(/^## /m).slice(1).map((section) => ({
  title: section.slice(0, section.indexOf("\n")),
  code: /^```js\n(.*?)^```$/ms.exec(section)?.[1] ?? "",
}));
const inBrowser = (code: string) => code.includes("navigator.mediaDevices");

const urlOf = ({ httpPort }: RunningServer) => `http://127.0.0.1:${httpPort}/`;

Deno.test("Each section of docs/client.md has an example that runs as written", async (t) => {
  const dataDir = await Deno.makeTempDir({ prefix: "hearth-docs-" });
  try {
    await addUser(dataDir, { login: "ada", password: "correct horse battery" });
    await using server = await startServer({ dataDir });
    for (const { title, code } of examples.filter(({ code }) => !inBrowser(code))) {
      await t.step(title, async () => {
        const module = `export default async (connect, url) => {\n${code}\n};`;
        const { default: run } = await import(`data:text/javascript,${encodeURIComponent(module)}`);
        await run(connect, urlOf(server));
      });
    }
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
});

/** Devices that answer, where a peer is known already, only when its tracks have come. */
const SLOW_DEVICES = `(() => {
  const media = navigator.mediaDevices;
  const ask = media.getUserMedia.bind(media);
  let tracks;
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...settings) {
      super(...settings);
      tracks = new Promise((resolve) => this.addEventListener("track", resolve));
    }
  };
  media.getUserMedia = async (wanted) => {
    const stream = await ask(wanted);
    await tracks;
    return stream;
  };
})()`;

Deno.test({
  name: "The example with media shows each of two players the other",
  ignore: lacks("chromium"),
  async fn() {
    await using game = serveElsewhere();
    await using server = await startServer({ env: { HEARTH_ORIGINS: game.origin } });
    await using browser = await launchBrowser(undefined, MADE_UP_DEVICES);
    const media = examples.filter(({ code }) => inBrowser(code));
    equal(media.length, 1);
    const players = [await browser.open(game.origin), await browser.open(game.origin)];
    for (const { page } of players) {
      await page.evaluate(SLOW_DEVICES);
      await page.evaluate(`(async (url) => {
        const { connect } = await import(url + "client.js");
        ${media[0]?.code}
      })("${urlOf(server)}")`);
    }
    for (const { page } of players) {
      await page.waitForFunction(`document.querySelector("video")?.videoWidth > 0`);
    }
  },
});
