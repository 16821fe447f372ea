import assert from "node:assert/strict";
import { type Dependencies, type Outcome, run } from "../../cli/mod.ts";
import { parseConfigFile } from "../../config/mod.ts";
import { makeWorld } from "../auth/world.ts";
import { type FakeTerminal, fakeTerminal } from "./fake_terminal.ts";

/** A data folder, opened anew for each command, as it is on the command line. */
async function makeFolder() {
  const dataDir = await Deno.makeTempDir({ prefix: "hearth-cli-" });
  return {
    dataDir,
    openAccounts: async () => ({
      kind: "open" as const,
      value: (await makeWorld({ dataDir })).auth,
    }),
    [Symbol.asyncDispose]: () => Deno.remove(dataDir, { recursive: true }),
  };
}

async function hearth(
  line: string,
  { terminal = fakeTerminal(), ...given }: Partial<Dependencies> & { terminal?: FakeTerminal } = {},
): Promise<{ outcome: Outcome; terminal: FakeTerminal }> {
  const outcome = await run(line.split(" ").filter(Boolean), {
    version: "1.2.3",
    openAccounts: () => Promise.reject(new Error("no accounts are needed")),
    env: { HOME: "/home/ada" },
    readFile: () => ({ ok: true }),
    clock: () => 0,
    terminal,
    ...given,
  });
  return { outcome, terminal };
}

const exit = (code: number) => ({ kind: "exit", code });

Deno.test("start hands the configuration back", async () => {
  const { outcome } = await hearth("start --http-port 9000 --realm=arena");
  assert(outcome.kind === "start");
  assert.equal(outcome.settings.current.http.port, 9000);
  assert.equal(outcome.settings.current.turn.realm, "arena");
});

Deno.test("what is wrong with the configuration is told, with exit code 2", async () => {
  const { outcome, terminal } = await hearth("start --http-prot 9000 --__proto__ 1 --realm");
  assert.deepEqual(outcome, exit(2));
  assert.deepEqual(terminal.failed.map((line) => line.split(" ")[0]).sort(), [
    "--__proto__",
    "--http-prot",
    "--realm",
  ]);
  assert.deepEqual(terminal.printed, []);
});

Deno.test("a stray word, no command or an unknown one is explained, with exit code 2", async () => {
  for (
    const line of ["", "strat", "user", "user add", "user add a b", "start now", "help nothing"]
  ) {
    const { outcome, terminal } = await hearth(line);
    assert.deepEqual(outcome, exit(2), line);
    assert(terminal.failed.length > 0 && terminal.printed.length === 0, line);
  }
});

Deno.test("help explains all commands or one, and start's with every option", async () => {
  for (const line of ["help", "--help", "-h"]) {
    const { outcome, terminal } = await hearth(line);
    assert.deepEqual(outcome, exit(0));
    assert.match(terminal.printed.join("\n"), /hearth user add NAME +Add an account/);
  }
  for (const line of ["help user add", "user add --help"]) {
    assert.match((await hearth(line)).terminal.printed.join("\n"), /standard input/);
  }
  const help = (await hearth("start --help")).terminal.printed.join("\n");
  assert.match(help, /--http-port \(8080\)/);
  assert.doesNotMatch(help, /--data-dir/);
});

Deno.test("version prints the version first, and what it was built of", async () => {
  const build = {
    commit: { hash: "94a2cc7f".repeat(5), date: "2026-11-28T12:58:00Z" },
    runtime: "2.9.6",
    v8: "15.0",
    target: "x86_64-unknown-linux-gnu",
    standalone: false,
  };
  for (const line of ["version", "--version", "-V"]) {
    const { outcome, terminal } = await hearth(line, { build });
    assert.deepEqual(outcome, exit(0));
    assert.deepEqual(terminal.printed, [
      "1.2.3 (commit 94a2cc7f94a2 of 2026-11-28, Deno 2.9.6, V8 15.0, x86_64-unknown-linux-gnu, from sources)",
    ]);
  }
  const { terminal } = await hearth("version", {
    build: { ...build, commit: { hash: "ab".repeat(20), isChanged: true }, standalone: true },
  });
  assert.match(
    terminal.printed[0] ?? "",
    /\(commit abababababab and changes since, .*, compiled\)$/,
  );
});

