import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { SUBPROTOCOL } from "../../signaling/mod.ts";
import { setImmediate as turn } from "node:timers/promises";
import { MockPeer } from "../support/mock_peer.ts";
import { authenticate, serve } from "./server.ts";

const OFFER = { type: "offer", sdp: "v=0\r\n…" };

Deno.test("two plain clients exchange offer, answer and candidate", async () => {
  await using server = serve();
  const [alice, joined] = await MockPeer.join(server.url, "ABCD", "alice");
  deepEqual([joined.room, joined.id, joined.peers, joined.seq], ["ABCD", "alice", [], 1]);
  deepEqual(joined.iceServers, [
    { urls: "turn:127.0.0.1:3478", username: "guest.ABCD.alice", credential: "secret" },
  ]);
  const [bob, bobJoined] = await MockPeer.join(server.url, "ABCD", "bob");
  deepEqual(bobJoined.peers, [{ id: "alice", polite: false }]);
  const arrival = await alice.next();
  equal(arrival.text, '{"type":"peer-joined","id":"bob","polite":true,"seq":2}');

  alice.send({ type: "offer", to: "bob", payload: OFFER });
  const offer = await bob.next("offer");
  deepEqual([offer.from, offer.to, offer.payload, offer.seq], ["alice", "bob", OFFER, 2]);
  bob.send({ type: "answer", to: "alice", payload: { sdp: "…" } });
  bob.send({ type: "candidate", to: "alice", payload: { candidate: "candidate:1 …" } });
  deepEqual([(await alice.next()).type, (await alice.next()).type], ["answer", "candidate"]);

  await bob.close();
  deepEqual((await alice.next()).text, '{"type":"peer-left","id":"bob","reason":"left","seq":5}');
  await alice.close();
});

Deno.test("the query joins as the message does", async () => {
  await using server = serve();
  const alice = await MockPeer.connect(`${server.url}?room=ABCD&id=alice`);
  const { room, id } = await alice.next("joined");
  deepEqual([room, id], ["ABCD", "alice"]);
  const nameless = await MockPeer.connect(`${server.url}?id=bob`);
  match((await nameless.next("error")).message, /`room` is missing/);
});

Deno.test("binary relay reaches one peer, or everybody else, with sender and seq", async () => {
  await using server = serve();
  const [alice] = await MockPeer.join(server.url, "ABCD", "alice");
  const [bob] = await MockPeer.join(server.url, "ABCD", "bob");
  alice.send(new Uint8Array([3, ...new TextEncoder().encode("bob"), 1, 2, 3]));
  const frame = [0, 0, 0, 0, 0, 0, 0, 2, 5, ...new TextEncoder().encode("alice"), 1, 2, 3];
  deepEqual([...(await bob.next("binary")).bytes], frame);
  alice.send(new Uint8Array([0, 9]));
  equal((await bob.next("binary")).bytes.at(-1), 9);
});

Deno.test("a plain GET is answered 426 with what to do; another method 405", async () => {
  await using server = serve();
  const http = server.url.replace("ws:", "http:");
  const get = await fetch(http);
  equal(get.status, 426);
  equal(get.headers.get("upgrade"), "websocket");
  const { error } = await get.json();
  equal(error.code, "upgrade-required");
  match(error.message, /new WebSocket\("ws:\/\/127\.0\.0\.1:\d+\/ws"\)/);
  const post = await fetch(http, { method: "POST", body: "x" });
  deepEqual([post.status, post.headers.get("allow")], [405, "GET"]);
  await post.body?.cancel();
});

/** Asks for a WebSocket, with these headers. */
async function shakeHands(port: number, headers: Record<string, string>, path: string) {
  const connection = await Deno.connect({ port });
  const lines = Object.entries({
    host: `127.0.0.1:${port}`,
    upgrade: "websocket",
    connection: "upgrade, close",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    ...headers,
  }).map(([key, value]) => `${key}: ${value}\r\n`).join("");
  await connection.write(new TextEncoder().encode(`GET ${path} HTTP/1.1\r\n${lines}\r\n`));
  return connection;
}

