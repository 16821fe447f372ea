import type { ByeCode } from "./codes.ts";
import {
  addressGroup,
  Admission,
  type Authentication,
  type ConnectionId,
  Hub,
  type HubStats,
  type SignalingEvent,
} from "./core/mod.ts";
import { type Handshake, readHandshake, type Refusal, refusalResponse } from "./handshake.ts";
import type { SignalingLimits } from "./limits.ts";
import type { IceGrant } from "./messages.ts";

/** How long `close` waits for clients to finish their closing handshakes, in milliseconds. */
const CLOSE_GRACE = 1_000;
/** What a client that finds the server full or stopping is told to wait, in seconds. */
const RETRY_AFTER = 5;
/** RFC 6455 §7.4.1. */
const INTERNAL_ERROR = 1011;
/** A client that closes with 1000, or without a code (1005), leaves; anything else is a loss. */
const CLEAN_CLOSES: ReadonlySet<number> = new Set([1000, 1005]);

const LATER = { "retry-after": `${RETRY_AFTER}` };
const STOPPING: Refusal = {
  code: "draining",
  message: "The server is stopping: connect again in a while.",
  headers: LATER,
};
const FULL = {
  "too-many-connections": {
    code: "too-many-connections",
    message: "Your address holds as many connections as it may: close one first.",
    headers: LATER,
  },
  "server-full": {
    code: "server-full",
    message: "The server holds as many connections as it may: connect again in a while.",
    headers: LATER,
  },
} as const satisfies Record<string, Refusal>;

export interface SignalingOptions {
  readonly limits: SignalingLimits;
  /** `required`: nobody enters without a valid token. `open`: guests may. */
  readonly auth: "open" | "required";
  /** Web origins whose pages may connect. Empty: only those of the request's own host. */
  readonly origins: readonly string[];
  authenticate(token: string): Promise<Authentication>;
  /** ICE servers for this player. `host` is the name by which the player reached the server. */
  iceServers(subject: string, host: string): IceGrant;
  /** Ends what this subject's TURN credentials hold: its host has kicked it. */
  revokeRelay(subject: string): void;
  note(event: SignalingEvent): void;
}

export interface SignalingStats extends HubStats {
  /** Open WebSockets, also those that linger in closing. */
  readonly connections: number;
}

export interface Signaling {
  /** Answers a request to the WebSocket's address. `remoteAddress` is the client's, without port. */
  handle(request: Request, remoteAddress: string): Promise<Response>;
  stats(): SignalingStats;
  /** Ends whatever this subject has here. Returns how many connections ended. */
  disconnect(subject: string, code: ByeCode, reason: string): number;
  /** Sends everybody off, to come back after so many seconds, and lets nobody in any more. */
  drain(retryAfterSeconds: number): void;
  /** As `drain`, and waits until the sockets are closed, or a second has passed. */
  close(): Promise<void>;
}

