/** Sessions on the real program: what lasts, and what pages can do with the cookie. */
import { deepEqual, equal } from "node:assert/strict";
import { launchBrowser } from "../support/browser.ts";
import { lacks } from "../support/needs.ts";
import { addUser, startServer, userTask } from "../support/server.ts";

const ALICE = { login: "alice", password: "correct horse battery staple" };

async function post(url: string, body: object) {
  const headers = { "content-type": "application/json" };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  return { status: response.status, ...await response.json() };
}

async function withAlice(test: (dataDir: string) => Promise<void>): Promise<void> {
  const dataDir = await Deno.makeTempDir({ prefix: "hearth-sessions-" });
  try {
    await addUser(dataDir, ALICE);
    await test(dataDir);
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
}

Deno.test("a session outlives kill -9: its last refresh token holds, an older one still ends it", () =>
  withAlice(async (dataDir) => {
    let second;
    {
      await using server = await startServer({ dataDir });
      const url = `http://127.0.0.1:${server.httpPort}/api/`;
      const first = await post(`${url}login`, ALICE);
      second = await post(`${url}refresh`, { refreshToken: first.refreshToken });
      await server.stop("SIGKILL");
    }
    await using server = await startServer({ dataDir });
    const url = `http://127.0.0.1:${server.httpPort}/api/`;
    const headers = { authorization: `Bearer ${second.token}` };
    equal((await fetch(`${url}me`, { headers })).status, 200, "signed by the same key");
    const third = await post(`${url}refresh`, { refreshToken: second.refreshToken });
    const fourth = await post(`${url}refresh`, { refreshToken: third.refreshToken });
    equal(fourth.status, 200);
    equal((await post(`${url}refresh`, { refreshToken: second.refreshToken })).status, 401);
    equal((await post(`${url}refresh`, { refreshToken: fourth.refreshToken })).status, 401);
    equal((await fetch(`${url}me`, { headers })).status, 401);
  }));

Deno.test({
  name: "two tabs refresh by one cookie at once; no script and no other port's page has it",
  ignore: lacks("chromium"),
  fn: () =>
    withAlice(async (dataDir) => {
      await using server = await startServer({ dataDir });
      await using browser = await launchBrowser();
      const url = `http://127.0.0.1:${server.httpPort}/`;
      const { page: one } = await browser.open(url);
      const two = await one.context().newPage();
      await two.goto(url);
      /** Runs in the page. */
      const call = async ({ path, body }: { path: string; body?: object | undefined }) => {
        const json = {
          headers: { "content-type": "application/json" },
          body: JSON.stringify(body),
        };
        const response = await fetch(path, { method: "POST", ...body && json });
        return { status: response.status, ...await response.json() };
      };
      const login = await one.evaluate(call, { path: "/api/login", body: ALICE });
      deepEqual([login.status, login.refreshToken], [200, undefined]);
      equal(await one.evaluate(() => Reflect.get(globalThis, "document").cookie), "");

      for (let round = 0; round < 5; round++) {
        const turns = await Promise.all(
          [one, two].map((tab) => tab.evaluate(call, { path: "/api/refresh" })),
        );
        deepEqual(turns.map(({ status }) => status), [200, 200]);
      }

      // Another port is another origin and yet the same site: SameSite alone lets the cookie go.
      await using other = Deno.serve(
        { port: 0, hostname: "127.0.0.1", onListen() {} },
        () => new Response("<!doctype html>", { headers: { "content-type": "text/html" } }),
      );
      await two.goto(`http://127.0.0.1:${other.addr.port}/`);
      const answered = two.waitForResponse(/api\/refresh/);
      await two.evaluate(
        (target) => fetch(target, { method: "POST", mode: "no-cors", credentials: "include" }),
        `${url}api/refresh`,
      );
      equal((await answered).status(), 403, "the cookie came along: without it, it were 401");
      equal((await one.evaluate(call, { path: "/api/refresh" })).status, 200, "it still holds");
    }),
});

for (const trusted of [true, false]) {
  Deno.test(`behind a proxy that is ${trusted ? "" : "not "}trusted, its word on address and TLS ${trusted ? "counts" : "is nothing"}`, () =>
    withAlice(async (dataDir) => {
      const env = trusted ? { HEARTH_TRUSTED_PROXIES: "127.0.0.1/32" } : {};
      await using server = await startServer({ dataDir, env });
      await userTask(dataDir, ["ban", "203.0.113.0/24"]);
      const logIn = (address: string) =>
        fetch(`http://127.0.0.1:${server.httpPort}/api/login`, {
          method: "POST",
          headers: {
            "content-type": "application/json",
            "origin": `https://127.0.0.1:${server.httpPort}`,
            "x-forwarded-for": address,
            "x-forwarded-proto": "https",
          },
          body: JSON.stringify(ALICE),
        });
      const banned = await logIn("203.0.113.7");
      await banned.body?.cancel();
      equal(banned.status, trusted ? 403 : 200);
      const welcome = await logIn("198.51.100.7");
      await welcome.body?.cancel();
      equal(welcome.headers.has("strict-transport-security"), trusted);
      const cookie = welcome.headers.get("set-cookie") ?? "";
      equal(cookie.startsWith("__Host-hearth-refresh="), trusted);
      equal(cookie.includes("; Secure"), trusted);
    }));
}
