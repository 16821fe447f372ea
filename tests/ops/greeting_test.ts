import assert from "node:assert/strict";
import { greeting, type GreetingFacts } from "../../ops/mod.ts";

const plain: GreetingFacts = {
  version: "0.1.0",
  program: "deno task",
  http: { host: "0.0.0.0", trustedProxies: [] },
  httpPort: 8080,
  tlsPort: undefined,
  lanIps: ["192.168.1.5", "fd00::5"],
  turn: { users: [] },
  turnPort: 3478,
  asksRouter: false,
  relayRemarks: [],
  addressWarnings: [],
  machineWarnings: [],
  auth: { mode: "open" },
  accounts: 2,
  limits: "on",
  dataDir: "/home/ada/.local/share/hearth",
};

Deno.test("an ordinary start says where to go, where data lies, who may play, and warns of nothing", () => {
  assert.deepEqual(greeting(plain), [
    "Hearth 0.1.0",
    "",
    "  Open     http://localhost:8080  on this machine",
    "           http://192.168.1.5:8080  on your network",
    "  Data     /home/ada/.local/share/hearth",
    "  Players  anybody may join (2 accounts; HEARTH_AUTH=required asks for one). To add one: deno task user add NAME",
    "           from your network: nothing to do; from outside: forward 8080/tcp, 3478/udp and 3478/tcp on the router to this machine",
  ]);
});

Deno.test("where the router is asked, nothing is left to do by hand", () => {
  const lines = greeting({ ...plain, asksRouter: true }).join("\n");
  assert.match(lines, /from outside: your router is asked to forward 8080\/tcp, 3478\/udp and/);
});

Deno.test("an address listened on is the one to open, and so is a public name", () => {
  const http = { host: "::1", publicHost: "game.example", trustedProxies: [] };
  const lines = greeting({ ...plain, http, httpPort: 80 }).join("\n");
  assert.match(lines, /http:\/\/\[::1\]:80\n.*http:\/\/game\.example:80 {2}from outside/);
  assert.doesNotMatch(lines, /localhost|192\.168/);
});

Deno.test("with a certificate the public name is opened by https, and its port is forwarded too", () => {
  const http = { host: "0.0.0.0", publicHost: "game.example", trustedProxies: [] };
  const usual = greeting({ ...plain, http, tlsPort: 443 }).join("\n");
  assert.match(usual, /https:\/\/game\.example {2}from outside/);
  assert.match(usual, /forward 443\/tcp, 8080\/tcp/);
  assert.match(
    greeting({ ...plain, http, tlsPort: 8443 }).join("\n"),
    /https:\/\/game\.example:8443 /,
  );
});

Deno.test("behind a proxy the public name is opened by https at its usual port, which is the proxy's", () => {
  const trustedProxies = ["127.0.0.1/32"];
  const http = { host: "127.0.0.1", publicHost: "game.example", trustedProxies };
  const lines = greeting({ ...plain, http }).join("\n");
  assert.match(lines, /^ +https:\/\/game\.example {2}from outside, by your proxy$/m);
  assert.doesNotMatch(lines, /http:\/\/game\.example/);
  assert.match(
    lines,
    /forward 3478\/udp and 3478\/tcp on the router to this machine; your proxy's/,
  );
  // It has TLS of its own as well, for TURN beside the proxy.
  assert.match(
    greeting({ ...plain, http, tlsPort: 5349 }).join("\n"),
    /forward 5349\/tcp, 3478\/udp/,
  );
});

Deno.test("listening on all of IPv6 names IPv6 addresses too", () => {
  const lines = greeting({ ...plain, http: { host: "::", trustedProxies: [] } }).join("\n");
  assert.match(lines, /http:\/\/\[fd00::5\]:8080/);
});

function warnings(facts: Partial<GreetingFacts>): string[] {
  return greeting({ ...plain, ...facts }).filter((line) => line.includes("WARNING"));
}

Deno.test("what the relay remarks is passed on as a warning", () => {
  assert.match(
    warnings({ relayRemarks: ["10.0.0.1 is private."] }).join(),
    /10\.0\.0\.1 is private/,
  );
});

Deno.test("what a check of this machine found is a warning", () => {
  const machineWarnings = ["The clock is wrong."];
  assert.match(warnings({ machineWarnings }).join(), /The clock is wrong/);
});

Deno.test("what an address will not do is a warning", () => {
  const addressWarnings = [{ message: "Players outside cannot reach 10.0.0.1." }];
  assert.match(warnings({ addressWarnings }).join(), /outside cannot reach 10\.0\.0\.1/);
});

Deno.test("each setting that a stranger could profit from, or nobody could, has its loud line", () => {
  assert.deepEqual(warnings({}), []);
  assert.match(warnings({ limits: "off" }).join(), /NO RATE LIMITS/);
  assert.match(warnings({ turn: { users: ["tester"] } }).join(), /HEARTH_TURN_USERS sets 1/);
  assert.match(warnings({ auth: { mode: "required" }, accounts: 0 }).join(), /nobody can join/);
  assert.deepEqual(warnings({ auth: { mode: "required" }, accounts: 1 }), []);
});
