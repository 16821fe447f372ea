import { deepEqual, equal } from "node:assert/strict";
import { launchBrowser } from "../support/browser.ts";
import { lacks } from "../support/needs.ts";
import { startServer, userTask } from "../support/server.ts";

Deno.test({
  name: "an invitation's link opens a form that makes one account, and then none",
  ignore: lacks("chromium"),
  async fn() {
    const dataDir = await Deno.makeTempDir({ prefix: "hearth-invited-" });
    try {
      const env = { HEARTH_REGISTRATION: "invite" };
      await using server = await startServer({ dataDir, env });
      await using browser = await launchBrowser();
      const { printed } = await userTask(dataDir, ["invite"]);
      const { hash } = new URL(printed.trim());
      const own = `http://127.0.0.1:${server.httpPort}/`;
      const { page, complaints } = await browser.open(own + hash);
      equal(page.url(), own, "the token is out of the address");
      equal(await page.locator("#room").getAttribute("data-state"), "idle", "it is no room's code");
      const said = (text: string) =>
        page.locator("#register [role=status]", { hasText: text }).waitFor();

      await page.getByLabel("Name").fill("Alice");
      await page.getByLabel("Password").fill("password1");
      await page.getByRole("button", { name: "Create" }).click();
      await said("common");
      await page.getByLabel("Password").fill("correct horse");
      await page.getByRole("button", { name: "Create" }).click();
      await said("Alice, your account is ready");
      equal(await page.getByLabel("Password").isVisible(), false);

      const post = (path: string, body: object) =>
        fetch(own + path, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(body),
        });
      const login = await post("api/login", { login: "alice", password: "correct horse" });
      equal((await login.json()).user.name, "Alice");
      const invite = hash.slice("#invite=".length);
      const again = await post("api/register", { login: "bob", password: "correct horse", invite });
      equal((await again.json()).error.code, "bad-invite");
      // The browser itself reports the one refusal.
      deepEqual(complaints.filter((complaint) => !complaint.includes("400")), []);
    } finally {
      await Deno.remove(dataDir, { recursive: true });
    }
  },
});
