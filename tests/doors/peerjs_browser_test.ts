/** The unchanged `peerjs` package from npm, in Chromium, on a page of another origin. */
import { deepEqual, equal, match } from "node:assert/strict";
import type { Page } from "playwright-core";
import { launchBrowser, MADE_UP_DEVICES, type TestBrowser } from "../support/browser.ts";
import { lacks } from "../support/needs.ts";
import { serve, type TestServer } from "../signaling/server.ts";
import { serveNpmPage } from "./npm_pages.ts";

/** Runs in the page: helpers that the scenarios share. */
function prepare(options: object) {
  // deno-lint-ignore no-explicit-any -- The package's global, in the page.
  const page = globalThis as any;
  page.options = options;
  page.open = (id?: string, more = {}) => {
    const peer = new page.Peer(id, { ...options, ...more });
    return page.heard(peer, "open").then(() => peer);
  };
  // deno-lint-ignore no-explicit-any -- Peers and connections alike.
  page.heard = (emitter: any, event: string) =>
    new Promise((resolve, reject) => {
      const tooLate = setTimeout(() => reject(new Error(`No "${event}" came within 20 s`)), 20_000);
      emitter.once(event, (what: unknown) => {
        clearTimeout(tooLate);
        resolve(what);
      });
      if (event !== "error") emitter.once("error", reject);
    });
  // deno-lint-ignore no-explicit-any -- A peer of the package.
  page.offered = ({ socket }: any) =>
    new Promise<void>((resolve) => {
      const send = socket.send.bind(socket);
      socket.send = (message: { type: string }) => {
        send(message);
        if (message.type === "OFFER") resolve();
      };
    });
}

// deno-lint-ignore no-explicit-any -- What `prepare` and the package put into the page.
declare const open: any, heard: any, offered: any, options: any, Peer: any;

async function openPage(browser: TestBrowser, url: string, server: TestServer) {
  const watched = await browser.open(url);
  const config = { iceServers: [] };
  await watched.page.evaluate(prepare, { host: "127.0.0.1", port: server.port, config });
  return watched;
}

Deno.test({
  name: "the unchanged peerjs package in Chromium",
  ignore: lacks("chromium"),
  async fn(test) {
    await using server = serve({ doors: { peerjs: { path: "/peerjs", discovery: true } } });
    await using site = serveNpmPage();
    await using browser = await launchBrowser(undefined, MADE_UP_DEVICES);
    const { page, complaints } = await openPage(browser, site.url, server);
    await scenarios(test, page);
    deepEqual(complaints, []);

    await test.step("a server that stops is a network error, then disconnected", async () => {
      const peer = await page.evaluateHandle(() => open());
      const heardThere = peer.evaluate((peer) =>
        new Promise((resolve) => {
          const types: string[] = [];
          peer.on("error", ({ type }: { type: string }) => types.push(type));
          peer.on("disconnected", () => resolve(types));
        })
      );
      await peer.evaluate(() => {}); // By now the page listens.
      server.signaling.drain(1);
      deepEqual(await heardThere, ["network"]);
    });
    deepEqual(server.events.filter(({ kind }) => kind === "failed"), []);
  },
});

Deno.test({
  name: "the unchanged peerjs package where a login is needed, at a path of its own",
  ignore: lacks("chromium"),
  async fn() {
    const doors = { peerjs: { path: "/games/chess", discovery: true } };
    await using server = serve({ auth: "required", doors });
    await using site = serveNpmPage();
    await using browser = await launchBrowser();
    const { page } = await openPage(browser, site.url, server);
    const path = "games/chess";
    const refused = await page.evaluate(async (path) => {
      const peer = new Peer("guest", { ...options, path });
      const { type, message } = await heard(peer, "error");
      return [type, message];
    }, path);
    deepEqual(refused, ["server-error", "The token is not valid."]);
    const opened = await page.evaluate(async (path) => {
      const peer = await open(undefined, { path, token: "good.alice" });
      return [peer.open, peer.id];
    }, path);
    equal(opened[0], true);
    match(opened[1], /^[0-9a-f-]{36}$/);
  },
});

