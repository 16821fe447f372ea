import assert from "node:assert/strict";
import fc from "fast-check";
import {
  allOptions,
  type Config,
  loadConfig,
  parseConfigFile,
  type Sources,
} from "../../config/mod.ts";
import { unknownVariables } from "../../config/load.ts";
import type { TurnConfig } from "../../turn/config.ts";

const HOME = { HOME: "/home/ada" };

interface Given {
  flags?: Record<string, string | true>;
  env?: Record<string, string>;
  file?: string;
}

function sources({ flags = {}, env = {}, file }: Given): Sources {
  const read = file === undefined ? undefined : parseConfigFile("hearth.json", file);
  assert(read?.ok !== false);
  return {
    flags: new Map(Object.entries(flags)),
    env: { ...HOME, ...env },
    os: "linux",
    ...read?.file && { file: read.file },
  };
}

function load(given: Given): Config {
  const loaded = loadConfig(sources(given));
  assert(loaded.ok, loaded.ok ? "" : loaded.problems.join("\n"));
  return loaded.config;
}

function problems(given: Given): readonly string[] {
  const loaded = loadConfig(sources(given));
  return loaded.ok ? [] : loaded.problems;
}

Deno.test("nothing given: every option has its default", () => {
  const config = load({});
  assert.equal(config.http.host, "0.0.0.0");
  assert.equal(config.http.port, 8080);
  assert.equal("publicHost" in config.http, false);
  assert.deepEqual(config.turn.hosts, ["0.0.0.0"]);
  assert.equal(config.turn.port, 3478);
  assert.equal(config.turn.realm, "game");
  assert.equal(config.turn.externalIps, "auto");
  assert.deepEqual(config.turn.relayPorts, { first: 49_152, last: 65_535 });
  assert.deepEqual(config.turn.users, []);
  assert.deepEqual(config.turn.secrets, []);
  assert.equal(config.turn.engine, "native");
  assert.equal("alternateServer" in config.turn, false);
  assert.equal(config.auth.mode, "open");
  assert.equal(config.auth.tokenLifeSeconds, 900);
  assert.equal(config.dataDir, "/home/ada/.local/share/hearth");
  assert.equal(config.graceSeconds, 5);
  assert.equal(config.signaling.limits.maxMessageBytes, 65_536);
  const forTheEngine: TurnConfig["limits"] = config.turn.limits;
  assert(forTheEngine !== "off");
  assert.equal(forTheEngine.tcpBufferBytes, 262_144);
});

Deno.test("every default is one that its own kind accepts and shows again", () => {
  for (const { key, option: { kind, fallback } } of allOptions) {
    if (fallback === undefined) continue;
    const value = kind.parse(fallback);
    assert.notEqual(value, undefined, key);
    assert.deepEqual(kind.parse(kind.show(value)), value, key);
  }
});

Deno.test("a flag wins over the environment, that over the file, that over the default", () => {
  const flags = { "http-port": "1" };
  const env = { HEARTH_HTTP_PORT: "2", HEARTH_TURN_PORT: "3" };
  const file = `{ "httpPort": 4, "turnPort": 5, /* the game's */ "realm": "arena", }`;
  const loaded = loadConfig(sources({ flags, env, file }));
  assert(loaded.ok);
  assert.equal(loaded.config.http.port, 1);
  assert.equal(loaded.config.turn.port, 3);
  assert.equal(loaded.config.turn.realm, "arena");
  const origins = new Map(loaded.settings.map(({ variable, origin }) => [variable, origin]));
  assert.equal(origins.get("HEARTH_HTTP_PORT"), "flag");
  assert.equal(origins.get("HEARTH_TURN_PORT"), "environment");
  assert.equal(origins.get("HEARTH_REALM"), "file");
  assert.equal(origins.get("HEARTH_AUTH"), "default");
  assert.equal(origins.size, allOptions.length);
});

Deno.test("HEARTH_LIMITS=off lifts the relay's limits and signaling's rates, not its sizes", () => {
  const { turn, signaling, limits } = load({ env: { HEARTH_LIMITS: "off" } });
  assert.equal(limits, "off");
  assert.equal(turn.limits, "off");
  assert.equal(signaling.limits.messagesPerSecond, Infinity);
  assert.equal(signaling.limits.connectionsPerAddress, Infinity);
  assert.equal(signaling.limits.maxMessageBytes, 65_536);
});

