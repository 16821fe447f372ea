import type { ByeCode } from "./codes.ts";
import {
  type Authentication,
  Hub,
  type HubStats,
  type IceReason,
  Networks,
  type Present,
  type SignalingEvent,
} from "./core/mod.ts";
import { type DoorOptions, type DoorRoutes, openDoors } from "./doors/mod.ts";
import { joinOf } from "./handshake.ts";
import { LASTING_LIMITS, type SignalingLimits } from "./limits.ts";
import type { IceGrant } from "./messages.ts";
import { Sockets } from "./sockets.ts";

export interface SignalingOptions {
  readonly limits: SignalingLimits;
  /** `required`: nobody enters without a valid token. `open`: guests may. */
  readonly auth: "open" | "required";
  /** Web origins whose pages may connect, beside those of the request's own host. */
  readonly origins: readonly string[];
  /** The doors for clients of other servers. */
  readonly doors: DoorOptions;
  authenticate(token: string): Promise<Authentication>;
  /** Whether nobody may come from this address; nobody is banned where absent. */
  isBanned?(address: string): boolean;
  /** ICE servers for this player in that room. `host` is the name by which it reached the server. */
  iceServers(subject: string, host: string, room: string): IceGrant;
  /** Ends what this subject's TURN credentials hold: its host has kicked it. */
  revokeRelay(subject: string): void;
  note(event: SignalingEvent): void;
}

/** What running signaling takes anew; all else needs a new start. */
export type SignalingSettings = Pick<SignalingOptions, "limits" | "origins">;

export interface SignalingStats extends HubStats {
  /** Open WebSockets, also those that linger in closing. */
  readonly connections: number;
}

export interface Signaling {
  /** Answers a request to the WebSocket's address. `remoteAddress` is the client's, without port. */
  handle(request: Request, remoteAddress: string): Promise<Response>;
  /** The doors at their paths. Serve with `doors.fetch(request, { remoteAddress })`. */
  readonly doors: DoorRoutes;
  /** The rooms, and what happened on connections of every door. */
  stats(): SignalingStats;
  /** Ends whatever this subject has here. Returns how many connections ended. */
  disconnect(subject: string, code: ByeCode, reason: string): number;
  /** Ends the connections and places of this login. Returns whose they were. */
  disconnectSession(session: string, code: ByeCode, reason: string): readonly string[];
  /**
   * Ends the connections and places from an address that `test` is true of. Returns whose they were.
   */
  disconnectFrom(
    test: (address: string) => boolean,
    code: ByeCode,
    reason: string,
  ): readonly string[];
  /** Gives every peer in a room other ICE servers; where the address has changed, to restart with. */
  pushIce(reason: IceReason): void;
  /** Gives this subject's peers other ICE servers, since those before have ended. */
  renewIce(subject: string): void;
  /** Who is in which room. */
  present(): Present[];
  /**
   * Takes other settings, save `LASTING_LIMITS`. Nobody is sent off, also beyond a lower limit, and
   * those who are here go on at the new rates.
   */
  configure(settings: SignalingSettings): void;
  /** Lets nobody into a room any more, or everybody. False where there is no such room. */
  setLocked(room: string, isLocked: boolean): boolean;
  /** Sends everybody off, to come back after so many seconds, and lets nobody in any more. */
  drain(retryAfterSeconds: number): void;
  /** As `drain`, and waits until the sockets are closed, or a second has passed. */
  close(): Promise<void>;
}

/** Signaling on WebSockets: the project's own protocol in rooms, and the doors. */
export function createSignaling(options: SignalingOptions): Signaling {
  const { auth, note } = options;
  let { origins } = options;
  // One object, which every part reads at each use.
  const limits = { ...options.limits };
  const sockets = new Sockets({ ...options, limits });
  const networks = new Networks(limits);
  const hub = new Hub({
    limits,
    auth,
    networks,
    effects: {
      ...sockets.effects,
      iceServers(subject, host, room) {
        const grant = options.iceServers(subject, host, room);
        return { ...grant, lifeSeconds: grant.expiresAt - Date.now() / 1_000 };
      },
      revokeRelay: (subject) => options.revokeRelay(subject),
      randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
      note: (event) => note(event),
    },
  });
  const handle = sockets.serve({
    core: hub,
    origins: () => origins,
    logins: true,
    opened(id, arrival, now) {
      hub.opened(id, arrival, now);
      const join = joinOf(arrival.query);
      if (join !== undefined) hub.message(id, join, now);
    },
  });
  return {
    handle,
    doors: openDoors(
      { limits, auth, origins: () => origins, note, networks, sockets },
      options.doors,
    ),
    stats: () => ({ ...hub.stats(), ...sockets.counts(), connections: sockets.connections }),
    disconnect: (subject, code, reason) => sockets.disconnect(subject, code, reason),
    disconnectSession: (login, code, reason) =>
      sockets.disconnectFrom(({ session }) => session === login, code, reason),
    disconnectFrom: (test, code, reason) =>
      sockets.disconnectFrom(({ address }) => test(address), code, reason),
    pushIce: (reason) => sockets.act(hub, (now) => hub.pushIce(reason, now)),
    renewIce: (subject) =>
      sockets.act(hub, (now) => hub.pushIce("credentials-ended", now, subject)),
    present: () => hub.present(),
    configure(settings) {
      const lasting = LASTING_LIMITS.map((name) => [name, limits[name]]);
      Object.assign(limits, settings.limits, Object.fromEntries(lasting));
      origins = settings.origins;
      sockets.limitsChanged();
    },
    setLocked(room, isLocked) {
      let found = false;
      sockets.act(hub, (now) => found = hub.setLocked(room, isLocked, now));
      return found;
    },
    drain: (retryAfterSeconds) => sockets.drain(retryAfterSeconds),
    close: () => sockets.close(),
  };
}
