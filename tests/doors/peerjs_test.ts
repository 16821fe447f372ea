/** The PeerJS door over real sockets, as any client of the protocol meets it. */
import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { MockPeer } from "../support/mock_peer.ts";
import { serve, type TestServer } from "../signaling/server.ts";

const PAYLOAD = { connectionId: "dc_1", type: "data" };

function address(server: TestServer, id: string, token = "t", path = "/peerjs/peerjs"): string {
  return `ws://127.0.0.1:${server.port}${path}?key=peerjs&id=${id}&token=${token}&version=1.5.5`;
}

async function open(server: TestServer, id: string, token?: string): Promise<MockPeer> {
  const peer = await MockPeer.connect(address(server, id, token));
  equal((await peer.next()).text, '{"type":"OPEN"}');
  return peer;
}

async function get(server: TestServer, path: string, init: RequestInit = {}) {
  const answer = await fetch(`http://127.0.0.1:${server.port}${path}`, init);
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}

Deno.test("two plain clients exchange OFFER, ANSWER and CANDIDATE", async () => {
  await using server = serve();
  const [alice, bob] = [await open(server, "alice"), await open(server, "bob", "u")];
  alice.send({ type: "OFFER", dst: "bob", payload: PAYLOAD });
  const offer = await bob.next();
  deepEqual([offer.type, offer.src, offer.dst, offer.payload], ["OFFER", "alice", "bob", PAYLOAD]);
  bob.send({ type: "ANSWER", dst: "alice", payload: PAYLOAD });
  bob.send({ type: "CANDIDATE", dst: "alice", payload: PAYLOAD });
  deepEqual([(await alice.next()).type, (await alice.next()).type], ["ANSWER", "CANDIDATE"]);
  const taken = await MockPeer.connect(address(server, "bob", "other"));
  equal((await taken.next()).text, '{"type":"ID-TAKEN","payload":{"msg":"ID is taken"}}');
  equal((await taken.closed).code, 1000);
});

Deno.test("alive after every junk frame", async () => {
  await using server = serve();
  const alice = await open(server, "alice");
  const junk = ["null", "1", "{", "", "[]", new Uint8Array([0xff]), "x".repeat(100_000)];
  for (const frame of junk) alice.send(frame);
  alice.send({ type: "OFFER", dst: "alice", payload: PAYLOAD });
  equal((await alice.next()).src, "alice");
  deepEqual(server.signaling.stats().faultsByCode, {
    "bad-message": 4,
    "bad-json": 2,
    "too-large": 1,
  });
  deepEqual(server.events.filter(({ kind }) => kind === "failed"), []);
});

Deno.test("the driver's timer ends the waiting for an absent peer", async () => {
  await using server = serve();
  const alice = await open(server, "alice");
  alice.send({ type: "OFFER", dst: "nobody", payload: PAYLOAD });
  // It takes 5 s, after which a mock peer gives up as well.
  const expired = await alice.next().catch(() => alice.next());
  equal(expired.text, '{"type":"EXPIRE","src":"nobody","dst":"alice"}');
});

