/** A real Chromium, on this machine or inside a network namespace. */
import type { Browser, Page } from "playwright-core";

/** What a page complained of: errors, warnings of the browser's own policy, uncaught exceptions. */
export interface WatchedPage {
  readonly page: Page;
  readonly complaints: readonly string[];
}

export interface TestBrowser extends AsyncDisposable {
  /** A page in a context of its own, as another person would have it. */
  open(url: string): Promise<WatchedPage>;
}

/** Neither a sandbox (the tests run as root in containers) nor calls to elsewhere. */
const FLAGS = [
  "--no-sandbox",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

/**
 * A camera and a microphone that are made up, and leave to use them. Pages then gather this
 * machine's addresses instead of mDNS names.
 */
export const MADE_UP_DEVICES = [
  "--use-fake-device-for-media-stream",
  "--use-fake-ui-for-media-stream",
];

const TIMEOUT_MS = 30_000;

/**
 * Starts Chromium headless; in `namespace` (of `ip netns`) where one is named, and there with
 * another file in the place of `/etc/hosts` where that is named too.
 */
export async function launchBrowser(
  namespace?: string,
  flags: readonly string[] = [],
  hostsFile?: string,
): Promise<TestBrowser> {
  const chromium = await loadChromium();
  const wrapper = namespace && await wrapperFor(namespace, hostsFile);
  const removeWrapper = async () => void (wrapper && await Deno.remove(wrapper));
  let browser: Browser;
  try {
    browser = await chromium.launch({
      executablePath: wrapper ?? "/usr/bin/chromium",
      headless: true,
      args: [...FLAGS, ...flags],
      timeout: TIMEOUT_MS,
    });
  } catch (error) {
    await removeWrapper();
    throw error;
  }
  return {
    async open(url) {
      const context = await browser.newContext();
      const page = await context.newPage();
      page.setDefaultTimeout(TIMEOUT_MS);
      const complaints: string[] = [];
      page.on("console", (message) => {
        if (["error", "warning"].includes(message.type())) {
          complaints.push(`${message.text()} (${message.location().url})`);
        }
      });
      page.on("pageerror", (error) => complaints.push(`uncaught: ${error.message}`));
      await page.goto(url);
      return { page, complaints };
    },
    async [Symbol.asyncDispose]() {
      await browser.close();
      await removeWrapper();
    },
  };
}

/**
 * Playwright asks, while it loads, whether it runs under WSL, by a file that Deno opens to nobody
 * without every permission. This variable makes its dependency `is-wsl` ask only when it is used.
 */
async function loadChromium() {
  Deno.env.set("__IS_WSL_TEST__", "1");
  return (await import("playwright-core")).chromium;
}

/** Playwright speaks to the browser over pipes, so the test itself can stay outside. */
async function wrapperFor(namespace: string, hostsFile?: string): Promise<string> {
  const path = await Deno.makeTempFile({ prefix: "hearth-chromium-", suffix: ".sh" });
  // `ip netns exec` gives a mount namespace as well, so nobody else sees this file.
  const mount = hostsFile ? `mount --bind ${hostsFile} /etc/hosts && ` : "";
  const script = "#!/bin/sh\n" +
    `exec ip netns exec ${namespace} sh -c '${mount}exec /usr/bin/chromium "$@"' sh "$@"\n`;
  await Deno.writeTextFile(path, script);
  await Deno.chmod(path, 0o755);
  return path;
}
