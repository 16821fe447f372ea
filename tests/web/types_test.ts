import { ok } from "node:assert/strict";

/**
 * What runs in a browser is JavaScript with types in its comments, checked against a browser's
 * globals: `web/pages.json` keeps those apart from Deno's, which `deno check` knows.
 */
Deno.test("The pages' scripts have no type error", async () => {
  const root = new URL("../../", import.meta.url);
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["check", "--config=web/pages.json", "web/pages", "tests/e2e/player.js"],
    cwd: root,
    env: { NO_COLOR: "1" },
  }).output();
  ok(success, new TextDecoder().decode(stderr));
});
