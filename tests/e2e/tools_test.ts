/** Clients that nobody here wrote, against the running server. */
import { equal, match } from "node:assert/strict";
import { lacks } from "../support/needs.ts";
import { addUser, startServer, TURN_USER } from "../support/server.ts";

/** Runs a tool, which hangs without a working path, for a minute at most. */
async function run(command: string, args: readonly string[]) {
  const { code, stdout, stderr } = await new Deno.Command("timeout", {
    args: ["60", command, ...args],
  }).output();
  return { code, output: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

// Every mode of the tool is tried in tests/interop; here the program's own configuration is.
Deno.test({
  name: "turnutils_uclient relays as a user of HEARTH_TURN_USERS, over UDP and TCP",
  ignore: lacks("coturn"),
  async fn() {
    await using server = await startServer();
    await Promise.all([[], ["-t"]].map(async (flags) => {
      const { output } = await run("turnutils_uclient", [
        ...["-y", "-s", ...flags, "-u", TURN_USER.name, "-w", TURN_USER.password],
        ...["-p", `${server.turnPort}`, "-n", "20", "127.0.0.1"],
      ]);
      match(output, /tot_send_msgs=80, tot_recv_msgs=80\b/);
    }));
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
