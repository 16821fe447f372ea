import { deepEqual, equal, rejects } from "node:assert/strict";
import { NODE_TURN_DEFECTS } from "../../../turn/engines/node_turn_defects.ts";
import { start } from "../../../turn/mod.ts";
import { timeLimitedCredential } from "../../support/turn_client.ts";
import { SECRET, testConfig } from "./config.ts";
import { bytesOf, RealClient, RealPeer, textOf } from "./real_client.ts";

const inAnHour = () => Math.floor(Date.now() / 1_000) + 3_600;

function startNodeTurn(changes = {}) {
  const handle = start(testConfig({ engine: "node-turn", ...changes }));
  return { handle, [Symbol.asyncDispose]: () => handle.close() };
}

Deno.test("node-turn relays what Send indications carry, in the worker, and names its defects", async () => {
  await using relay = startNodeTurn();
  const { port, tcp, remarks } = await relay.handle.ready;
  deepEqual(remarks, NODE_TURN_DEFECTS);
  deepEqual(tcp, []);
  await using client = RealClient.udp(port);
  using peer = new RealPeer();
  const relayed = await client.allocate();
  await client.permit(peer.address);
  client.turn.send(peer.address, bytesOf("hello"));
  client.flush();
  deepEqual(await peer.receive(), { text: "hello", from: relayed });
  await peer.send("and back", relayed);
  equal(textOf((await client.next("data")).data), "and back");
  equal((await relay.handle.stats()).allocations, 1);
});

Deno.test("node-turn takes time-limited credentials until they are revoked, and no others", async () => {
  await using relay = startNodeTurn({ credentialSeconds: 3_600 });
  const { port } = await relay.handle.ready;
  const alice = timeLimitedCredential(SECRET, "alice", inAnHour());
  await using client = RealClient.udp(port, alice);
  await client.allocate();
  equal(await relay.handle.revoke("alice"), 1);
  equal((await relay.handle.stats()).allocations, 0);
  const bad = [
    alice,
    timeLimitedCredential(SECRET, "bob", inAnHour() - 3_601),
    timeLimitedCredential("another secret", "bob", inAnHour()),
    // What a plain object would have.
    { username: "constructor", password: "x" },
  ];
  for (const credentials of bad) {
    await using refused = RealClient.udp(port, credentials);
    refused.turn.allocate(performance.now());
    equal((await refused.next("failed")).code, 401, credentials.username);
  }
});

Deno.test("node-turn drains", async () => {
  await using relay = startNodeTurn();
  const { port } = await relay.handle.ready;
  await relay.handle.drain();
  await using client = RealClient.udp(port);
  client.turn.allocate(performance.now());
  equal((await client.next("failed")).code, 486);
});

Deno.test("node-turn fails with what to do where its port is taken or the host is IPv6", async () => {
  const taken = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr as Deno.NetAddr;
  await using relay = startNodeTurn({ port });
  await rejects(relay.handle.ready, new RegExp(`127.0.0.1:${port} \\(UDP\\).*HEARTH_TURN_PORT`));
  taken.close();
  await using other = startNodeTurn({ hosts: ["::1"] });
  await rejects(other.handle.ready, /no IPv6.*HEARTH_TURN_HOST/);
});
