/** Hearth's client: rooms, and data between their players, in browsers, Deno and Node 22. */
import type { Attributes } from "./core/mod.ts";
import { ownEnvironment, type RtcOptions } from "./environment.ts";
import { HearthError } from "./error.ts";
import { Room } from "./room.ts";

export type { Attributes, IceServer, Path, RoomState } from "./core/mod.ts";
export type { DataChannel, PeerConnection, RtcOptions } from "./environment.ts";
export { Emitter } from "./emitter.ts";
export { HearthError } from "./error.ts";
export { type Data, type PathStats, Peer, type PeerEvents } from "./peer.ts";
export { Room, type RoomEvents } from "./room.ts";

export interface ConnectOptions {
  /** The server, like `https://play.example.org`; where this module was loaded from unless given. */
  readonly url?: string;
  /** What `POST /api/login` answered. */
  readonly token?: string;
  /** Logs in first. */
  readonly login?: { readonly login: string; readonly password: string };
  /** What other players see. */
  readonly name?: string;
  /** Adds to each RTCPeerConnection's configuration; false sends all data through the server. */
  readonly rtc?: RtcOptions | false;
}

export interface JoinOptions {
  /** A guest's id; the server picks one unless given. */
  readonly id?: string;
  readonly password?: string;
  /** Makes the room where there is none. */
  readonly create?: boolean;
}

export interface CreateOptions {
  readonly id?: string;
  readonly password?: string;
  /** Shown in the list of rooms. */
  readonly public?: boolean;
  readonly attributes?: Attributes;
}

/** A server, and who one is there. Each room has a connection of its own. */
export interface Hearth {
  /** Makes a room under a code the server picks. Rejects with a HearthError. */
  createRoom(options?: CreateOptions): Promise<Room>;
  /** Enters the room with this code. Rejects with a HearthError. */
  join(code: string, options?: JoinOptions): Promise<Room>;
}

/** Answers a client of the server. Logs in where `login` is given; rejects with a HearthError. */
export async function connect(options: ConnectOptions = {}): Promise<Hearth> {
  const base = options.url ?? import.meta.url;
  const token = options.login ? await logIn(base, options.login) : options.token;
  const url = new URL("/ws", base).href.replace(/^http/, "ws");
  const protocols = token === undefined ? [] : [`hearth.token.${token}`];
  const { name, rtc = {} } = options;
  const enter = ({ id, ...message }: CreateOptions & { type: string }) =>
    Room.enter({
      env: ownEnvironment(),
      doorway: { url, protocols },
      enter: { ...message, from: id, name },
      rtc,
    });
  return {
    createRoom: (room = {}) => enter({ type: "create", ...room }),
    join: (code, { create = false, ...room } = {}) =>
      enter({ type: "join", ...room, ...{ room: code, create } }),
  };
}

async function logIn(base: string, account: object): Promise<string> {
  const answer = await fetch(new URL("/api/login", base), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(account),
  });
  const { token, error } = await answer.json();
  if (answer.ok) return token;
  throw new HearthError(error.code, error.message);
}