Deno.test("HEARTH_TURN_ALTERNATE_SERVER is one address with its port", () => {
  const given = (text: string) => ({ env: { HEARTH_TURN_ALTERNATE_SERVER: text } });
  for (const text of ["203.0.113.7:3478", "[2001:db8::7]:65535"]) {
    assert.equal(load(given(text)).turn.alternateServer, text);
  }
  const wrong = [
    "203.0.113.7",
    "203.0.113.7:0",
    "203.0.113.7:65536",
    "2001:db8::7:1",
    "[fe80::1%a]:1",
  ];
  for (
    const text of [...wrong, "[203.0.113.7]:1", "turn.example:3478", "203.0.113.7:1,203.0.113.8:1"]
  ) {
    assert.deepEqual(problems(given(text)), [
      `HEARTH_TURN_ALTERNATE_SERVER (environment): "${text}" is not right; give an IP address and its port, such as 203.0.113.7:3478 or [2001:db8::7]:3478.`,
    ]);
  }
  assert.equal("alternateServer" in load(given("")).turn, false);
});

Deno.test("doors: open at their usual paths, elsewhere, or closed by an empty path", () => {
  assert.deepEqual(load({}).signaling.doors, {
    peerjs: { path: "/peerjs", discovery: false },
    yWebrtc: { path: "/y-webrtc" },
  });
  const env = { HEARTH_PEERJS_PATH: "/game/v1/", HEARTH_PEERJS_DISCOVERY: "on" };
  assert.deepEqual(load({ env: { ...env, HEARTH_Y_WEBRTC_PATH: "" } }).signaling.doors, {
    peerjs: { path: "/game/v1/", discovery: true },
  });
  assert.deepEqual(
    load({ file: '{ "peerjsPath": "" }', flags: { "y-webrtc-path": "/" } }).signaling
      .doors,
    { yWebrtc: { path: "/" } },
  );
  for (const path of ["peerjs", "/a b", "//a", "/:key", "/*", "/a?b", "http://a/"]) {
    assert.match(problems({ env: { HEARTH_PEERJS_PATH: path } })[0] ?? "", /give a path such as/);
  }
  const both = { HEARTH_PEERJS_PATH: "/a", HEARTH_Y_WEBRTC_PATH: "/a" };
  assert.match(problems({ env: both })[0] ?? "", /both \/a: give two paths/);
  const closed = { HEARTH_PEERJS_PATH: "", HEARTH_Y_WEBRTC_PATH: "" };
  assert.deepEqual(load({ env: closed }).signaling.doors, {});
});

Deno.test("an empty variable is as good as none", () => {
  assert.equal(load({ env: { HEARTH_HTTP_PORT: "", HEARTH_REALM: "" } }).turn.realm, "game");
});

Deno.test("all problems are reported, each naming option, source, what was read and what is right", () => {
  const lines = problems({
    flags: { "htpp-port": "1", "turn-port": true },
    env: { HEARTH_PEER_DENY: "10.0.0.0/33", HEARTH_RELAY_PORT: "1-2" },
    file: `{ "log": "loud", "limits": false, "colour": 1 }`,
  });
  assert.deepEqual(lines, [
    "colour (hearth.json): there is no such option; `hearth config` lists them all.",
    "limits (hearth.json): false is not right; give on or off.",
    'log (hearth.json): "loud" is not right; give trace, debug, info, warning, error or fatal.',
    "HEARTH_RELAY_PORT (environment): there is no such option; did you mean HEARTH_RELAY_PORTS?",
    'HEARTH_PEER_DENY (environment): "10.0.0.0/33" is not right; give address ranges, separated by commas, such as 192.168.0.0/16,fd00::/8.',
    "--htpp-port (command line): there is no such option; did you mean --http-port?",
    "--turn-port (command line): has no value; give a port from 0 to 65535 (0 takes any free one).",
  ]);
});

Deno.test("the data folder is the environment's to set, and the message says so", () => {
  assert.equal(load({ env: { HEARTH_DATA_DIR: "/srv/game data" } }).dataDir, "/srv/game data");
  assert.deepEqual(problems({ flags: { "data-dir": "/x" }, file: `{ "dataDir": "/x" }` }), [
    "dataDir (hearth.json): only the environment sets this; give HEARTH_DATA_DIR.",
    "--data-dir (command line): only the environment sets this; give HEARTH_DATA_DIR.",
  ]);
});