async function scenarios(test: Deno.TestContext, page: Page): Promise<void> {
  for (const serialization of ["binary", "binary-utf8", "json", "raw"]) {
    await test.step(`data as ${serialization}`, async () => {
      const [received, label] = await page.evaluate(async (serialization) => {
        const [alice, bob] = [await open(), await open()];
        const atBob = heard(bob, "connection");
        const sent = alice.connect(bob.id, { serialization, label: "moves", reliable: true });
        const atAlice = heard(sent, "open");
        const connection = await atBob;
        await Promise.all([atAlice, connection.open || heard(connection, "open")]);
        const message = heard(connection, "data");
        sent.send(serialization === "raw" ? "a4" : { move: "a4", at: [1, 2.5] });
        const result = [await message, connection.label];
        alice.destroy();
        bob.destroy();
        return result;
      }, serialization);
      deepEqual(received, serialization === "raw" ? "a4" : { move: "a4", at: [1, 2.5] });
      equal(label, "moves");
    });
  }

  await test.step("a media call with made-up devices", async () => {
    const tracks = await page.evaluate(async () => {
      // deno-lint-ignore no-explicit-any -- Deno's types have no devices.
      const { mediaDevices } = navigator as any;
      const media = { audio: true, video: true };
      const stream = await mediaDevices.getUserMedia(media);
      const [alice, bob] = [await open(), await open()];
      const atBob = heard(bob, "call");
      const call = alice.call(bob.id, stream);
      (await atBob).answer(stream);
      const remote = await heard(call, "stream");
      const kinds = remote.getTracks().map((track: { kind: string }) => track.kind).sort();
      alice.destroy();
      bob.destroy();
      return kinds;
    });
    deepEqual(tracks, ["audio", "video"]);
  });

  await test.step("reconnect() opens again, also while the old socket still stands", async () => {
    const outcome = await page.evaluate(async () => {
      const peer = await open("phoenix");
      peer.disconnect();
      peer.reconnect();
      await heard(peer, "open");
      const stale = peer.socket._socket;
      const closeIt = stale.close.bind(stale);
      stale.close = () => {}; // As when the network is gone, and nobody has noticed yet.
      peer.disconnect();
      peer.reconnect();
      const id = await heard(peer, "open");
      closeIt();
      const other = await open();
      const atPeer = heard(peer, "connection");
      other.connect(id);
      const from = (await atPeer).peer;
      const result = [id, from === other.id];
      peer.destroy();
      other.destroy();
      return result;
    });
    deepEqual(outcome, ["phoenix", true]);
  });

  await test.step("an id that another holds is unavailable-id", async () => {
    const type = await page.evaluate(async () => {
      const holder = await open("taken");
      const error = await heard(new Peer("taken", options), "error");
      holder.destroy();
      return error.type;
    });
    equal(type, "unavailable-id");
  });

  await test.step("a peer that never comes is peer-unavailable", async () => {
    const outcome = await page.evaluate(async () => {
      const peer = await open();
      peer.connect("nobody");
      const { type, message } = await heard(peer, "error");
      const result = [type, message, peer.open];
      peer.destroy();
      return result;
    });
    deepEqual(outcome, ["peer-unavailable", "Could not connect to peer nobody", true]);
  });

  await test.step("a peer that comes late still gets the offer", async () => {
    const outcome = await page.evaluate(async () => {
      const alice = await open();
      const sent = alice.connect("late");
      const atAlice = heard(sent, "open");
      await offered(alice);
      const bob = new Peer("late", options);
      const connection = await heard(bob, "connection");
      await atAlice;
      const result = connection.peer === alice.id;
      alice.destroy();
      bob.destroy();
      return result;
    });
    equal(outcome, true);
  });

  await test.step("path and key as they like, and the list of ids", async () => {
    const outcome = await page.evaluate(async () => {
      await open("one", { path: "/peerjs" });
      const two = await open("two", { path: "/peerjs/", key: "my-game" });
      const ids = await new Promise((resolve) => two.listAllPeers(resolve));
      return ids;
    });
    deepEqual(outcome, ["one", "two"]);
  });
}