/** The status and code by which a handshake with these headers is refused. */
async function refusal(port: number, headers: Record<string, string>, path = "/ws") {
  const connection = await shakeHands(port, headers, path);
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of connection.readable) {
    text += decoder.decode(chunk, { stream: true });
    if (/\r\n\r\n/.test(text) && (text.includes("}") || text.includes(" 101 "))) break;
  }
  return { status: Number(text.split(" ")[1]), code: text.match(/"code":"([^"]+)"/)?.[1] };
}

Deno.test("Origin: pages of the same host and of the list, and programs without one", async () => {
  await using own = serve();
  const here = `127.0.0.1:${own.port}`;
  equal((await refusal(own.port, { origin: `http://${here}` })).status, 101);
  equal((await refusal(own.port, { origin: `https://${here}` })).status, 101);
  equal((await refusal(own.port, {})).status, 101);
  const refused = { status: 403, code: "origin-refused" };
  deepEqual(await refusal(own.port, { origin: "https://evil.example" }), refused);
  deepEqual(await refusal(own.port, { origin: "http://127.0.0.1:1" }), refused);
  deepEqual(await refusal(own.port, { origin: "null" }), refused);

  await using listed = serve({ origins: ["https://game.example"] });
  equal((await refusal(listed.port, { origin: "https://game.example" })).status, 101);
  deepEqual(await refusal(listed.port, { origin: "http://game.example" }), refused);
  equal((await refusal(listed.port, { origin: `http://127.0.0.1:${listed.port}` })).status, 101);
});

Deno.test("a Host header that is no host name and a broken handshake are refused", async () => {
  await using server = serve();
  for (const host of ["a$b", "a b"]) {
    deepEqual(await refusal(server.port, { host }), { status: 400, code: "bad-host" });
  }
  deepEqual(await refusal(server.port, { connection: "close" }), {
    status: 400,
    code: "bad-handshake",
  });
  equal(server.signaling.stats().connections, 0);
});

Deno.test("connections per address and in all: the last one fits, the next is refused", async () => {
  await using one = serve({ limits: { connectionsPerAddress: 2 } });
  const first = await MockPeer.connect(one.url);
  await MockPeer.connect(one.url);
  deepEqual(await refusal(one.port, {}), { status: 429, code: "too-many-connections" });
  await first.close();
  await MockPeer.connect(one.url);

  await using all = serve({ limits: { connections: 1 } });
  await MockPeer.connect(all.url);
  deepEqual(await refusal(all.port, {}), { status: 503, code: "server-full" });
});

Deno.test("clients that vanish during the handshake free their places", async () => {
  await using server = serve({ limits: { connectionsPerAddress: 4 } });
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 4; i++) equal((await refusal(server.port, {})).status, 101);
    // `refusal` hangs up; a fresh connection is let in as soon as the server has seen that.
    while (server.signaling.stats().connections > 0) await turn();
  }
});

Deno.test("a client that is gone before its login is known frees its place", async () => {
  const [asked, gone] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  await using server = serve({
    async authenticate(token) {
      asked.resolve();
      await gone.promise;
      return authenticate(token);
    },
  });
  const connection = await shakeHands(server.port, {}, "/ws?token=good.alice");
  await asked.promise;
  connection.close();
  // By the time it answers another one, the server has seen that the first is gone.
  for (let i = 0; i < 3; i++) equal((await refusal(server.port, { host: "a b" })).status, 400);
  equal(server.signaling.stats().connections, 1);
  gone.resolve();
  while (server.signaling.stats().connections > 0) {
    await new Promise((resolve) => setImmediate(resolve));
  }
});

