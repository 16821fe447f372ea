/** What the pages need of a server, without ours: coturn as the relay, and rooms in a few lines. */
import { Hono } from "hono";
import { freePort } from "../../bench/process.ts";
import { pages } from "../../web/mod.ts";

export const RELAY_USER = { username: "tester", credential: "relay-secret" };

export interface StandinOptions {
  /** What `/api/ice` hands out; by default the relay over UDP and TCP. */
  readonly iceServers?: (relayPort: number) => readonly unknown[];
  /** Demanded before `/api/ice` answers. */
  readonly account?: { readonly login: string; readonly password: string };
}

export interface Standin extends AsyncDisposable {
  readonly url: string;
  readonly relayPort: number;
}

export function relayServers(port: number, credential = RELAY_USER.credential) {
  const urls = ["udp", "tcp"].map((transport) => `turn:127.0.0.1:${port}?transport=${transport}`);
  return [{ urls, username: RELAY_USER.username, credential }];
}

const TOKEN = "header.payload.signature";

export async function startStandin(options: StandinOptions = {}): Promise<Standin> {
  const relay = await startCoturn();
  const iceServers = (options.iceServers ?? relayServers)(relay.port);
  const app = new Hono();
  app.get("/api/ice", (c) => {
    const known = c.req.header("authorization") === `Bearer ${TOKEN}`;
    return options.account && !known
      ? c.json({ error: { code: "unauthorized", message: "Log in first." } }, 401)
      : c.json({ iceServers, expiresAt: 0 });
  });
  app.post("/api/login", async (c) => {
    const { login, password } = await c.req.json();
    return login === options.account?.login && password === options.account?.password
      ? c.json({ token: TOKEN, iceServers })
      : c.json({ error: { code: "wrong-login", message: "Name or password is wrong." } }, 401);
  });
  const rooms = new Rooms(iceServers);
  app.get("/ws", (c) => {
    const protocol = c.req.header("sec-websocket-protocol");
    const { socket, response } = Deno.upgradeWebSocket(c.req.raw, protocol ? { protocol } : {});
    rooms.attach(socket);
    return response;
  });
  app.route("/", pages());
  const http = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, app.fetch);
  return {
    url: `http://127.0.0.1:${http.addr.port}`,
    relayPort: relay.port,
    async [Symbol.asyncDispose]() {
      rooms.close();
      await http.shutdown();
      await relay.stop();
    },
  };
}

/** One room for all, by the protocol's "By hand" part. */
class Rooms {
  readonly #members = new Map<string, WebSocket>();
  readonly #sockets = new Set<WebSocket>();

  constructor(readonly iceServers: readonly unknown[]) {}

  attach(socket: WebSocket): void {
    this.#sockets.add(socket);
    let id = "";
    socket.onmessage = ({ data }) => {
      const { type, to, payload, room, from } = JSON.parse(data);
      if (type === "join" || type === "create") {
        id = from;
        const peers = [...this.#members.keys()];
        this.#tell(peers, { type: "peer-joined", id });
        this.#members.set(id, socket);
        const joined = { type: "joined", room: room ?? "MADE", id, peers };
        socket.send(JSON.stringify({ ...joined, iceServers: this.iceServers }));
      } else if (type === "leave") {
        socket.close();
      } else {
        this.#tell([to], { type, from: id, payload });
      }
    };
    socket.onclose = () => {
      this.#sockets.delete(socket);
      if (this.#members.delete(id)) {
        this.#tell([...this.#members.keys()], { type: "peer-left", id });
      }
    };
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
  }

  #tell(ids: readonly string[], message: unknown): void {
    for (const id of ids) this.#members.get(id)?.send(JSON.stringify(message));
  }
}

async function startCoturn() {
  const port = freePort();
  const folder = await Deno.makeTempDir({ prefix: "hearth-coturn-" });
  const child = new Deno.Command("turnserver", {
    args: [
      "-n --lt-cred-mech --realm=game --allow-loopback-peers --no-tls --no-dtls --no-cli",
      `--listening-ip=127.0.0.1 --relay-ip=127.0.0.1 --listening-port=${port}`,
      `--user=${RELAY_USER.username}:${RELAY_USER.credential}`,
      `--log-file=stdout --pidfile=${folder}/pid --userdb=${folder}/db`,
    ].join(" ").split(" "),
    cwd: folder,
    stdout: "null",
    stderr: "null",
  }).spawn();
  let ended = false;
  const status = child.status.finally(() => ended = true);
  while (!ended) {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port }).catch(() => undefined);
    if (!connection) continue;
    connection.close();
    break;
  }
  if (ended) throw new Error("coturn ended at its start");
  return {
    port,
    async stop() {
      child.kill("SIGKILL");
      await status;
      await Deno.remove(folder, { recursive: true });
    },
  };
}