Deno.test("without a home folder the data folder must be given", () => {
  const loaded = loadConfig({ flags: new Map(), env: {}, os: "linux" });
  assert(!loaded.ok);
  assert.match(loaded.problems.join(), /HEARTH_DATA_DIR/);
});

Deno.test("HTTP and TURN cannot share a TCP port, except 0", () => {
  assert.equal(problems({ env: { HEARTH_TURN_PORT: "8080" } }).length, 1);
  assert.deepEqual(problems({ env: { HEARTH_TURN_PORT: "0", HEARTH_HTTP_PORT: "0" } }), []);
});

Deno.test("secrets are shown nowhere: not in the config, the settings, or a problem", () => {
  const env = { HEARTH_TURN_SECRET: "opensesame,older", HEARTH_TURN_USERS: "tester:opensesame" };
  const loaded = loadConfig(sources({ env }));
  assert(loaded.ok);
  const { config, settings } = loaded;
  const shown = [JSON.stringify(config), Deno.inspect(config, { depth: 9 }), `${settings}`].join();
  assert.doesNotMatch(shown + JSON.stringify(settings), /opensesame|older/);
  assert.deepEqual(config.turn.secrets.map((secret) => secret.reveal()), ["opensesame", "older"]);
  assert.equal(config.turn.users[0]?.password.reveal(), "opensesame");

  const [problem = ""] = problems({ env: { HEARTH_TURN_USERS: "opensesame" } });
  assert.match(problem, /^HEARTH_TURN_USERS \(environment\): .*name:password/);
  assert.doesNotMatch(problem, /opensesame/);
});

Deno.test("a file may give lists as lists, so a password may have a comma", () => {
  const config = load({ file: `{ "turnUsers": ["ada:a,b", "bo:c:d"], "turnHost": ["::"] }` });
  assert.deepEqual(config.turn.users.map(({ name, password }) => [name, password.reveal()]), [
    ["ada", "a,b"],
    ["bo", "c:d"],
  ]);
  assert.deepEqual(config.turn.hosts, ["::"]);
});

/** For each variable, what must be read and what must be refused. */
const EDGES: Record<string, { good: readonly string[]; bad: readonly string[] }> = {
  HEARTH_HTTP_PORT: {
    good: ["0", "65535", " 80 "],
    bad: ["65536", "-1", "1.5", "0x50", "1e3", "eighty"],
  },
  HEARTH_HTTP_HOST: {
    good: ["::1", "127.0.0.1", "localhost", "a-b.example"],
    bad: ["256.1.1.1", "1.2.3", "a b", "-a", "host:80", "http://host"],
  },
  HEARTH_TURN_HOST: { good: ["0.0.0.0,::"], bad: ["localhost", ",", "1.2.3.4;5.6.7.8"] },
  HEARTH_EXTERNAL_IP: {
    good: ["auto", "203.0.113.7", "203.0.113.7,2001:db8::7"],
    bad: ["203.0.113.7,203.0.113.8", "game.example", "automatic"],
  },
  HEARTH_RELAY_PORTS: {
    good: ["1024-1024", "49152-65535", "50000 - 50010"],
    bad: ["1023-2000", "2-1", "60000-50000", "50000-65536", "50000", "1-2-3"],
  },
  HEARTH_PEER_ALLOW: {
    good: ["10.0.0.0/8", "10.0.0.1", "fd00::/8,::1/128", "0.0.0.0/0"],
    bad: ["10.0.0/8", "10.0.0.0/", "10.0.0.0/8/8", "fe80::1%eth0/64", "::/129", "10.0.0.0/-1"],
  },
  HEARTH_ORIGINS: {
    good: ["https://game.example", "http://localhost:5173,https://b.example:8443"],
    bad: ["game.example", "https://game.example/", "https://game.example/a", "ws://a", "*", "null"],
  },
  HEARTH_SESSION_LIFE: { good: ["30d"], bad: ["366d"] },
  HEARTH_TRUSTED_PROXIES: { good: ["127.0.0.1,fd00::/8"], bad: ["proxy.example"] },
  HEARTH_TOKEN_LIFE: { good: ["30", "30s", "12h", "365d"], bad: ["366d", "12 hours", "-1s", "h"] },
  HEARTH_SIGNALING_SEND_BUFFER_BYTES: {
    good: ["1", "64KiB", "1024MiB"],
    bad: ["0", "64K", "1025MiB", "1.5MiB"],
  },
  HEARTH_TURN_ALLOCATIONS: { good: ["1", "1000000000"], bad: ["0", "1000000001", "none"] },
  HEARTH_TURN_USERS: {
    good: ["a:b", "a:b,c:d", "a:b:c", `${"n".repeat(509)}:p`],
    bad: ["a", "a:", ":b", "a:b,a:c", `${"n".repeat(510)}:p`],
  },
  HEARTH_DATA_DIR: { good: ["/srv/game data", "data"], bad: ["/srv/a,b", "a\nb"] },
  HEARTH_REALM: { good: ["game", "g".repeat(127)], bad: ["g".repeat(128), 'a"b', "a\nb"] },
};

