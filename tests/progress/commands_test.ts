/** Each command that takes long: seen on a terminal, and in a pipe nothing but its result. */
import { doesNotMatch, equal, match } from "node:assert/strict";
import { lacks } from "../support/needs.ts";
import { freePort } from "../../bench/process.ts";

interface Long {
  readonly task: readonly string[];
  readonly progress: RegExp;
  /** What its standard output begins with, or holds. */
  readonly result: RegExp;
  readonly env?: Readonly<Record<string, string>>;
  /** It goes on for minutes after the result that is looked at. */
  readonly goesOn?: boolean;
  /** It complains in words, and its exit status says so. */
  readonly fails?: boolean;
}

const LONG: readonly Long[] = [
  { task: ["kill", "2"], progress: /kill 2 of 2/, result: /^SEED=.*\n2 kills: .*\n$/ },
  {
    task: ["bench:login", "--tries=2", "--cost=1"],
    progress: /warm-up.*round 2 of 2/s,
    result: /^2 refused logins/,
  },
  {
    task: ["bench:flood", "--rounds=1", "--seconds=0.2", "--clients=2", "--flooders=2"],
    progress: /round 1 of 1, flooded/,
    result: /^flooded × elsewhere: [\d.]+ /m,
  },
  {
    task: ["bench:idle", "--rounds=1", "--clients=8", "--rest=0"],
    progress: /round 1 of 1, hearth/,
    result: /^8 idle connections.*^hearth +-?[\d.]+ /ms,
  },
  {
    task: ["bench:start", "--rounds=1", "--players=4", "--rest=0"],
    progress: /round 1 of 1, deno task start.*4 players, 1 of 1/s,
    result: /^deno task start +\d+ \(.*^4 players, .* +\d+ \(/ms,
  },
  { task: ["bench", "codec", "--rounds=1", "--json"], progress: /codec/, result: /^\[/ },
  {
    task: ["fuzz", "200"],
    progress: /\d\.\d %.*of 1000000 spoofed sources/s,
    result: /nothing unexpected/,
    goesOn: true,
  },
  {
    task: ["check", "--json"],
    progress: /Looking at this machine.*Trying the ports.*Asking the router/s,
    result: /^\{\n {2}"findings"/,
    env: { HEARTH_HTTP_PORT: `${freePort()}`, HEARTH_TURN_PORT: `${freePort()}` },
  },
  { task: ["user", "backup", "copy.db"], progress: /Copying: 0 %/, result: /^Copied to .*\n$/ },
  {
    task: ["compile", "--output=/nonexistent/hearth"],
    progress: /main\.ts/,
    result: /^$/,
    env: { DENORT_BIN: "/nonexistent" },
    fails: true,
  },
];

const ROOT = new URL("../../", import.meta.url);

/** `script` (util-linux) gives a command a terminal, here for its standard error alone. */
function onTerminal(task: readonly string[], output: string): [string, string[]] {
  const command = [Deno.execPath(), "task", "--quiet", ...task].join(" ");
  return ["script", ["-qec", `${command} > ${output}`, "/dev/null"]];
}

interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

/** Runs it to its end, or until its standard output matches. */
async function run(
  [program, args]: [string, string[]],
  env: Readonly<Record<string, string>>,
  until?: RegExp,
): Promise<Ended> {
  const child = new Deno.Command(program, {
    args,
    cwd: ROOT,
    env: { NO_COLOR: "1", HEARTH_ROUTER: "off", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const complaints = new Response(child.stderr).text();
  let stdout = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    stdout += text;
    if (!until?.test(stdout)) continue;
    child.kill("SIGTERM");
    until = undefined;
  }
  return { stdout, stderr: await complaints, code: (await child.status).code };
}

/** A data folder of its own, gone afterwards. */
async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "hearth-progress-" });
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

for (const { task, progress, result, env = {}, goesOn = false, fails = false } of LONG) {
  const name = task.join(" ");
  Deno.test({
    name: `\`deno task ${name}\` shows progress on a terminal, beside its result`,
    ignore: lacks("script"),
    fn: () =>
      inFolder(async (folder) => {
        const output = `${folder}/output`;
        const variables = { ...env, HEARTH_DATA_DIR: `${folder}/data` };
        const seen = await run(onTerminal(task, output), variables, goesOn ? progress : undefined);
        match(seen.stdout, progress);
        const lines = await Deno.readTextFile(output);
        match(lines, result);
        doesNotMatch(lines, /\r/);
      }),
  });

  Deno.test(`\`deno task ${name}\` says nothing but its result in a pipe`, () =>
    inFolder(async (folder) => {
      const command: [string, string[]] = [Deno.execPath(), ["task", "--quiet", ...task]];
      const variables = { ...env, HEARTH_DATA_DIR: `${folder}/data` };
      const { stdout, stderr, code } = await run(command, variables, goesOn ? result : undefined);
      if (!fails) equal(stderr, "");
      match(stdout, result);
      doesNotMatch(stdout + stderr, /\r/);
      if (!goesOn) equal(code, fails ? 1 : 0);
    }));
}