Deno.test("config prints each value with its origin, secrets masked", async () => {
  const { outcome, terminal } = await hearth("config --turn-port 1", {
    env: { HOME: "/home/ada", HEARTH_TURN_SECRET: "opensesame" },
    readFile: () => parseConfigFile("hearth.json", `{ "realm": "arena" }`),
  });
  assert.deepEqual(outcome, exit(0));
  const text = terminal.printed.join("\n");
  assert.match(text, /^HEARTH_TURN_PORT=1 {2}# flag$/m);
  assert.match(text, /^HEARTH_REALM=arena {2}# file$/m);
  assert.match(text, /^HEARTH_TURN_SECRET=••• {2}# environment$/m);
  assert.match(text, /^HEARTH_AUTH=open {2}# default$/m);
  assert.doesNotMatch(text, /opensesame/);
});

Deno.test("--config names the file, and one that cannot be read stops the command", async () => {
  const paths: (string | undefined)[] = [];
  const readFile = (path: string | undefined) => {
    paths.push(path);
    return { ok: false, problem: "Cannot read it." } as const;
  };
  const { outcome, terminal } = await hearth("start --config game.json", { readFile });
  assert.deepEqual(outcome, exit(2));
  assert.deepEqual(paths, ["game.json"]);
  assert.deepEqual(terminal.failed, ["Cannot read it."]);
});

/** Runs the lines one after the other in one folder; what they print, and what they complain of. */
async function inOneFolder(
  lines: readonly (readonly [line: string, input?: string])[],
): Promise<{ readonly printed: string[]; readonly failed: string[] }> {
  await using folder = await makeFolder();
  const [printed, failed]: [string[], string[]] = [[], []];
  for (const [line, input] of lines) {
    const terminal = fakeTerminal(input === undefined ? [] : [input]);
    const env = {
      HOME: "/home/ada",
      HEARTH_DATA_DIR: folder.dataDir,
      HEARTH_REGISTRATION: "invite",
    };
    const { outcome } = await hearth(`user ${line}`, { ...folder, env, terminal });
    assert.deepEqual(outcome, exit(terminal.failed.length > 0 ? 1 : 0), line);
    printed.push(...terminal.printed);
    failed.push(...terminal.failed);
    const files = Array.from(Deno.readDirSync(folder.dataDir), ({ name }) => name).sort();
    assert.deepEqual(files.filter((name) => name.startsWith("hearth.db-")), [], "let go");
  }
  return { printed, failed };
}

Deno.test("user commands change accounts, say so, and let the data folder go", async () => {
  const { printed } = await inOneFolder([
    ["add Ada", "correct horse\n"],
    ["add bob", "correct horse\n"],
    ["add --host carol", "correct horse\n"],
    ["list"],
    ["disable ada"],
    ["list"],
    ["enable ada"],
    ["passwd ada", "battery staple\n"],
    ["role bob host"],
    ["logout bob"],
    ["kick bob"],
    ["remove carol"],
    ["audit"],
  ]);
  const since = "since 2027-01-15";
  assert.deepEqual(printed.slice(0, -10), [
    "Ada added as host.",
    "bob added.",
    "carol added as host.",
    `Ada\thost\tenabled\t${since}`,
    `bob\tplayer\tenabled\t${since}`,
    `carol\thost\tenabled\t${since}`,
    "Ada disabled.",
    `Ada\thost\tdisabled\t${since}`,
    `bob\tplayer\tenabled\t${since}`,
    `carol\thost\tenabled\t${since}`,
    "Ada enabled.",
    "Ada has a new password.",
    "bob is a host now.",
    "bob logged out.",
    "bob kicked.",
    "carol removed.",
  ]);
  assert.deepEqual(
    printed.slice(-10).map((line) => line.split("\t").slice(1).join(" ")),
    [
      "command-line added user.ada host",
      "command-line added user.bob player",
      "command-line added user.carol host",
      "command-line disabled user.ada",
      "command-line enabled user.ada",
      "command-line password-set user.ada",
      "command-line role-set user.bob host",
      "command-line sessions-ended user.bob",
      "command-line kicked user.bob",
      "command-line removed user.carol",
    ],
  );
});

Deno.test("bans of accounts and ranges are made, listed and lifted", async () => {
  const { printed, failed } = await inOneFolder([
    ["add ada", "correct horse\n"],
    ["ban ada --for 2h"],
    ["ban 203.0.113.7/24"],
    ["ban 2001:DB8:0::/32 --for 30d"],
    ["bans"],
    ["list"],
    ["unban ada"],
    ["unban 203.0.113.7/24"],
    ["unban 203.0.113.7/24"],
    ["ban 0.0.0.0/0"],
    ["ban ada --for ever"],
    ["ban nobody"],
    ["bans"],
  ]);
  const bans = [
    "203.0.113.7/24 banned until 2027-01-16T08:00Z.",
    "2001:db8::/32 banned until 2027-02-14T08:00Z.",
    "ada banned until 2027-01-15T10:00Z.",
  ];
  assert.deepEqual(printed, [
    "ada added as host.",
    bans[2],
    ...bans.slice(0, 2),
    bans[1],
    bans[0],
    bans[2],
    "ada\thost\tbanned until 2027-01-15T10:00Z\tsince 2027-01-15",
    "ada may come again.",
    "203.0.113.7/24 may come again.",
    bans[1],
  ]);
  assert.deepEqual(failed, [
    "203.0.113.7/24 is not banned.",
    "A range of IPv4 has a prefix of at least /8.",
    "--for: give a time such as 30s, 15m or 12h, at most 365d.",
    'There is no user "nobody".',
  ]);
});

Deno.test("keys are rotated gently or at once, and the audit says which", async () => {
  const { printed } = await inOneFolder([["rotate-keys"], ["rotate-keys --now"], ["audit"]]);
  const [gently = "", atOnce = "", ...audit] = printed;
  assert.match(gently, /^Key [\w-]{43} signs in five minutes; nobody is logged out\.$/);
  assert.match(atOnce, /^Key [\w-]{43} signs now; what older keys signed is refused/);
  const [kid, latest] = [gently, atOnce].map((line) => line.split(" ")[1]);
  assert.deepEqual(audit.map((line) => line.split("\t").slice(1).join(" ")), [
    `command-line keys-rotated ${kid} gently`,
    `command-line keys-rotated ${latest} at-once`,
  ]);
});

Deno.test("an invitation is a link, listed without its token, and can be withdrawn", async () => {
  const { printed, failed } = await inOneFolder([
    ["invite --public-host game.example"],
    ["invites"],
    ["withdraw 1"],
    ["withdraw 1"],
  ]);
  assert.match(printed[0] ?? "", /^http:\/\/game\.example:8080\/#invite=[\w-]{22}$/);
  assert.deepEqual(printed.slice(1), [
    "1\tby command-line\tuntil 2027-01-22T08:00Z",
    "Invitation 1 withdrawn.",
  ]);
  assert.deepEqual(failed, [
    "There is no open invitation 1.",
  ]);
});

Deno.test("an invitation's link leads to the proxy, where one is trusted", async () => {
  const line = "invite --public-host game.example --trusted-proxies 127.0.0.1/32";
  const { printed } = await inOneFolder([[line]]);
  assert.match(printed[0] ?? "", /^https:\/\/game\.example\/#invite=[\w-]{22}$/);
});

Deno.test("an export goes into another folder, with roles, bans and passwords; all or none", async () => {
  await using from = await makeFolder();
  const outOf = async (line: string, input?: string) => {
    const terminal = fakeTerminal(input === undefined ? [] : [input]);
    await hearth(`user ${line}`, { ...from, terminal });
    return terminal.printed;
  };
  await outOf("add ada", "correct horse\n");
  await outOf("add bob", "battery staple\n");
  await outOf("disable bob");
  await outOf("ban ada");
  const lines = await outOf("export");
  assert.equal(lines.length, 2);

  const { printed, failed } = await inOneFolder([
    ["import", lines.join("\n")],
    ["export"],
    ["remove ada"],
    ["import", lines.join("\n")],
    ["import", `${lines[0]}\n{"name":"eve"}`],
    ["list"],
  ]);
  assert.deepEqual(printed, [
    "2 accounts imported.",
    ...lines,
    "ada removed.",
    "bob\tplayer\tdisabled\tsince 2027-01-15",
  ]);
  assert.deepEqual(failed, [
    "There is a user bob already (names differ in more than case). Nothing was changed.",
    "Line 2: This is no account as `user export` writes them. Nothing was changed.",
  ]);
});

Deno.test("a backup is a database of its own, for its owner only, and never overwrites", async () => {
  await using folder = await makeFolder();
  const env = { HOME: "/home/ada", HEARTH_DATA_DIR: folder.dataDir };
  const running = (await makeWorld({ dataDir: folder.dataDir })).auth;
  await running.users.add("ada", "correct horse");
  const first = await hearth("user backup copy.db", { ...folder, env });
  await running.users.add("bob", "correct horse");
  const second = await hearth("user backup copy.db", { ...folder, env });
  running.close();
  const copy = `${folder.dataDir}/copy.db`;
  assert.deepEqual(first.terminal.printed, [`Copied to ${copy}.`]);
  assert.match(second.terminal.failed.join(), /There is a file .*copy\.db already/);
  assert.equal((Deno.statSync(copy).mode ?? 0) & 0o777, 0o600);
  await Deno.remove(`${folder.dataDir}/hearth.db`);
  await Deno.rename(copy, `${folder.dataDir}/hearth.db`);
  const { terminal } = await hearth("user list", { ...folder, env });
  assert.deepEqual(terminal.printed, ["ada\thost\tenabled\tsince 2027-01-15"]);
});

Deno.test("what accounts refuse is told, with exit code 1", async () => {
  const { failed } = await inOneFolder([["remove nobody"], ["role nobody king"]]);
  assert.deepEqual(failed, [
    'There is no user "nobody".',
    'There is no role "king": give host or player.',
  ]);
});

Deno.test("a data folder that cannot be opened is told, with exit code 1", async () => {
  const openAccounts = () =>
    Promise.resolve({ kind: "failed", code: "read-only", message: "Read-only." } as const);
  const { outcome, terminal } = await hearth("user list", { openAccounts });
  assert.deepEqual(outcome, exit(1));
  assert.deepEqual(terminal.failed, ["Read-only."]);
});

Deno.test("a cancelled password changes nothing, with exit code 1", async () => {
  await using folder = await makeFolder();
  const terminal = fakeTerminal(["pa\x03"], true);
  const { outcome } = await hearth("user add ada", { ...folder, terminal });
  assert.deepEqual(outcome, exit(1));
  const { terminal: after } = await hearth("user list", { ...folder });
  assert.deepEqual(after.printed, []);
});

Deno.test("turn credential is JSON for other tools; --user belongs to it alone", async () => {
  await using folder = await makeFolder();
  const line = "turn credential --user probe --public-host 192.0.2.1";
  const { terminal } = await hearth(line, { ...folder, clock: () => 1_800_000_000_000 });
  const { password, ...credential } = JSON.parse(terminal.printed.join("\n"));
  assert.match(password, /^[\w+/]{27}=$/);
  assert.deepEqual(credential, {
    username: "1800007200:probe",
    ttl: 7_200,
    uris: ["turn:192.0.2.1:3478?transport=udp", "turn:192.0.2.1:3478?transport=tcp"],
  });
  assert.deepEqual((await hearth("config --user probe")).outcome, exit(2));
  assert.deepEqual((await hearth("turn credential --user")).outcome, exit(2));
});
