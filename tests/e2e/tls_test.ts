/** The real program with a certificate: pages, WebSocket and the relay through the one port. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { launchBrowser } from "../support/browser.ts";
import { lacks } from "../support/needs.ts";
import { freePort } from "../../bench/process.ts";
import { startServer, TURN_USER } from "../support/server.ts";
import { Files } from "../tls/world.ts";
import { RealClient } from "../turn/io/real_client.ts";

async function startWithTls() {
  const files = await Files.make();
  const port = freePort();
  const server = await startServer({
    env: {
      HEARTH_TLS_PORT: `${port}`,
      HEARTH_TLS_CERTIFICATE: files.certificate,
      HEARTH_TLS_KEY: files.key,
    },
  });
  const pem = await Deno.readTextFile(files.certificate);
  return {
    server,
    port,
    files,
    pem,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await files[Symbol.asyncDispose]();
    },
  };
}

Deno.test("HTTPS names the relay's TLS to players, and TURN goes through it", async () => {
  await using world = await startWithTls();
  using client = Deno.createHttpClient({ caCerts: [world.pem] });
  const response = await fetch(`https://localhost:${world.port}/api/ice`, { client });
  equal(response.headers.get("strict-transport-security") !== null, true);
  const { iceServers } = await response.json();
  const urls: string[] = iceServers.flatMap((server: { urls: string[] }) => server.urls);
  ok(urls.includes(`turns:127.0.0.1:${world.port}?transport=tcp`), urls.join());

  const tls = { hostname: "localhost", port: world.port, caCerts: [world.pem] };
  const { name: username, password } = TURN_USER;
  const conn = await Deno.connectTls(tls);
  await using player = RealClient.over(conn, { username, password });
  await player.allocate();
});

Deno.test("SIGHUP takes a new certificate at once, and ends nobody", async () => {
  await using world = await startWithTls();
  const tls = { hostname: "localhost", port: world.port };
  const credentials = { username: TURN_USER.name, password: TURN_USER.password };
  const before = await Deno.connectTls({ ...tls, caCerts: [world.pem] });
  await using player = RealClient.over(before, credentials);
  const renewed = await world.files.renew();
  world.server.signal("SIGHUP");
  await world.server.logged(/certificate-renewed/);
  const after = await Deno.connectTls({ ...tls, caCerts: [renewed] });
  await after.handshake();
  after.close();
  await player.allocate();
});

Deno.test({
  name: "Two pages meet over HTTPS and WSS",
  ignore: lacks("chromium"),
  fn: async () => {
    await using world = await startWithTls();
    await using browser = await launchBrowser(undefined, ["--ignore-certificate-errors"]);
    const url = `https://localhost:${world.port}/`;
    const first = await browser.open(url);
    equal(await first.page.evaluate("isSecureContext"), true);
    await first.page.click("#join button");
    await first.page.waitForSelector("#room[data-state=joined]");
    const link = await first.page.getAttribute("#link", "href") ?? "";
    match(link, /^https:/);
    const second = await browser.open(link);
    for (const { page } of [first, second]) await page.waitForSelector("#room[data-players='1']");
    await second.page.fill("#text", "hello");
    await second.page.press("#text", "Enter");
    match(await first.page.innerText("#chat li"), /: hello$/);
    deepEqual([...first.complaints, ...second.complaints], []);
  },
});

Deno.test("a certificate that is named and unfit stops the start, and says why", async () => {
  await using files = await Files.make();
  await Deno.writeTextFile(files.key, "rubbish");
  const starting = startServer({
    env: { HEARTH_TLS_CERTIFICATE: files.certificate, HEARTH_TLS_KEY: files.key },
  });
  const why = await starting.then(() => "it started", (error: Error) => error.message);
  match(why, /No TLS: .*key\.pem holds no private key/);
});
