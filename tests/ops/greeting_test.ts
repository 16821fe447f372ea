import assert from "node:assert/strict";
import { greeting, type GreetingFacts } from "../../ops/mod.ts";

const plain: GreetingFacts = {
  version: "0.1.0",
  http: { host: "0.0.0.0", port: 8080 },
  lanIps: ["192.168.1.5", "fd00::5"],
  turn: { port: 3478, externalIps: ["203.0.113.7"], engine: "native", users: 0 },
  auth: "open",
  accounts: 2,
  limits: "on",
  dataDir: "/home/ada/.local/share/hearth",
  addUser: "deno task user add NAME",
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

Deno.test("an address listened on is the one to open, and so is a public name", () => {
  const http = { host: "::1", port: 80, publicHost: "game.example" };
  const lines = greeting({ ...plain, http }).join("\n");
  assert.match(lines, /http:\/\/\[::1\]:80\n.*http:\/\/game\.example:80 {2}from outside/);
  assert.doesNotMatch(lines, /localhost|192\.168/);
});

Deno.test("listening on all of IPv6 names IPv6 addresses too", () => {
  const lines = greeting({ ...plain, http: { host: "::", port: 8080 } }).join("\n");
  assert.match(lines, /http:\/\/\[fd00::5\]:8080/);
});

function warnings(facts: Partial<GreetingFacts>): string[] {
  return greeting({ ...plain, ...facts }).filter((line) => line.includes("WARNING"));
}

Deno.test("a relay address that is private, shared by a carrier, or missing is warned of", () => {
  for (const ip of ["192.168.1.5", "10.0.0.1", "100.64.0.1", "fd00::5"]) {
    const turn = { ...plain.turn, externalIps: [ip] };
    const [warning = ""] = warnings({ turn });
    assert(warning.includes(ip) && warning.includes("HEARTH_EXTERNAL_IP"), warning);
  }
  assert.match(warnings({ turn: { ...plain.turn, externalIps: [] } }).join(), /knows no address/);
});

Deno.test("each setting that a stranger could profit from, or nobody could, has its loud line", () => {
  assert.deepEqual(warnings({}), []);
  assert.match(warnings({ limits: "off" }).join(), /NO RATE LIMITS/);
  assert.match(warnings({ turn: { ...plain.turn, users: 1 } }).join(), /HEARTH_TURN_USERS sets 1/);
  assert.match(warnings({ turn: { ...plain.turn, engine: "node-turn" } }).join(), /no TCP/);
  assert.match(warnings({ auth: "required", accounts: 0 }).join(), /nobody can join/);
  assert.deepEqual(warnings({ auth: "required", accounts: 1 }), []);
});
