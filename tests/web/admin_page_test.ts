import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import type { Page } from "playwright-core";
import { connect } from "../../client/mod.ts";
import { violations } from "../support/accessibility.ts";
import { launchBrowser, type WatchedPage } from "../support/browser.ts";
import { lacks } from "../support/needs.ts";
import { freePort } from "../../bench/process.ts";
import { addUser, type RunningServer, startServer, userTask } from "../support/server.ts";

const ignore = lacks("chromium");
const ALICE = { login: "alice", password: "correct horse battery staple" };

interface HostedServer extends AsyncDisposable {
  readonly dataDir: string;
  readonly url: string;
  start(): Promise<RunningServer>;
}

/** A data folder in which Alice is a host, and an address that stays through restarts. */
async function makeHosted(): Promise<HostedServer> {
  const dataDir = await Deno.makeTempDir({ prefix: "hearth-admin-" });
  await addUser(dataDir, ALICE);
  const httpPort = freePort();
  return {
    dataDir,
    url: `http://127.0.0.1:${httpPort}`,
    start: () => startServer({ dataDir, httpPort }),
    [Symbol.asyncDispose]: () => Deno.remove(dataDir, { recursive: true }),
  };
}

async function logIn({ page }: WatchedPage): Promise<void> {
  await page.waitForSelector("#login:not([hidden])");
  await page.fill("#login [name=login]", ALICE.login);
  await page.fill("#login [name=password]", ALICE.password);
  await page.press("#login [name=password]", "Enter");
  await page.waitForSelector("#admin[data-state=live]");
}

/** Until the number of that name matches. */
async function shows(page: Page, name: string, value: RegExp): Promise<void> {
  await page.locator(`figure[data-name=${name}] .value`).filter({ hasText: value }).waitFor();
}

async function answer(page: Page, word: "Yes" | "No"): Promise<void> {
  await page.locator("#confirm").getByRole("button", { name: word }).click();
}

Deno.test({
  name: "A host sees who plays, kicks one, invites, checks and reads what was done",
  ignore,
  async fn() {
    await using hosted = await makeHosted();
    await using _ = await hosted.start();
    await using browser = await launchBrowser();
    const watched = await browser.open(`${hosted.url}/admin`);
    const { page, complaints } = watched;
    await logIn(watched);
    await shows(page, "players", /^0$/);

    const server = await connect({ url: hosted.url, rtc: false });
    const room = await server.join("GAME", { create: true, id: "eve" });
    const left = new Promise<string>((resolve) => room.on("closed", ({ code }) => resolve(code)));
    await shows(page, "players", /^1$/);
    match(
      await page.getAttribute("figure[data-name=players] .plot", "aria-label") ?? "",
      /most 1$/,
    );
    await page.getByRole("button", { name: "Lock GAME" }).click();
    await answer(page, "Yes");
    await page.locator("#rooms td").filter({ hasText: "nobody" }).waitFor();
    equal(room.access, "locked");
    await rejects(server.join("GAME"), { code: "room-locked" });
    await page.getByRole("button", { name: "Unlock GAME" }).click();
    await answer(page, "Yes");
    await page.locator("#rooms td").filter({ hasText: "everybody" }).waitFor();
    (await server.join("GAME")).leave();
    await shows(page, "players", /^1$/);

    await page.getByRole("button", { name: "Kick eve" }).click();
    await answer(page, "No");
    equal(await page.locator("#players tbody tr").count(), 1, "No means no");
    await page.getByRole("button", { name: "Kick eve" }).click();
    await answer(page, "Yes");
    equal(await left, "kicked");
    await shows(page, "players", /^0$/);

    await page.getByRole("button", { name: "Make a link" }).click();
    const link = page.locator("#invitation code");
    await link.waitFor();
    match(await link.innerText(), new RegExp(`^${hosted.url}/#invite=[\\w-]{22}$`));
    await page.getByRole("button", { name: "Withdraw 1" }).click();
    await answer(page, "Yes");
    await page.locator("#invites tbody tr").waitFor({ state: "detached" });

    await page.getByRole("button", { name: "Check", exact: true }).click();
    await page.locator("#check [role=status]").filter({ hasText: /well|look at/ }).waitFor();
    ok(await page.locator("#check li").count() > 0);

    await page.getByRole("button", { name: "Newest" }).click();
    const actions = page.locator("#audit tbody tr td:nth-child(3)");
    await actions.filter({ hasText: "kicked" }).waitFor();
    deepEqual((await actions.allInnerTexts()).slice(0, 5), [
      "invite-withdrawn",
      "invited",
      "kicked",
      "unlocked",
      "locked",
    ]);
    deepEqual(complaints, []);
  },
});

Deno.test({
  name: "The host's page outlives a reload and a restart, and ends with the role",
  ignore,
  async fn() {
    await using hosted = await makeHosted();
    await using browser = await launchBrowser();
    let page: Page;
    {
      await using server = await hosted.start();
      const watched = await browser.open(`${hosted.url}/admin`);
      ({ page } = watched);
      await logIn(watched);
      await page.reload();
      await page.waitForSelector("#admin[data-state=live]");
      deepEqual(watched.complaints, []);
      await page.getByRole("button", { name: "Stop the server" }).click();
      await answer(page, "Yes");
      await page.waitForSelector("#admin[data-state=gone]");
      match(await page.innerText("#status"), /does not answer/);
      equal((await server.stop()).code, 0, "it had ended by itself");
    }
    await using _ = await hosted.start();
    await page.waitForSelector("#admin[data-state=live]");
    await userTask(hosted.dataDir, ["role", "alice", "player"]);
    await page.waitForSelector("#admin[data-state=login]");
    equal(await page.isVisible("#house"), false);
    match(await page.innerText("#status"), /Only a host/);
  },
});

Deno.test({
  name: "No page has an accessibility fault, on a phone and on a desk, in light and dark",
  ignore,
  async fn() {
    await using hosted = await makeHosted();
    await using _ = await hosted.start();
    await using browser = await launchBrowser();
    for (const path of ["/", "/demo", "/tester", "/admin"]) {
      const { page } = await browser.open(`${hosted.url}${path}`);
      if (path === "/tester") await page.waitForSelector("#tester[data-state=done]");
      deepEqual(await violations(page), [], path);
    }
    const admin = await browser.open(`${hosted.url}/admin`);
    await logIn(admin);
    const server = await connect({ url: hosted.url, rtc: false });
    const room = await server.join("GAME", { create: true, id: "eve" });
    await admin.page.getByRole("button", { name: "Kick eve" }).waitFor();
    deepEqual(await violations(admin.page), [], "with everything in it");
    await room.leave();
  },
});
