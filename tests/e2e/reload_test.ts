import { deepEqual, equal, match } from "node:assert/strict";
import { type RunningServer, startServer, TURN_USER } from "../support/server.ts";
import { bytesOf, RealClient, RealPeer } from "../turn/io/real_client.ts";

/** A server with a configuration file in its data folder. */
async function startWithFile(values: object) {
  const dataDir = await Deno.makeTempDir({ prefix: "hearth-test-" });
  const file = `${dataDir}/hearth.json`;
  const write = (values: object) => Deno.writeTextFile(file, JSON.stringify(values));
  await write(values);
  const server = await startServer({ dataDir, args: ["--config", file] });
  return {
    server,
    dataDir,
    /** Resolves when the log has the line that answers this reload. */
    async reload(values: object, line: RegExp): Promise<void> {
      await write(values);
      server.signal("SIGHUP");
      await server.logged(line);
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await Deno.remove(dataDir, { recursive: true });
    },
  };
}

/** TURN's username and password, as a guest is given them. */
async function credential({ httpPort }: RunningServer) {
  const { iceServers } = await (await fetch(`http://127.0.0.1:${httpPort}/api/ice`)).json();
  const [, { username, credential: password }] = iceServers;
  return { username, password };
}

async function status({ httpPort }: RunningServer, path: string, init?: RequestInit) {
  const answer = await fetch(`http://127.0.0.1:${httpPort}${path}`, init);
  await answer.body?.cancel();
  return answer.status;
}

const TESTER = { username: TURN_USER.name, password: TURN_USER.password };

Deno.test("At SIGHUP the server reads its configuration again, says so, and goes on", async () => {
  await using server = await startServer();
  server.signal("SIGHUP");
  await server.logged(/"message":"reloaded"/);
  match(server.log(), /"logger":"hearth\.config","live":\[\]/);
  const answer = await fetch(`http://127.0.0.1:${server.httpPort}/readyz`);
  match(await answer.text(), /"ready":true/);
});

Deno.test("SIGHUP: limits and peer ranges change, and who plays goes on", async () => {
  await using host = await startWithFile({ peerAllow: "127.0.0.0/8" });
  const { server } = host;
  await using client = RealClient.udp(server.turnPort, TESTER);
  using peer = new RealPeer();
  await client.allocate();
  await client.bind(0x4000, peer.address);
  const say = (text: string) => {
    client.turn.sendOnChannel(0x4000, bytesOf(text));
    client.flush();
  };
  say("before");
  equal((await peer.receive()).text, "before");

  await host.reload(
    { peerAllow: "127.0.0.0/8", turnAllocationsPerUser: 1, turnPort: 1, realm: "else" },
    /"live":\["HEARTH_TURN_ALLOCATIONS_PER_USER"\]/,
  );
  await server.logged(/"message":"HEARTH_REALM needs a restart"/);
  equal(server.log().includes("HEARTH_TURN_PORT needs"), false, "the environment sets it");
  say("after");
  equal((await peer.receive()).text, "after");
  await using second = RealClient.udp(server.turnPort, TESTER);
  second.turn.allocate(performance.now());
  equal((await second.next("failed")).code, 486);

  await host.reload(
    { peerAllow: "127.0.0.0/8", peerDeny: "127.0.0.1/32" },
    /"live":\["HEARTH_PEER_DENY","HEARTH_TURN_ALLOCATIONS_PER_USER"\]/,
  );
  client.turn.bind(0x4000, peer.address, performance.now());
  equal((await client.next("failed")).code, 403);
  await second.allocate();
});

Deno.test("SIGHUP: a new secret signs, and the old one verifies what it signed", async () => {
  await using host = await startWithFile({ turnSecret: "the old secret" });
  const { server } = host;
  const before = await credential(server);
  await host.reload({ turnSecret: "the new secret" }, /"live":\["HEARTH_TURN_SECRET"\]/);
  const after = await credential(server);
  for (const one of [before, after]) {
    await using client = RealClient.udp(server.turnPort, one);
    await client.allocate();
  }
  await Deno.writeTextFile(`${host.dataDir}/turn.secret`, "a secret of the folder\n", {
    mode: 0o600,
  });
  await host.reload({ log: "debug" }, /"live":\["HEARTH_TURN_SECRET","HEARTH_LOG"\]/);
  await using client = RealClient.udp(server.turnPort, after);
  await client.allocate();
  equal(/the (old|new) secret|secret of the folder/.test(server.log()), false);
});

Deno.test("SIGHUP: who may register, and from which pages; a mistake keeps all of it", async () => {
  await using host = await startWithFile({});
  const { server } = host;
  const register = () =>
    status(server, "/api/register", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ login: "al", password: "x" }),
    });
  const origin = "https://game.example";
  const asPage = () => status(server, "/ws", { headers: { origin, upgrade: "websocket" } });
  deepEqual([await register(), await asPage()], [403, 403]);
  await host.reload(
    { registration: "open", origins: [origin] },
    /"live":\["HEARTH_ORIGINS","HEARTH_REGISTRATION"\]/,
  );
  const now = [await register(), await asPage()];
  deepEqual(now.map((code) => code === 403), [false, false]);

  await host.reload({ registration: "closed", turnAllocations: "many" }, /"reload-refused"/);
  match(server.log(), /turnAllocations \(.*hearth\.json\): \\"many\\" is not right; give/);
  deepEqual([await register(), await asPage()], now);
});