for (const [variable, { good, bad }] of Object.entries(EDGES)) {
  Deno.test(`${variable} is read at its edges and refused past them`, () => {
    for (const text of good) assert.deepEqual(problems({ env: { [variable]: text } }), [], text);
    for (const text of bad) {
      const lines = problems({ env: { [variable]: text } });
      assert.equal(lines.length, 1, text);
      assert(lines[0]?.startsWith(`${variable} (environment): `), String(lines[0]));
    }
  });
}

Deno.test("a bare address is a range of one", () => {
  const config = load({ env: { HEARTH_PEER_DENY: "10.0.0.1,fd00::1" } });
  assert.deepEqual(config.turn.peerDeny, ["10.0.0.1/32", "fd00::1/128"]);
});

Deno.test("names that every object inherits are no options", () => {
  for (const name of ["constructor", "__proto__", "toString"]) {
    assert.equal(problems({ flags: Object.fromEntries([[name, "1"]]) }).length, 1, name);
    assert.equal(problems({ file: `{ "${name}": 1 }` }).length, 1, name);
  }
});

Deno.test("whatever text an option is given, it is read or refused in one line", () => {
  const property = fc.property(
    fc.constantFrom(...allOptions),
    fc.string({ unit: "binary" }),
    ({ variable }, text) => {
      for (const line of problems({ env: { [variable]: text } })) assert.doesNotMatch(line, /\n/);
    },
  );
  fc.assert(property);
});

Deno.test("of all variables only ours are judged", () => {
  assert.deepEqual(unknownVariables(["PATH", "HEARTH_LOG", "HEARTHSTONE"]), []);
  assert.deepEqual(unknownVariables(["HEARTH_LOGS"]), [
    "HEARTH_LOGS (environment): there is no such option; did you mean HEARTH_LOG?",
  ]);
});

Deno.test("a file that is no JSON is refused with the place", () => {
  assert.deepEqual(parseConfigFile("hearth.json", `{\n  "realm": nope\n}`), {
    ok: false,
    problem: "Cannot read the configuration file hearth.json: InvalidSymbol at line 2, column 12.",
  });
  assert.equal(parseConfigFile("hearth.json", "[]").ok, false);
  assert.equal(parseConfigFile("hearth.json", "").ok, false);
});

Deno.test("the router is auto, off or an IPv4 address; STUN servers have port 3478 unless they say", () => {
  assert.deepEqual([load({}).router, load({}).checkStun], ["auto", []]);
  assert.equal(load({ env: { HEARTH_ROUTER: "192.168.1.1" } }).router, "192.168.1.1");
  assert.match(problems({ env: { HEARTH_ROUTER: "on" } }).join(), /HEARTH_ROUTER.*"on".*IPv4/);
  assert.deepEqual(load({ env: { HEARTH_CHECK_STUN: "stun.example,192.0.2.1:3479" } }).checkStun, [
    { hostname: "stun.example", port: 3478 },
    { hostname: "192.0.2.1", port: 3479 },
  ]);
  for (const wrong of ["stun.example:0", "stun.example:70000", "stun:stun.example", ":3478"]) {
    assert.equal(problems({ env: { HEARTH_CHECK_STUN: wrong } }).length, 1, wrong);
  }
});
