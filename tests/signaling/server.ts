/** A signaling server on a free port of the loopback interface, for one test. */
import { Hono } from "hono";
import {
  type Authentication,
  createSignaling,
  type Signaling,
  type SignalingEvent,
  type SignalingLimits,
  type SignalingOptions,
} from "../../signaling/mod.ts";

export const LIMITS: SignalingLimits = {
  maxMessageBytes: 65_536,
  messagesPerSecond: 50,
  messageBurst: 200,
  peersPerRoom: 64,
  rooms: 10_000,
  watchers: 200,
  connections: 10_000,
  connectionsPerAddress: 64,
  sendBufferBytes: 1_048_576,
  joinSeconds: 30,
  resumeSeconds: 30,
  resumeMessages: 256,
  relayBytesPerSecond: 65_536,
  idleSeconds: 60,
};

/** Tokens are `good.<name>` and `old.<name>`; all else is refused. */
export function authenticate(token: string): Authentication {
  const [kind, name = "", session] = token.split(".");
  if (kind === "good") {
    const player = { subject: `user.${name}`, id: name, name: `Name ${name}` };
    return { kind: "player", player: { ...player, ...session !== undefined && { session } } };
  }
  return kind === "old"
    ? { kind: "refused", code: "token-expired", message: "The token has expired." }
    : { kind: "refused", code: "unauthorized", message: "The token is not valid." };
}

export interface TestServer extends AsyncDisposable {
  readonly signaling: Signaling;
  readonly events: SignalingEvent[];
  readonly port: number;
  /** Of the WebSocket. */
  readonly url: string;
}

export function serve(
  options: Partial<Omit<SignalingOptions, "limits">> & { limits?: Partial<SignalingLimits> } = {},
  remoteAddress?: string,
): TestServer {
  const events: SignalingEvent[] = [];
  const signaling = createSignaling({
    auth: "open",
    origins: [],
    doors: { peerjs: { path: "/peerjs", discovery: false }, yWebrtc: { path: "/y-webrtc" } },
    authenticate: (token) => Promise.resolve(authenticate(token)),
    iceServers: (subject, host) => ({
      iceServers: [{ urls: `turn:${host}:3478`, username: subject, credential: "secret" }],
      expiresAt: 1_000,
    }),
    revokeRelay: () => {},
    note: (event) => events.push(event),
    ...options,
    limits: { ...LIMITS, ...options.limits },
  });
  const app = new Hono<{ Bindings: { remoteAddress: string } }>()
    .all("/ws", (c) => signaling.handle(c.req.raw, c.env.remoteAddress))
    .route("/", signaling.doors);
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    (request, { remoteAddr }) =>
      app.fetch(request, { remoteAddress: remoteAddress ?? remoteAddr.hostname }),
  );
  return {
    signaling,
    events,
    port: server.addr.port,
    url: `ws://127.0.0.1:${server.addr.port}/ws`,
    async [Symbol.asyncDispose]() {
      await signaling.close();
      await server.shutdown();
    },
  };
}
