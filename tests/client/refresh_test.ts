/** A login is kept going against the real program, whose refresh tokens serve once. */
import { deepEqual, equal } from "node:assert/strict";
import { ownEnvironment } from "../../client/environment.ts";
import { openHearth } from "../../client/hearth.ts";
import { addUser, startServer } from "../support/server.ts";

const ALICE = { login: "alice", password: "correct horse battery staple" };

Deno.test("The server takes each token that the client gets when the last is worn", async () => {
  const dataDir = await Deno.makeTempDir({ prefix: "hearth-refresh-" });
  try {
    await addUser(dataDir, ALICE);
    await using server = await startServer({ dataDir, env: { HEARTH_AUTH: "required" } });
    const asked: string[] = [];
    const tokens: string[] = [];
    const own = ownEnvironment();
    let ahead = 0;
    const env = {
      ...own,
      now: () => own.now() + ahead,
      fetch: (url: string, init: RequestInit) => {
        asked.push(new URL(url).pathname);
        return own.fetch(url, init);
      },
      socket: (url: string, protocols: string[]) => {
        tokens.push(...protocols);
        return own.socket(url, protocols);
      },
    };
    const url = `http://127.0.0.1:${server.httpPort}/`;
    const hearth = await openHearth(env, { url, login: ALICE, rtc: false });
    const room = await hearth.createRoom();
    equal(room.self, "@alice");
    for (let turn = 1; turn <= 2; turn++) {
      const back = new Promise<void>((resolve) => room.on("back", () => resolve()));
      // So late the client also finds its connection silent for too long, and comes back.
      ahead += 900_000;
      await back;
    }
    deepEqual(asked, ["/api/login", "/api/refresh", "/api/refresh"]);
    equal(new Set(tokens).size, 3);
    const left = new Promise<void>((resolve) => room.on("closed", () => resolve()));
    room.leave();
    await left;
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
});
