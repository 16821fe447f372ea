/** Logins are kept by refresh tokens, each of which serves once. */
import { deepEqual, equal, rejects } from "node:assert/strict";
import { FakeTime } from "./fake_time.ts";
import { JOINED, Surroundings } from "./world.ts";

const ACCOUNT = { login: "alice", password: "secret" };
const RESUMED = {
  type: "resumed",
  resume: "next",
  seq: 1,
  lost: 0,
  iceServers: [],
  iceExpiresAt: 1e6,
};

/** Alice, logged in and in her room. Each answer of the server numbers its tokens. */
async function loggedIn() {
  const client = new Surroundings(new FakeTime());
  const asked: string[] = [];
  let turn = 0;
  const answered = () => {
    turn++;
    return { token: `token-${turn}`, refreshToken: `refresh-${turn}`, expiresIn: 900 };
  };
  client.answer = (path, { refreshToken = "" }) => {
    asked.push(`${path} ${refreshToken}`.trim());
    return { status: 200, body: answered() };
  };
  const hearth = await client.hearth({ login: ACCOUNT });
  const joining = hearth.join("GAME");
  await client.time.pass(0);
  client.last.onopen?.();
  client.last.hear(JOINED);
  return { client, asked, hearth, room: await joining };
}

Deno.test("A worn token is turned into the next before the client reconnects, with the newest one", async () => {
  const { client, asked } = await loggedIn();
  deepEqual(client.last.protocols, ["hearth.token.token-1"]);
  const lose = async () => {
    client.last.onclose?.();
    await client.time.pass(1_000);
    client.last.onopen?.();
    client.last.hear(RESUMED);
    return client.last.protocols;
  };
  deepEqual(await lose(), ["hearth.token.token-1"], "it holds still");
  await client.live(0.9 * 900);
  deepEqual(await lose(), ["hearth.token.token-2"]);
  await client.live(0.9 * 900);
  deepEqual(await lose(), ["hearth.token.token-3"]);
  deepEqual(asked, ["/api/login", "/api/refresh refresh-1", "/api/refresh refresh-2"]);
});

Deno.test("Rooms that reconnect together share one turn", async () => {
  const { client, asked, hearth } = await loggedIn();
  await client.live(0.9 * 900);
  const entering = [hearth.join("A"), hearth.join("B")].map((room) => rejects(room));
  await client.time.pass(0);
  const opened = client.sockets.slice(-2);
  deepEqual(opened.map(({ protocols }) => protocols[0]), Array(2).fill("hearth.token.token-2"));
  equal(asked.length, 2);
  for (const socket of opened) socket.onclose?.();
  await Promise.all(entering);
});

Deno.test("A token that the server finds expired is turned at once, but not over and over", async () => {
  const { client, asked, room } = await loggedIn();
  const ends: string[] = [];
  room.on("closed", ({ code }) => ends.push(code));
  const expire = async () => {
    client.last.hear({ type: "bye", code: "token-expired", message: "", reconnect: false });
    client.last.onclose?.();
    await client.time.pass(1_000);
  };
  await expire();
  deepEqual(asked.at(-1), "/api/refresh refresh-1");
  deepEqual(client.last.protocols, ["hearth.token.token-2"]);
  client.last.onopen?.();
  await expire();
  deepEqual(ends, ["token-expired"]);
});

Deno.test("A login that cannot be refreshed now is tried again; one that is over ends the room", async () => {
  const { client, room } = await loggedIn();
  const ends: string[] = [];
  room.on("closed", ({ code }) => ends.push(code));
  await client.live(0.9 * 900);
  client.answer = () => ({ status: 429, body: { error: { code: "rate-limited", message: "" } } });
  client.last.onclose?.();
  await client.time.pass(20_000);
  deepEqual(ends, []);
  client.answer = () => ({ status: 401, body: { error: { code: "unauthorized", message: "" } } });
  await client.time.pass(60_000);
  deepEqual(ends, ["unauthorized"]);
});

Deno.test("A refused login says why", async () => {
  const client = new Surroundings(new FakeTime());
  client.answer = () => ({
    status: 401,
    body: { error: { code: "unauthorized", message: "No." } },
  });
  await rejects(client.hearth({ login: ACCOUNT }), { code: "unauthorized", message: "No." });
  client.answer = () => {
    throw new Error("There is no network");
  };
  await rejects(client.hearth({ login: ACCOUNT }), { code: "unreachable" });
});

Deno.test("A game's own tokens are asked for before each connection", async () => {
  const client = new Surroundings(new FakeTime());
  let count = 0;
  const hearth = await client.hearth({ token: () => Promise.resolve(`own-${++count}`) });
  const joining = hearth.join("GAME");
  await client.time.pass(0);
  client.last.onopen?.();
  client.last.hear(JOINED);
  await joining;
  client.last.onclose?.();
  await client.time.pass(1_000);
  deepEqual(client.sockets.map(({ protocols }) => protocols), [
    ["hearth.token.own-1"],
    ["hearth.token.own-2"],
  ]);
});
