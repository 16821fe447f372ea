/** Credentials end sessions: the whole engine in this thread, over real sockets on loopback. */
import { deepEqual, equal, ok } from "node:assert/strict";
import type { TurnConfig } from "../../../turn/config.ts";
import type { ReleaseReason } from "../../../turn/core/mod.ts";
import { openEngine } from "../../../turn/engines/mod.ts";
import { timeLimitedCredential } from "../../support/turn_client.ts";
import { SECRET, testConfig } from "./config.ts";
import { bytesOf, RealClient, RealPeer, textOf } from "./real_client.ts";

const CREDENTIAL_SECONDS = 600;
const USER = "user.ada";

async function openTest(changes: Partial<TurnConfig> = {}) {
  const released = Promise.withResolvers<ReleaseReason>();
  const config = testConfig({ credentialSeconds: CREDENTIAL_SECONDS, ...changes });
  const opening = await openEngine(config, (event) => {
    if (event.kind === "released") released.resolve(event.reason);
  });
  if (opening.kind === "unable") throw new Error(opening.reason);
  const { engine } = opening;
  return {
    engine,
    port: engine.listening.port,
    released: released.promise,
    [Symbol.asyncDispose]: () => engine.close(),
  };
}

const unixNow = () => Date.now() / 1_000;
const credential = (expiry: number) => timeLimitedCredential(SECRET, `${USER}/ABCD`, expiry);

const CONNECT = {
  UDP: (port: number, expiry: number) => Promise.resolve(RealClient.udp(port, credential(expiry))),
  TCP: (port: number, expiry: number) => RealClient.tcp(port, undefined, credential(expiry)),
} as const;

for (const [transport, connect] of Object.entries(CONNECT)) {
  Deno.test(`${transport}: an allocation ends with its credential, however it is refreshed`, async () => {
    await using server = await openTest();
    const { engine, port } = server;
    using peer = new RealPeer();
    const expiry = Math.ceil(unixNow()) + 1;
    await using client = await connect(port, expiry);
    client.turn.allocate(performance.now());
    const { lifetime, relayed } = await client.next("allocated");
    ok(lifetime <= 2, `a lifetime of ${lifetime} s`);
    await client.permit(peer.address);
    client.turn.refresh(performance.now(), 3_600);
    ok((await client.next("refreshed")).lifetime <= 2);
    client.turn.send(peer.address, bytesOf("while it holds"));
    client.flush();
    deepEqual(await peer.receive(), { text: "while it holds", from: relayed });

    equal(await server.released, "credential-expired");
    ok(unixNow() >= expiry, "and not before");
    equal(engine.stats().allocations, 0);
    equal(engine.stats().relaySockets, 0);
    client.turn.refresh(performance.now());
    equal((await client.next("failed")).code, 401);
  });

  Deno.test(`${transport}: a revoked user has nothing any more, at once, nor a way back`, async () => {
    await using server = await openTest();
    const { engine, port } = server;
    using peer = new RealPeer();
    const expiry = Math.floor(unixNow()) + CREDENTIAL_SECONDS;
    await using client = await connect(port, expiry);
    await using friend = RealClient.udp(port);
    const relayed = await client.allocate();
    const toFriend = await friend.allocate();
    await client.permit(peer.address);
    await friend.permit(peer.address);
    await peer.send("before", relayed);
    equal(textOf((await client.next("data")).data), "before");

    equal(engine.revoke(USER, Date.now()), 1);
    equal(await server.released, "revoked");
    const { allocations, relaySockets, allocated } = engine.stats();
    deepEqual([allocations, relaySockets, allocated], [1, 1, 2], "only the friend's is left");
    await peer.send("to nobody", relayed).catch(() => {});
    await peer.send("to the friend", toFriend);
    equal(textOf((await friend.next("data")).data), "to the friend");

    if (transport === "TCP") await client.ended;
    await using again = await connect(port, expiry);
    again.turn.allocate(performance.now());
    equal((await again.next("failed")).code, 401, "its credential is refused");
    await using anew = await connect(port, expiry + 60);
    await anew.allocate();
  });
}
