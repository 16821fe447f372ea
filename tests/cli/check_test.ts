/** What the command makes of a report: what it prints, and how it ends. */
import { deepEqual, equal } from "node:assert/strict";
import type { CheckedConfig, CheckParts, Finding } from "../../check/mod.ts";
import { checkRunning, run } from "../../cli/mod.ts";
import { loadConfig } from "../../config/mod.ts";
import type { RouterNews } from "../../router/mod.ts";
import { fakeTerminal } from "./fake_terminal.ts";

const good: Finding = { level: "good", about: "ports", what: "All is well.", seen: "it is" };
const wrong = (level: "unknown" | "warning" | "broken"): Finding => ({
  level,
  about: "ports",
  what: "Something is wrong.",
  seen: "by looking",
  breaks: "Nobody comes in.",
  todo: "Mend it.",
});

async function check(findings: readonly Finding[], line = "check") {
  const dataDir = await Deno.makeTempDir({ prefix: "hearth-cli-" });
  const asked: [CheckedConfig, CheckParts][] = [];
  const terminal = fakeTerminal();
  try {
    const outcome = await run(line.split(" "), {
      version: "1.2.3",
      env: { HEARTH_DATA_DIR: dataDir, HEARTH_TURN_SECRET: "the secret of this server" },
      readFile: () => ({ ok: true }),
      check: (...question) => {
        asked.push(question);
        return Promise.resolve({ findings });
      },
      terminal,
    });
    return { outcome, terminal, asked };
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
}

for (const level of ["unknown", "warning", "broken"] as const) {
  const code = level === "broken" ? 1 : 0;
  Deno.test(`check: something ${level} ends with ${code}, in words and as JSON`, async () => {
    for (const line of ["check", "check --json"]) {
      deepEqual((await check([good, wrong(level)], line)).outcome, { kind: "exit", code }, line);
    }
  });
}

Deno.test("check: the worst comes first, each with how it was seen, what it breaks, what to do", async () => {
  const { terminal, outcome } = await check([good, wrong("unknown"), wrong("broken")]);
  const details = [
    "         seen:   by looking",
    "         breaks: Nobody comes in.",
    "         do:     Mend it.",
  ];
  deepEqual(terminal.printed, [
    "BROKEN   Something is wrong.",
    ...details,
    "UNKNOWN  Something is wrong.",
    ...details,
    "ok       All is well. (it is)",
  ]);
  deepEqual([outcome, terminal.failed], [{ kind: "exit", code: 1 }, []]);
});

Deno.test("check --json prints the report and nothing else", async () => {
  const findings = [good, wrong("warning")];
  const { terminal } = await check(findings, "check --json");
  deepEqual(JSON.parse(terminal.printed.join("\n")), { findings });
});

Deno.test("check asks about what is configured, in the server's name, and no port of TLS without a certificate", async () => {
  const { asked } = await check([good], "check --http-port 9000");
  const [config, parts] = asked[0] ?? [];
  deepEqual([config?.http.port, config?.tlsPort], [9000, undefined]);
  equal(parts?.secret, "the secret of this server");
});

Deno.test("check: a mistake in the configuration ends with 2, and nothing is looked at", async () => {
  const { outcome, asked, terminal } = await check([good], "check --http-port none");
  deepEqual([outcome, asked], [{ kind: "exit", code: 2 }, []]);
  equal(terminal.failed.length > 0, true);
});

Deno.test("a server that runs says what its router said, and asks it nothing more", async () => {
  const env = { HEARTH_DATA_DIR: "/nowhere" };
  const factWith = async (
    variables: Record<string, string>,
    addresses: { asks: boolean; news: RouterNews | undefined },
  ) => {
    const loaded = loadConfig({ flags: new Map(), env: { ...env, ...variables }, os: "linux" });
    if (!loaded.ok) throw new Error(loaded.problems.join());
    const running = { ...loaded.config, httpPort: 8080, turnPort: 3478, tlsPort: undefined };
    let fact: unknown;
    await checkRunning(running, "secret", addresses, (_config, { serving }) => {
      fact = serving?.router;
      return Promise.resolve({ findings: [] });
    });
    return fact;
  };
  const silent = { asks: true, news: undefined };
  const refused: RouterNews = { kind: "not-forwarded", whys: ["no"] };
  deepEqual(await factWith({ HEARTH_ROUTER: "off" }, silent), { kind: "off" });
  deepEqual(await factWith({}, { ...silent, asks: false }), { kind: "nobody" });
  deepEqual(await factWith({}, silent), {
    kind: "not-forwarded",
    whys: ["it has not answered yet"],
  });
  deepEqual(await factWith({}, { asks: true, news: refused }), refused);
});
