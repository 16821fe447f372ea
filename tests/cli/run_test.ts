import assert from "node:assert/strict";
import { type Accounts, type Dependencies, type Outcome, run, type User } from "../../cli/mod.ts";
import { parseConfigFile } from "../../config/mod.ts";
import { type FakeTerminal, fakeTerminal } from "./fake_terminal.ts";

/** Accounts in memory, and whether they were let go. */
function accounts(): Accounts & { readonly passwords: Map<string, string>; closed: boolean } {
  const users = new Map<string, User>();
  const passwords = new Map<string, string>();
  const change = (name: string, make: (user: User) => User | undefined) => {
    const user = users.get(name);
    if (!user) return { kind: "refused" as const, message: `There is no user ${name}.` };
    const changed = make(user);
    if (changed) users.set(name, changed);
    else users.delete(name);
    return { kind: "done" as const, user };
  };
  return {
    passwords,
    closed: false,
    users: {
      add(name, password) {
        const user = { name, disabled: false, createdAt: 0 };
        users.set(name, user);
        passwords.set(name, password);
        return Promise.resolve({ kind: "done", user });
      },
      setPassword(name, password) {
        passwords.set(name, password);
        return Promise.resolve(change(name, (user) => user));
      },
      disable: (name) => change(name, (user) => ({ ...user, disabled: true })),
      enable: (name) => change(name, (user) => ({ ...user, disabled: false })),
      remove: (name) => change(name, () => undefined),
      list: () => Array.from(users.values()),
    },
    iceServers: (subject, host) => ({
      iceServers: [
        { urls: [`stun:${host}:3478`] },
        {
          urls: [`turn:${host}:3478?transport=udp`],
          username: `43200:${subject}`,
          credential: "c",
        },
      ],
      expiresAt: 43_200,
    }),
    close() {
      this.closed = true;
    },
  };
}

async function hearth(
  line: string,
  { terminal = fakeTerminal(), ...given }: Partial<Dependencies> & { terminal?: FakeTerminal } = {},
): Promise<{ outcome: Outcome; terminal: FakeTerminal }> {
  const outcome = await run(line.split(" ").filter(Boolean), {
    version: "1.2.3",
    openAccounts: () => Promise.resolve({ kind: "open", value: accounts() }),
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
  assert.equal(outcome.config.http.port, 9000);
  assert.equal(outcome.config.turn.realm, "arena");
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

Deno.test("version prints the version and nothing else", async () => {
  for (const line of ["version", "--version", "-V"]) {
    const { outcome, terminal } = await hearth(line);
    assert.deepEqual(outcome, exit(0));
    assert.deepEqual(terminal.printed, ["1.2.3"]);
  }
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

Deno.test("user commands change accounts, say so, and let the data folder go", async () => {
  const held = accounts();
  const openAccounts = () => Promise.resolve({ kind: "open" as const, value: held });
  const lines: string[] = [];
  for (
    const line of [
      "add ada",
      "list",
      "disable ada",
      "list",
      "enable ada",
      "passwd ada",
      "remove ada",
    ]
  ) {
    const terminal = fakeTerminal([`password for ${line}\n`]);
    const { outcome } = await hearth(`user ${line}`, { openAccounts, terminal });
    assert.deepEqual(outcome, exit(0), line);
    lines.push(...terminal.printed);
    assert(held.closed, line);
  }
  assert.deepEqual(lines, [
    "ada added.",
    "ada\tenabled\tsince 1970-01-01",
    "ada disabled.",
    "ada\tdisabled\tsince 1970-01-01",
    "ada enabled.",
    "ada has a new password.",
    "ada removed.",
  ]);
  assert.equal(held.passwords.get("ada"), "password for passwd ada");
});

Deno.test("what accounts refuse is told, with exit code 1", async () => {
  const { outcome, terminal } = await hearth("user remove nobody");
  assert.deepEqual(outcome, exit(1));
  assert.deepEqual(terminal.failed, ["There is no user nobody."]);
});

Deno.test("a data folder that cannot be opened is told, with exit code 1", async () => {
  const openAccounts = () => Promise.resolve({ kind: "failed" as const, message: "Read-only." });
  const { outcome, terminal } = await hearth("user list", { openAccounts });
  assert.deepEqual(outcome, exit(1));
  assert.deepEqual(terminal.failed, ["Read-only."]);
});

Deno.test("a cancelled password changes nothing, with exit code 1", async () => {
  const held = accounts();
  const { outcome } = await hearth("user add ada", {
    openAccounts: () => Promise.resolve({ kind: "open", value: held }),
    terminal: fakeTerminal(["pa\x03"], true),
  });
  assert.deepEqual(outcome, exit(1));
  assert.equal(held.passwords.size, 0);
});

Deno.test("turn credential is JSON for other tools; --user belongs to it alone", async () => {
  const { terminal } = await hearth("turn credential --user probe --public-host 192.0.2.1");
  assert.deepEqual(JSON.parse(terminal.printed.join("\n")), {
    username: "43200:probe",
    password: "c",
    ttl: 43_200,
    uris: ["turn:192.0.2.1:3478?transport=udp"],
  });
  assert.deepEqual((await hearth("config --user probe")).outcome, exit(2));
  assert.deepEqual((await hearth("turn credential --user")).outcome, exit(2));
});
