/** The tester's ways beside UDP and TCP over IPv4: under TLS, and to the server's IPv6 address. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { Page } from "playwright-core";
import { launchBrowser } from "../support/browser.ts";
import { lacks } from "../support/needs.ts";
import { inNamespace, ip } from "../support/netns.ts";
import { freePort } from "../../bench/process.ts";
import { startServer } from "../support/server.ts";
import { Files } from "../tls/world.ts";

async function startWithTls() {
  const files = await Files.make();
  const server = await startServer({
    env: {
      HEARTH_TLS_PORT: `${freePort()}`,
      HEARTH_TLS_CERTIFICATE: files.certificate,
      HEARTH_TLS_KEY: files.key,
    },
  });
  return {
    url: `http://127.0.0.1:${server.httpPort}/tester`,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await files[Symbol.asyncDispose]();
    },
  };
}

async function finished(page: Page): Promise<Page> {
  await page.waitForSelector("#tester[data-state=done]");
  return page;
}

async function expectRelay(page: Page, way: string, relayProtocol: string): Promise<void> {
  const relays = `#${way} tr[data-type=relay][data-relay-protocol=${relayProtocol}]`;
  ok(await page.locator(relays).count() > 0, await page.innerText("#report"));
  const channel = page.locator(`#${way} .channel[data-state=ok]`);
  ok(Number(await channel.getAttribute("data-rtt-ms")) > 0);
}

Deno.test({
  name: "/tester gets a relay under TLS and sends data through it",
  ignore: lacks("chromium"),
  async fn() {
    await using world = await startWithTls();
    await using browser = await launchBrowser(undefined, ["--ignore-certificate-errors"]);
    const { page, complaints } = await browser.open(world.url);
    await expectRelay(await finished(page), "tls", "tls");
    deepEqual(complaints, []);
  },
});

Deno.test({
  name: "/tester says that the browser may not trust the relay's certificate",
  ignore: lacks("chromium"),
  async fn() {
    await using world = await startWithTls();
    await using browser = await launchBrowser();
    const { page } = await browser.open(world.url);
    await finished(page);
    equal(await page.getAttribute("#tls", "data-state"), "failed");
    match(
      await page.innerText("#findings [data-code=tls-no-answer]"),
      /answers over UDP and TCP.*certificate may be one that this browser does not trust/,
    );
  },
});

/** A server and a player on one wire, both with IPv4 and IPv6 addresses that the internet has. */
async function makeWire() {
  const [server, player] = ["srv", "a"].map((role) => `hearth-${Deno.pid}-v6-${role}`) as [
    string,
    string,
  ];
  const scope = new AsyncDisposableStack();
  try {
    for (const name of [server, player]) {
      await ip(`netns add ${name}`);
      scope.defer(async () => void await ip(`netns delete ${name}`));
      await ip(`-n ${name} link set lo up`);
    }
    await ip(`link add eth0 netns ${server} type veth peer eth0 netns ${player}`);
    for (const [name, host] of [[server, 10], [player, 20]] as const) {
      await ip(`-n ${name} addr add 203.0.113.${host}/24 dev eth0`);
      await ip(`-n ${name} addr add 2001:db8::${host}/64 dev eth0 nodad`);
      await ip(`-n ${name} link set eth0 up`);
    }
    await ip(`-n ${player} route add default via 203.0.113.10`);
    await ip(`-n ${player} -6 route add default via 2001:db8::10`);
    return { server, player, [Symbol.asyncDispose]: () => scope.disposeAsync() };
  } catch (error) {
    await scope.disposeAsync();
    throw error;
  }
}

Deno.test({
  name: "/tester asks the server's IPv6 address, and says that a network may have no IPv6",
  ignore: lacks("chromium", "netns", "curl"),
  async fn() {
    await using wire = await makeWire();
    await using _ = await startServer({
      namespace: wire.server,
      env: { HEARTH_TURN_HOST: "0.0.0.0,::", HEARTH_EXTERNAL_IP: "203.0.113.10,2001:db8::10" },
    });
    await using browser = await launchBrowser(wire.player);
    const { page, complaints } = await browser.open("http://203.0.113.10:8080/tester");
    await finished(page);
    match(await page.innerText("#report"), /IPv6: stun:\[2001:db8::10\]:3478/);
    await expectRelay(page, "ipv6", "udp");
    const seen = page.locator("#ipv6 tr[data-type=srflx] td").filter({ hasText: "2001:db8::20" });
    equal(await seen.count(), 1);
    equal(await page.evaluate("isSecureContext"), false, "as on a LAN");
    await page.click("#copy");
    await page.locator("#copied").filter({ hasText: /^Copied/ }).waitFor();
    deepEqual(complaints, []);

    await inNamespace(wire.player, ["ip", "-6", "addr", "flush", "dev", "eth0"]);
    await page.reload();
    await finished(page);
    match(await page.innerText("#findings [data-code=ipv6-no-answer]"), /may have no IPv6/);
  },
});