Deno.test("a WebSocket that closes twice gives back one place", async () => {
  const { upgradeWebSocket } = Deno;
  const sockets: WebSocket[] = [];
  Deno.upgradeWebSocket = (...args) => {
    const upgrade = upgradeWebSocket(...args);
    sockets.push(upgrade.socket);
    return upgrade;
  };
  await using server = serve();
  const [first] = [await MockPeer.connect(server.url), await MockPeer.connect(server.url)];
  Deno.upgradeWebSocket = upgradeWebSocket;
  await first.close();
  while (server.signaling.stats().connections > 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  sockets[0]?.dispatchEvent(new CloseEvent("close"));
  equal(server.signaling.stats().connections, 1);
});

Deno.test("a token comes as a subprotocol or in the query, and names the player", async () => {
  await using server = serve({ auth: "required" });
  const both = await MockPeer.connect(server.url, {
    protocols: [SUBPROTOCOL, "hearth.token.good.alice"],
  });
  equal(both.socket.protocol, SUBPROTOCOL);
  both.send({ type: "join", room: "ABCD", from: "bob", name: "Bob" });
  equal((await both.next("joined")).id, "@alice");
  const alone = await MockPeer.connect(server.url, { protocols: ["hearth.token.good.bob"] });
  equal(alone.socket.protocol, "hearth.token.good.bob");
  const query = await MockPeer.connect(`${server.url}?token=good.carol&room=ABCD`);
  const joined = await query.next("joined");
  deepEqual(joined.peers, [{ id: "@alice", name: "Name alice", polite: false }]);
});

Deno.test("where a login is needed, a browser can read why it was refused", async () => {
  await using server = serve({ auth: "required" });
  for (
    const [query, code, close] of [
      ["", "unauthorized", 4000],
      ["?token=forged", "unauthorized", 4000],
      ["?token=old.alice", "token-expired", 4001],
    ] as const
  ) {
    const peer = await MockPeer.connect(server.url + query);
    peer.send({ type: "join", room: "ABCD", from: "alice" });
    const bye = await peer.next();
    deepEqual([bye.type, bye.code, bye.reconnect], ["bye", code, false]);
    const closed = await peer.closed;
    deepEqual([closed.code, closed.reason], [close, code]);
  }
  equal(server.signaling.stats().rooms, 0);
});

Deno.test("a frame that is on its way does not keep the close code from its sender", async () => {
  await using server = serve();
  for (let round = 0; round < 5; round++) {
    const alice = await MockPeer.connect(`${server.url}?token=good.alice&room=ABCD`);
    await alice.next("joined");
    alice.send({ type: "ping" });
    server.signaling.disconnect("user.alice", "disconnected", "You logged out.");
    // Longer than the shortest timer: the frame and the close become due in one turn of the loop.
    for (const until = performance.now() + 3; performance.now() < until;);
    equal((await alice.closed).code, 4008);
  }
});

Deno.test("a flood is told to slow down, then cut off", async () => {
  await using server = serve({ limits: { messagesPerSecond: 1, messageBurst: 3 } });
  const peer = await MockPeer.connect(server.url);
  for (let i = 0; i < 20; i++) peer.send({ type: "ping" });
  equal((await peer.closed).code, 4003);
  equal(peer.inbox.filter(({ type }) => type === "pong").length, 3);
  equal(peer.inbox.at(-1)?.code, "rate-limited");
});

/** A server whose client has just been cut off; this address may come again `penaltyMs` later. */
async function flooded(penaltyMs: number) {
  const server = serve({
    limits: { messageBurst: 3, messagesPerSecond: 3_000 / penaltyMs, connectionsPerAddress: 1 },
  });
  const peer = await MockPeer.connect(server.url);
  for (let i = 0; i < 20; i++) peer.send("junk");
  equal((await peer.closed).code, 4003);
  return server;
}

Deno.test("whoever comes back after a flood waits, and then comes in", async () => {
  await using server = await flooded(30);
  await MockPeer.connect(server.url);
});

Deno.test("past those who wait an address that flooded is refused, and a stop sends them off", async () => {
  const server = await flooded(5_000);
  const waiting = refusal(server.port, {});
  const refused = refusal(server.port, {});
  const first = await Promise.race([waiting, refused]);
  deepEqual(first, { status: 429, code: "flooding" });
  await server[Symbol.asyncDispose]();
  deepEqual([await waiting, await refused].map(({ code }) => code).toSorted(), [
    "draining",
    "flooding",
  ]);
});

/** A TCP connection that has joined ABCD through a WebSocket and from then on does as it likes. */
async function rawSocket(port: number, id: string): Promise<Deno.TcpConn> {
  const connection = await Deno.connect({ port });
  await connection.write(
    new TextEncoder().encode(
      `GET /ws?room=ABCD&id=${id} HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
    ),
  );
  await connection.read(new Uint8Array(1));
  return connection;
}

Deno.test("who does not answer pings is away; who is merely silent stays", async () => {
  await using server = serve({ limits: { idleSeconds: 0.2 } });
  const [alice] = await MockPeer.join(server.url, "ABCD", "alice");
  const dead = await rawSocket(server.port, "dead");
  equal((await alice.next("peer-away")).id, "dead");
  alice.send({ type: "ping" });
  await alice.next("pong");
  dead.close();
});

Deno.test("a busy connection that answers no ping stays: traffic is a sign of life", async () => {
  await using server = serve({ limits: { idleSeconds: 0.2, messagesPerSecond: 1e6 } });
  const [alice] = await MockPeer.join(server.url, "ABCD", "alice");
  const busy = await rawSocket(server.port, "busy"); // It reads no ping, so it answers none.
  const text = new TextEncoder().encode('{"type":"x","to":"alice"}');
  const frame = new Uint8Array([0x81, 0x80 | text.length, 0, 0, 0, 0, ...text]);
  // Each that is silent tells that the time is over in which the busy one would have been lost.
  for (const silent of ["first", "second"]) {
    const dead = await rawSocket(server.port, silent);
    const gone = () => alice.inbox.find(({ type }) => type === "peer-away");
    while (!gone()) {
      await busy.write(frame);
      await alice.next("x");
    }
    equal((await alice.next("peer-away")).id, silent);
    dead.close();
  }
  busy.close();
});

Deno.test("no compression is agreed to: a limit holds for what is read, not for what was sent", async () => {
  await using server = serve();
  const connection = await Deno.connect({ port: server.port });
  await connection.write(
    new TextEncoder().encode(
      "GET /ws HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-extensions: permessage-deflate\r\n\r\n",
    ),
  );
  const head = new Uint8Array(1_000);
  const answer = new TextDecoder().decode(head.subarray(0, await connection.read(head) ?? 0));
  match(answer, /^HTTP\/1.1 101 /);
  equal(/extensions/i.test(answer), false);
  connection.close();
});

Deno.test("a slow reader costs only itself", async () => {
  await using server = serve({
    limits: { sendBufferBytes: 100_000, relayBytesPerSecond: Infinity, messagesPerSecond: 1e6 },
  });
  const slow = await rawSocket(server.port, "slow"); // It never reads again.
  const [alice] = await MockPeer.join(server.url, "ABCD", "alice");
  const [bob] = await MockPeer.join(server.url, "ABCD", "bob");
  const payload = "x".repeat(60_000);
  let sent = 0;
  while (!alice.inbox.some(({ type }) => type === "peer-away")) {
    ok(sent < 100_000_000, "the slow reader was never cut off");
    alice.send({ type: "relay", to: "slow", payload });
    alice.send({ type: "ping" });
    await alice.next("pong");
    sent += payload.length;
  }
  equal((await alice.next("peer-away")).id, "slow");
  alice.send({ type: "hello", to: "bob" });
  equal((await bob.next("hello")).from, "alice");
  equal(server.signaling.stats().endsByCode["queue-overflow"], 1);
  slow.close();
});

Deno.test("time to join after connecting ends by the driver's timer", async () => {
  await using server = serve({ limits: { joinSeconds: 0.01 } });
  const peer = await MockPeer.connect(server.url);
  equal((await peer.next("bye")).code, "join-timeout");
  equal((await peer.closed).code, 4002);
});

Deno.test("a lost connection is away, and resumes on another", async () => {
  await using server = serve();
  const [alice] = await MockPeer.join(server.url, "ABCD", "alice");
  const [bob, { resume, seq }] = await MockPeer.join(server.url, "ABCD", "bob");
  bob.socket.close(4999, "as a broken network would");
  equal((await alice.next("peer-away")).id, "bob");
  alice.send({ type: "hello", to: "bob", payload: 1 });
  const again = await MockPeer.connect(server.url);
  again.send({ type: "resume", resume, seq });
  equal((await again.next()).type, "resumed");
  deepEqual((await again.next()).payload, 1);
  equal((await alice.next("peer-back")).id, "bob");
});

Deno.test("pushIce reaches the clients", async () => {
  await using server = serve();
  const alice = await MockPeer.connect(`${server.url}?room=ABCD&id=alice`);
  await alice.next("joined");
  server.signaling.pushIce("address-changed");
  equal((await alice.next("ice")).restart, true);
});

Deno.test("drain says when to come back and lets nobody in; close frees everything", async () => {
  await using server = serve();
  const [alice] = await MockPeer.join(server.url, "ABCD", "alice");
  server.signaling.drain(10);
  const bye = await alice.next("bye");
  deepEqual([bye.code, bye.reconnect], ["draining", true]);
  ok(bye.retryAfter >= 10 && bye.retryAfter <= 20);
  equal((await alice.closed).code, 4007);
  await rejects(MockPeer.connect(server.url));
  deepEqual(await refusal(server.port, {}), { status: 503, code: "draining" });
  await server.signaling.close();
  const { rooms, peers, connections } = server.signaling.stats();
  deepEqual([rooms, peers, connections], [0, 0, 0]);
});

Deno.test("disconnect ends a login's connections and its places", async () => {
  await using server = serve();
  const alice = await MockPeer.connect(`${server.url}?token=good.alice&room=ABCD`);
  await alice.next("joined");
  const [bob] = await MockPeer.join(server.url, "ABCD", "bob");
  equal(server.signaling.disconnect("user.alice", "disconnected", "You logged out."), 1);
  equal((await alice.closed).code, 4008);
  equal((await bob.next("peer-left")).reason, "disconnected");
});

Deno.test("hostile text ends at most its own connection", async (test) => {
  await using server = serve({ limits: { messagesPerSecond: 1e6 } });
  const [alice] = await MockPeer.join(server.url, "ABCD", "alice");
  const [mallory] = await MockPeer.join(server.url, "ABCD", "mallory");
  await alice.next("peer-joined");

  const passed = [
    ["deep nesting", "[".repeat(30_000) + "]".repeat(30_000)],
    ["doubled keys", '{"a":1,"a":2}'],
    ["__proto__", '{"__proto__":{"isAdmin":true},"constructor":{"prototype":{}}}'],
    ["lone surrogates", '"\\ud800\\udfff\\udc00"'],
    ["NUL", '"\\u0000"'],
    ["a number no double holds", "1e400"],
    ["a very long number", "9".repeat(50_000)],
    ["a direction override", '"\u202e"'],
  ] as const;
  for (const [what, payload] of passed) {
    await test.step(`${what} in a payload passes untouched`, async () => {
      mallory.send(`{"type":"x","to":"alice","payload":${payload}}`);
      const { text } = await alice.next("x");
      ok(text.startsWith(`{"type":"x","from":"mallory","to":"alice","payload":${payload},"seq":`));
    });
  }

  const refused = [
    ["no JSON", "{", "bad-json"],
    ["nothing", "", "bad-json"],
    ["null", "null", "bad-message"],
    ["a number", "1", "bad-message"],
    ["a list", "[]", "bad-message"],
    ["NUL outside a string", '{"type":"x"\0}', "bad-json"],
    ["deep nesting", "[".repeat(60_000), "bad-json"],
    ["__proto__ as the message", '{"__proto__":{"type":"leave"}}', "bad-message"],
    ["a type that is an object", '{"type":{},"to":"alice"}', "bad-message"],
    ["a server's type", '{"type":"peer-left","to":"alice","payload":{"id":"bob"}}', "bad-message"],
    ["__proto__ as the receiver", '{"type":"x","to":"__proto__"}', "no-such-peer"],
    ["bytes where text is due", new TextEncoder().encode('{"type":"x"}'), "bad-message"],
    ["no bytes", new Uint8Array(), "bad-message"],
    [
      "a number of 1 MB",
      `{"type":"x","to":"alice","payload":${"9".repeat(1_048_576)}}`,
      "too-large",
    ],
    ["a name with NUL", '{"type":"join","room":"X","name":"a\\u0000b"}', "bad-message"],
    [
      "a name that turns the text",
      '{"type":"join","room":"X","name":"\u202egnp.exe"}',
      "bad-message",
    ],
    ["a name of half a pair", '{"type":"join","room":"X","name":"\\ud800"}', "bad-message"],
    ["a name that is an object", '{"type":"join","room":"X","name":{"toString":1}}', "bad-message"],
    ["one byte too many", `{"type":"x","to":"${"y".repeat(65_517)}"}`, "too-large"],
  ] as const;
  for (const [what, message, code] of refused) {
    await test.step(`${what} is ${code}`, async () => {
      mallory.send(message);
      equal((await mallory.next()).code, code);
    });
  }

  for (
    const name of ["__proto__", "</script><img src=x onerror=alert(1)>", '"}],"x":[{"', "\u{1f525}"]
  ) {
    await test.step(`the name ${name} reaches others as it is`, async () => {
      const guest = await MockPeer.connect(server.url);
      guest.send({ type: "join", room: "ABCD", from: "guest", name });
      await guest.next("joined");
      deepEqual((await alice.next("peer-joined")).name, name);
      guest.send({ type: "leave" });
      equal((await alice.next("peer-left")).id, "guest");
    });
  }

  await test.step("invalid UTF-8 ends the connection that sent it", async () => {
    const connection = await rawSocket(server.port, "eve");
    await alice.next("peer-joined");
    await connection.write(new Uint8Array([0x81, 0x82, 0, 0, 0, 0, 0xff, 0xfe]));
    equal((await alice.next("peer-away")).id, "eve");
    connection.close();
  });

  equal(alice.inbox.length, 0);
  deepEqual(server.events.filter(({ kind }) => kind === "failed"), []);
});

Deno.test("the log says which page was refused and what allows it, and no token, in one event", async () => {
  await using server = serve();
  const answer = await fetch(`http://127.0.0.1:${server.port}/ws?token=secret-token`, {
    headers: { origin: "https://game.example", upgrade: "websocket" },
  });
  await answer.body?.cancel();
  const refused = server.events.filter(({ kind }) => kind === "refused");
  deepEqual(refused, [{
    kind: "refused",
    code: "origin-refused",
    why:
      'Pages of "https://game.example" may not connect here. The host of this server can allow it: HEARTH_ORIGINS.',
  }]);
  const long = await fetch(`http://127.0.0.1:${server.port}/ws`, {
    headers: { origin: `https://${"x".repeat(5_000)}`, upgrade: "websocket" },
  });
  await long.body?.cancel();
  equal(JSON.stringify(server.events.at(-1)).length < 400, true);
});
