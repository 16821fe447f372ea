/** Clients that nobody here wrote, against the running server. */
import { equal, match, ok } from "node:assert/strict";
import { lacks } from "../support/needs.ts";
import { addUser, freePort, startServer } from "../support/server.ts";

/** Ways through the relay, each with a TURN user of its own so that no quota is shared. */
const WAYS = [
  { name: "udp-channels", flags: ["-y"] },
  { name: "udp-send", flags: ["-y", "-s"] },
  { name: "tcp-channels", flags: ["-y", "-t"] },
  { name: "tcp-send", flags: ["-y", "-t", "-s"] },
  { name: "udp-channels-to-a-peer", flags: [], peer: true },
  { name: "udp-send-to-a-peer", flags: ["-s"], peer: true },
];
const MESSAGES = 50;
const PASSWORD = "tool-password";

/** Runs a tool, which hangs without a working path, for a minute at most. */
async function run(command: string, args: readonly string[]) {
  const { code, stdout, stderr } = await new Deno.Command("timeout", {
    args: ["60", command, ...args],
  }).output();
  return { code, output: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

Deno.test({
  name: "turnutils_uclient loses no message over UDP and TCP, by channels and by Send",
  ignore: lacks("coturn"),
  async fn() {
    await using server = await startServer({
      env: {
        HEARTH_TURN_USERS: WAYS.map(({ name }) => `${name}:${PASSWORD}`).join(","),
        // The tool's own peer listens on loopback, where nothing is relayed to by default.
        HEARTH_PEER_ALLOW: "127.0.0.0/8",
      },
    });
    const peerPort = await freePort();
    const peer = new Deno.Command("turnutils_peer", {
      args: ["-L", "127.0.0.1", "-p", `${peerPort}`],
      stdout: "null",
      stderr: "null",
    }).spawn();
    try {
      await Promise.all(WAYS.map(async ({ name, flags, peer }) => {
        const towards = peer ? ["-e", "127.0.0.1", "-r", `${peerPort}`] : [];
        const { code, output } = await run("turnutils_uclient", [
          ...[...flags, ...towards, "-u", name, "-w", PASSWORD],
          ...["-p", `${server.turnPort}`, "-n", `${MESSAGES}`, "-m", "1", "127.0.0.1"],
        ]);
        equal(code, 0, `${name}: ${output}`);
        match(output, /Total lost packets 0 \(/, `${name}: ${output}`);
        // It reports as it goes; the last report counts.
        const reports = [...output.matchAll(/tot_send_msgs=(\d+), tot_recv_msgs=(\d+)/g)];
        const [, sent, received] = reports.at(-1) ?? [];
        ok(Number(sent) >= MESSAGES, `${name}: ${output}`);
        equal(received, sent, `${name}: ${output}`);
      }));
    } finally {
      peer.kill("SIGKILL");
      await peer.status;
    }
  },
});

Deno.test({
  name: "turnutils_uclient with a wrong password gets nothing",
  ignore: lacks("coturn"),
  async fn() {
    await using server = await startServer();
    const { output } = await run("turnutils_uclient", [
      ...["-y", "-u", "tester", "-w", "wrong", "-p", `${server.turnPort}`, "-n", "1", "127.0.0.1"],
    ]);
    match(output, /401|Cannot complete Allocation/);
  },
});

Deno.test({
  name: "turnutils_stunclient learns its address",
  ignore: lacks("coturn"),
  async fn() {
    await using server = await startServer();
    const { code, output } = await run("turnutils_stunclient", [
      ...["-p", `${server.turnPort}`, "127.0.0.1"],
    ]);
    equal(code, 0, output);
    match(output, /UDP reflexive addr: 127\.0\.0\.1:\d+/);
  },
});

Deno.test({
  name: "curl gets a token that opens /api/me, and 401 for a wrong password",
  ignore: lacks("curl"),
  async fn() {
    const dataDir = await Deno.makeTempDir({ prefix: "hearth-test-" });
    try {
      const account = { login: "alice", password: "correct horse battery staple" };
      await addUser(dataDir, account);
      await using server = await startServer({ dataDir });
      const url = `http://127.0.0.1:${server.httpPort}`;
      const post = (body: unknown) =>
        run("curl", [
          ...["-s", "-H", "content-type: application/json", "-d", JSON.stringify(body)],
          ...["-w", "\n%{http_code}", `${url}/api/login`],
        ]);
      const [body = "", status] = (await post(account)).output.split("\n");
      equal(status, "200", body);
      const { token, user } = JSON.parse(body);
      const me = await run("curl", ["-s", "-H", `authorization: Bearer ${token}`, `${url}/api/me`]);
      equal(JSON.stringify(JSON.parse(me.output).user), JSON.stringify(user));
      match((await post({ ...account, password: "wrong" })).output, /\n401$/);
    } finally {
      await Deno.remove(dataDir, { recursive: true });
    }
  },
});