Deno.test("GET {path}, {path}/{key}/id and {path}/{key}/peers", async () => {
  await using server = serve();
  for (const path of ["/peerjs", "/peerjs/"]) {
    const info = await get(server, path);
    equal(info.status, 200);
    deepEqual(Object.keys(JSON.parse(info.text)), ["name", "description", "website"]);
  }
  const ids = [];
  for (const path of ["/peerjs/peerjs/id?ts=1&version=1.5.5", "/peerjs/my-key/id", "/peerjs/id"]) {
    const id = await get(server, path);
    match(id.headers.get("content-type") ?? "", /^text\/html/);
    match(id.text, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    ids.push(id.text);
  }
  equal(new Set(ids).size, 3);
  equal((await get(server, "/peerjs/peerjs/peers")).status, 401);
  const post = await get(server, "/peerjs/peerjs/id", { method: "POST" });
  deepEqual([post.status, post.headers.get("allow")], [405, "GET, HEAD"]);
  equal((await get(server, "/peerjs/peerjs")).status, 426);
  equal((await get(server, "/elsewhere")).status, 404);
});

Deno.test("ids are listed where discovery is on, but never where a login is needed", async () => {
  const doors = { peerjs: { path: "/peerjs", discovery: true } };
  await using server = serve({ doors });
  await open(server, "alice");
  deepEqual(JSON.parse((await get(server, "/peerjs/any/peers")).text), ["alice"]);
  await using closed = serve({ doors, auth: "required" });
  const refused = await get(closed, "/peerjs/any/peers");
  deepEqual([refused.status, JSON.parse(refused.text).error.code], [401, "unauthorized"]);
});

Deno.test("a path of its own, the root, and no door", async () => {
  await using own = serve({ doors: { peerjs: { path: "/my/game/", discovery: false } } });
  equal((await get(own, "/my/game/peerjs/id")).status, 200);
  await MockPeer.connect(address(own, "a", "t", "/my/game/peerjs"));
  for (const path of ["/peerjs/id", "/peerjs/peerjs/id", "/my/game/id"]) {
    equal((await get(own, path)).status, 404, path);
  }
  await using root = serve({ doors: { peerjs: { path: "/", discovery: false } } });
  equal((await get(root, "/peerjs/id")).status, 200);
  await MockPeer.connect(address(root, "a", "t", "/peerjs"));
  equal((await get(root, "/")).status, 404); // For the page that is there.
  await using none = serve({ doors: {} });
  equal((await get(none, "/peerjs/peerjs/id")).status, 404);
  await rejects(MockPeer.connect(address(none, "a")));
});

Deno.test("a client that names no path finds the door at the usual one", async () => {
  await using server = serve();
  equal((await get(server, "/peerjs/id")).status, 200);
  const peer = await MockPeer.connect(address(server, "a", "t", "/peerjs"));
  equal((await peer.next()).type, "OPEN");
});

Deno.test("pages of any origin where none is listed; of those listed and its own otherwise", async () => {
  const game = { origin: "https://game.example" };
  const evil = { origin: "https://evil.example" };
  await using any = serve();
  const id = await get(any, "/peerjs/peerjs/id", { headers: game });
  equal(id.headers.get("access-control-allow-origin"), game.origin);
  await MockPeer.connect(address(any, "a"), { headers: game });

  await using listed = serve({ origins: [game.origin] });
  const own = { origin: `http://127.0.0.1:${listed.port}` };
  for (const headers of [game, own]) {
    const id = await get(listed, "/peerjs/peerjs/id", { headers });
    equal(id.headers.get("access-control-allow-origin"), headers.origin);
    await MockPeer.connect(address(listed, headers.origin.slice(8, 9)), { headers });
  }
  const refused = await get(listed, "/peerjs/peerjs/id", { headers: evil });
  equal(refused.headers.get("access-control-allow-origin"), null);
  await rejects(MockPeer.connect(address(listed, "b"), { headers: evil }));
});

Deno.test("where a login is needed, it is the token of the client's options", async () => {
  await using server = serve({ auth: "required" });
  const guest = await MockPeer.connect(address(server, "alice", "anything"));
  equal((await guest.next()).payload.msg, "The token is not valid.");
  equal((await guest.closed).code, 4000);
  const alice = await open(server, "alice", "good.alice");
  equal(server.signaling.disconnect("user.alice", "disconnected", "You logged out."), 1);
  equal((await alice.next("ERROR")).payload.msg, "You logged out.");
});

Deno.test("in an open server, a token that looks like an old login is only a token", async () => {
  await using server = serve();
  await open(server, "alice", "old.alice");
});

Deno.test("connections are counted together with all others", async () => {
  await using server = serve({ limits: { connectionsPerAddress: 2 } });
  const alice = await open(server, "alice");
  await MockPeer.connect(server.url);
  await rejects(MockPeer.connect(address(server, "bob")));
  await alice.close();
  await open(server, "bob");
  equal(server.signaling.stats().connections, 2);
});

Deno.test("drain ends the connections of the door", async () => {
  await using server = serve();
  const alice = await open(server, "alice");
  server.signaling.drain(1);
  equal((await alice.closed).code, 4007);
  await rejects(MockPeer.connect(address(server, "bob")));
});
