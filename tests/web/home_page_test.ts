import { deepEqual, equal, match, ok } from "node:assert/strict";
import { encode } from "uqr";
import { launchBrowser } from "../support/browser.ts";
import { violations } from "../support/accessibility.ts";
import { lacks } from "../support/needs.ts";
import { startServer } from "../support/server.ts";

const ignore = lacks("chromium");

Deno.test({
  name: "The first page leads to the others, and shows a room's link as text and as a QR code",
  ignore,
  async fn() {
    await using server = await startServer();
    await using browser = await launchBrowser();
    const url = `http://127.0.0.1:${server.httpPort}/`;
    const { page, complaints } = await browser.open(url);
    const links = await page.locator("nav a").evaluateAll((all) =>
      all.map((link) => link.getAttribute("href") ?? "")
    );
    deepEqual(links, ["/demo", "/tester", "/admin"]);
    equal(await page.isVisible("#qr"), false);
    await page.click("#join button");
    await page.waitForSelector("#room[data-state=joined]");
    const link = await page.getAttribute("#link", "href") ?? "";
    ok(link.startsWith(`${url}#`));
    equal(await page.getAttribute("#qr", "aria-label"), `QR code of the link ${link}`);

    const { size, data } = encode(link, { ecc: "M", border: 4 });
    equal(await page.getAttribute("#qr", "viewBox"), `0 0 ${size} ${size}`);
    const drawn = await page.getAttribute("#qr path", "d") ?? "";
    const dark = data.flatMap((row, y) => row.flatMap((isDark, x) => isDark ? [`${x} ${y}`] : []));
    deepEqual([...drawn.matchAll(/M(\d+ \d+)h1v1h-1z/g)].map(([, at]) => at), dark);
    ok(drawn.startsWith("M4 4"), "a quiet zone of four modules");
    await page.emulateMedia({ colorScheme: "dark" });
    const colours = await page.evaluate(
      `(({ backgroundColor, fill }) => [backgroundColor, fill])(getComputedStyle(
        document.querySelector("#qr")))`,
    );
    deepEqual(colours, ["rgb(255, 255, 255)", "rgb(0, 0, 0)"], "readers want dark on light");
    deepEqual(await violations(page), []);
    deepEqual(complaints, []);
  },
});

Deno.test({
  name: "The first page says that the server is gone, and enters again when it is back",
  ignore,
  async fn() {
    const dataDir = await Deno.makeTempDir({ prefix: "hearth-home-" });
    try {
      await using browser = await launchBrowser();
      const first = await startServer({ dataDir });
      const { httpPort } = first;
      const { page } = await browser.open(`http://127.0.0.1:${httpPort}/#GAME`);
      await page.waitForSelector("#room[data-state=joined]");
      await first.stop();
      await page.waitForSelector("#room[data-state=failed]");
      match(await page.innerText("#status"), /stopping|ended/);
      await using _second = await startServer({ dataDir, httpPort });
      await page.click("#join button");
      await page.waitForSelector("#room[data-state=joined]");
      equal(await page.innerText("#status"), "You are alone here.");
    } finally {
      await Deno.remove(dataDir, { recursive: true });
    }
  },
});
