import { deepEqual, equal, match } from "node:assert/strict";
import { addUser, type RunningServer, startServer } from "../support/server.ts";

interface Message {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** A plain WebSocket client, as a person would write it by hand. */
class Client {
  readonly #arrived: Message[] = [];
  readonly #waiting = new Map<string, (message: Message) => void>();
  readonly closed: Promise<CloseEvent>;

  private constructor(readonly socket: WebSocket) {
    socket.onmessage = ({ data }) => {
      const message: Message = JSON.parse(data);
      const waiting = this.#waiting.get(message.type);
      if (!waiting) return void this.#arrived.push(message);
      this.#waiting.delete(message.type);
      waiting(message);
    };
    this.closed = new Promise((resolve) => socket.onclose = resolve);
  }

  static async join(server: RunningServer, from: string): Promise<Client> {
    const client = new Client(new WebSocket(`ws://127.0.0.1:${server.httpPort}/ws`));
    await new Promise((resolve) => client.socket.onopen = resolve);
    client.send({ type: "join", room: "ABCD", from });
    equal((await client.next("joined"))["id"], from);
    return client;
  }

  send(message: unknown): void {
    this.socket.send(JSON.stringify(message));
  }

  next(type: string): Promise<Message> {
    const index = this.#arrived.findIndex((message) => message.type === type);
    const [arrived] = index < 0 ? [] : this.#arrived.splice(index, 1);
    return arrived
      ? Promise.resolve(arrived)
      : new Promise((resolve) => this.#waiting.set(type, resolve));
  }
}

Deno.test("Two plain clients exchange offer and candidate; SIGTERM ends both and the server", async () => {
  await using server = await startServer();
  const alice = await Client.join(server, "alice");
  const bob = await Client.join(server, "bob");
  equal((await alice.next("peer-joined"))["id"], "bob");
  const offer = { type: "offer", sdp: "v=0\r\n" };
  alice.send({ type: "offer", to: "bob", from: "mallory", payload: offer });
  const received = await bob.next("offer");
  deepEqual([received["from"], received["payload"]], ["alice", offer]);
  const candidate = { candidate: "candidate:1 1 udp 1 127.0.0.1 9 typ host", sdpMLineIndex: 0 };
  bob.send({ type: "candidate", to: "alice", payload: candidate });
  const answer = await alice.next("candidate");
  deepEqual([answer["from"], answer["payload"]], ["bob", candidate]);

  const [{ code, signal }] = await Promise.all([server.stop("SIGTERM"), alice.closed, bob.closed]);
  deepEqual({ code, signal }, { code: 0, signal: null }, server.log());
});

Deno.test("An account outlives kill -9, and no password or secret is in the log", async () => {
  const dataDir = await Deno.makeTempDir({ prefix: "hearth-test-" });
  try {
    const account = { login: "alice", password: "correct horse battery staple" };
    await addUser(dataDir, account);
    const logIn = (server: RunningServer) =>
      fetch(`http://127.0.0.1:${server.httpPort}/api/login`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(account),
      });
    {
      await using server = await startServer({ dataDir });
      const answer = await logIn(server);
      equal(answer.status, 200);
      await answer.body?.cancel();
      equal((await server.stop("SIGKILL")).signal, "SIGKILL");
    }
    await using server = await startServer({ dataDir });
    const answer = await logIn(server);
    equal(answer.status, 200);
    const { token } = await answer.json();
    await server.stop();
    for (const secret of [account.password, token]) equal(server.log().includes(secret), false);
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
});

Deno.test("The running server serves each page, and 426 to a plain GET on /ws", async () => {
  await using server = await startServer();
  const url = `http://127.0.0.1:${server.httpPort}`;
  for (const path of ["/", "/tester"]) {
    const answer = await fetch(`${url}${path}`, { headers: { accept: "text/html" } });
    equal(answer.status, 200);
    match(await answer.text(), /<html lang="en">/);
    match(answer.headers.get("content-security-policy") ?? "", /default-src 'none'/);
  }
  const plain = await fetch(`${url}/ws`);
  equal(plain.status, 426);
  await plain.body?.cancel();
});