/** Signaling on WebSockets: carries frames, timers and closings between Deno and the hub. */
export function createSignaling(options: SignalingOptions): Signaling {
  const { limits, note } = options;
  const sockets = new Map<ConnectionId, WebSocket>();
  const admission = new Admission(limits);
  let lastId = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let armedFor = Infinity;
  let allClosed: (() => void) | undefined;

  const hub = new Hub({
    limits,
    auth: options.auth,
    effects: {
      send(id, frame) {
        const webSocket = sockets.get(id);
        if (webSocket?.readyState !== WebSocket.OPEN) return 0;
        webSocket.send(frame as string | Uint8Array<ArrayBuffer>);
        return webSocket.bufferedAmount;
      },
      close(id, code, reason) {
        const webSocket = sockets.get(id);
        // Deno 2.9.6 sends no close frame where frames of the client are waiting to be read, so
        // those come first. The hub has let go of the connection and hears none of them.
        setTimeout(() => webSocket?.close(code, reason));
      },
      iceServers: (subject, host) => options.iceServers(subject, host),
      revokeRelay: (subject) => options.revokeRelay(subject),
      randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
      note: (event) => note(event),
    },
  });

  /** Lets the hub act for one connection. A defect that shows itself costs that connection only. */
  function step(id: ConnectionId, act: (now: number) => void): void {
    try {
      act(performance.now());
    } catch (error) {
      note({ kind: "failed", error });
      sockets.get(id)?.close(INTERNAL_ERROR);
    }
    arm();
  }

  /** One timer, set to the hub's next deadline. */
  function arm(): void {
    const deadline = hub.deadline();
    if (deadline === armedFor) return;
    clearTimeout(timer);
    armedFor = deadline;
    if (deadline === Infinity) return; // `setTimeout` takes Infinity for 0.
    timer = setTimeout(() => {
      armedFor = Infinity;
      hub.tick(performance.now());
      arm();
    }, Math.min(Math.max(deadline - performance.now(), 0), 2 ** 31 - 1));
  }

  function turnAway(refusal: Refusal): Response {
    note({ kind: "refused", code: refusal.code });
    return refusalResponse(refusal);
  }

  async function handle(request: Request, remoteAddress: string): Promise<Response> {
    const result = readHandshake(request, options.origins);
    if (!result.ok) return turnAway(result.refusal);
    if (hub.draining) return turnAway(STOPPING);
    const group = addressGroup(remoteAddress);
    const verdict = admission.enter(group);
    if (verdict !== "admitted") return turnAway(FULL[verdict]);
    let open = false;
    try {
      const { handshake } = result;
      const authentication = handshake.token === undefined
        ? undefined
        : await options.authenticate(handshake.token);
      const upgrade = tryUpgrade(request, handshake.subprotocol, limits.idleSeconds);
      if ("code" in upgrade) return turnAway(upgrade);
      serve(upgrade.socket, group, handshake, authentication);
      open = true;
      return upgrade.response;
    } finally {
      if (!open) admission.leave(group);
    }
  }

  function serve(
    webSocket: WebSocket,
    group: string,
    handshake: Handshake,
    authentication: Authentication | undefined,
  ): void {
    const id = ++lastId as ConnectionId;
    sockets.set(id, webSocket);
    webSocket.binaryType = "arraybuffer";
    webSocket.onopen = () =>
      step(id, (now) => {
        hub.opened(id, handshake.host, authentication, now);
        if (handshake.join !== undefined) hub.message(id, handshake.join, now);
      });
    webSocket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) =>
      step(
        id,
        (now) => hub.message(id, typeof data === "string" ? data : new Uint8Array(data), now),
      );
    webSocket.onclose = ({ code }) => {
      sockets.delete(id);
      admission.leave(group);
      if (sockets.size === 0) allClosed?.();
      step(id, (now) => hub.closed(id, CLEAN_CLOSES.has(code), now));
    };
    // An error always comes with a close, which does the work; unheard, it would be reported.
    webSocket.onerror = (event) => event.preventDefault();
  }

  function drain(retryAfterSeconds: number): void {
    hub.drain(retryAfterSeconds, performance.now());
    arm();
  }

  return {
    handle,
    drain,
    stats: () => ({ ...hub.stats(), connections: admission.connections }),
    disconnect(subject, code, reason) {
      const ended = hub.disconnect(subject, code, reason, performance.now());
      arm();
      return ended;
    },
    async close() {
      if (!hub.draining) drain(RETRY_AFTER);
      if (sockets.size === 0) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      allClosed = resolve;
      const grace = setTimeout(resolve, CLOSE_GRACE);
      await promise;
      clearTimeout(grace);
    },
  };
}

function tryUpgrade(
  request: Request,
  protocol: string | undefined,
  idleSeconds: number,
): Deno.WebSocketUpgrade | Refusal {
  try {
    return Deno.upgradeWebSocket(request, {
      // Pings go out after half of it without traffic; 0 is Deno's "never".
      idleTimeout: Number.isFinite(idleSeconds) ? idleSeconds : 0,
      ...(protocol !== undefined && { protocol }),
    });
  } catch (error) {
    const message = `The WebSocket handshake is malformed: ${(error as Error).message}.`;
    return { code: "bad-handshake", message };
  }
}
