import { deepEqual, equal, ok } from "node:assert/strict";
import type { Page } from "playwright-core";
import { launchBrowser } from "../support/browser.ts";
import { lacks } from "../support/needs.ts";
import { addUser, startServer, userTask } from "../support/server.ts";
import { relays, stream } from "./streamer.js";

interface StreamState {
  readonly lastHeardAt: number;
  readonly closedAt: number;
  readonly closeCode: number;
  readonly bye: string;
}

const stateOf = (page: Page): Promise<StreamState> =>
  page.evaluate(() => Reflect.get(globalThis, "stream"));

const ALICE = { login: "alice", password: "correct horse battery staple" };

interface Login {
  readonly url: string;
  readonly dataDir: string;
  readonly token: string;
  readonly refreshToken: string;
}

/** Answers when it was acknowledged, in Unix milliseconds. */
type End = (login: Login) => Promise<number>;

/** On the command line, while the server runs. */
const byCommand = (...args: string[]): End => async ({ dataDir }) =>
  (await userTask(dataDir, args)).at;

const logOut: End = async ({ url, token }) => {
  const headers = { authorization: `Bearer ${token}` };
  equal((await fetch(`${url}api/logout`, { method: "POST", headers })).status, 204);
  return Date.now();
};

/** Somebody else has used her refresh token twice by now. */
const useAnOldRefreshToken: End = async ({ url, refreshToken }) => {
  const first = await turn(url, refreshToken);
  const second = await turn(url, first.refreshToken);
  ok(second.refreshToken);
  equal((await turn(url, refreshToken)).error.code, "unauthorized");
  return Date.now();
};

async function turn(url: string, refreshToken: string) {
  return await (await post(`${url}api/refresh`, { refreshToken })).json();
}

function post(url: string, body: object): Promise<Response> {
  const headers = { "content-type": "application/json" };
  return fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
}

const WAYS = [
  { how: "user disable", end: byCommand("disable", "alice"), code: 4008, bye: "disconnected" },
  { how: "user kick", end: byCommand("kick", "alice"), code: 4006, bye: "kicked" },
  { how: "user ban", end: byCommand("ban", "alice"), code: 4009, bye: "banned" },
  {
    how: "user ban of her address",
    end: byCommand("ban", "127.0.0.0/8"),
    code: 4009,
    bye: "banned",
  },
  { how: "logging out", end: logOut, code: 4008, bye: "disconnected" },
  {
    how: "the reuse of a refresh token",
    end: useAnOldRefreshToken,
    code: 4008,
    bye: "disconnected",
  },
] as const;

for (const { how, end, code, bye } of WAYS) {
  Deno.test({
    name: `${how} ends the socket, the relayed data channel and the TURN credential`,
    ignore: lacks("chromium"),
    async fn() {
      const dataDir = await Deno.makeTempDir({ prefix: "hearth-revoked-" });
      try {
        await addUser(dataDir, ALICE);
        await using server = await startServer({ dataDir });
        await using browser = await launchBrowser();
        const url = `http://127.0.0.1:${server.httpPort}/`;
        const { token, refreshToken } = await (await post(`${url}api/login`, ALICE)).json();
        const alice = (await browser.open(url)).page;
        const bob = (await browser.open(url)).page;
        const [iceServers] = await Promise.all([
          alice.evaluate(stream, { room: "ROOM", token }),
          bob.evaluate(stream, { room: "ROOM" }),
        ]);
        equal(await bob.evaluate(relays, iceServers), true, "her credential serves before");

        const at = await end({ url, dataDir, token, refreshToken });
        await alice.waitForFunction(() => Reflect.get(globalThis, "stream").closedAt > 0);
        const closed = await stateOf(alice);
        deepEqual([closed.closeCode, closed.bye], [code, bye]);
        equal(await bob.evaluate(relays, iceServers), false, "her credential is refused after");
        // By now gathering has come to its end, and alice has sent for as long: none of it came.
        const heard = (await stateOf(bob)).lastHeardAt;
        equal(await bob.evaluate(relays, iceServers), false);
        equal((await stateOf(bob)).lastHeardAt, heard);
        console.log(
          `${how}: acknowledged; socket closed ${closed.closedAt - at} ms and last ` +
            `relayed message ${heard - at} ms from then`,
        );
        const me = await fetch(`${url}api/me`, { headers: { authorization: `Bearer ${token}` } });
        await me.body?.cancel();
        equal(me.ok, bye === "kicked", "a kick alone leaves the login");
        ok(server.log().includes("sent-off"));
      } finally {
        await Deno.remove(dataDir, { recursive: true });
      }
    },
  });
}
