/** What a game sees of the library. */

/** Typed events. */
export interface Emits<Events> {
  /** Calls `listener` at each `type` event until the returned function is called. */
  on<T extends keyof Events>(type: T, listener: (event: Events[T]) => void): () => void;
}

/** As `RTCConfiguration.iceServers` has it (W3C WebRTC §4.2.4). */
export interface IceServer {
  readonly urls: string | string[];
  readonly username?: string;
  readonly credential?: string;
}

/** `RTCConfiguration` without what the server gives. */
export interface RtcOptions {
  readonly iceTransportPolicy?: "all" | "relay";
}

/** The platform's own RTCPeerConnection, where its types are known. */
export type OwnPeerConnection = typeof globalThis extends
  { RTCPeerConnection: { prototype: infer Own } } ? Own : unknown;

export interface ConnectOptions {
  /** The server, like `https://play.example.org`; where this module was loaded from unless given. */
  readonly url?: string;
  /** A token that the server takes; a function is asked again before each connection. */
  readonly token?: string | (() => string | Promise<string>);
  /** Logs in first, and keeps the login for as long as this client lives. */
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

export type Attributes = Readonly<Record<string, string | number | boolean>>;

export interface CreateOptions {
  readonly id?: string;
  readonly password?: string;
  /** Shown in the list of rooms. */
  readonly public?: boolean;
  readonly attributes?: Attributes;
}

/** What everybody in a room knows of it. */
export interface RoomState {
  readonly access: "open" | "locked" | "password";
  readonly public: boolean;
  readonly attributes: Attributes;
}

/** A public room as the lobby shows it. */
export interface RoomListing {
  readonly room: string;
  /** How many players are in it. */
  readonly peers: number;
  readonly access: RoomState["access"];
  readonly attributes: Attributes;
}

/** A server, and who one is there. Each room has a connection of its own. */
export interface Hearth {
  /** Makes a room under a code the server picks. Rejects with a HearthError. */
  createRoom(options?: CreateOptions): Promise<Room>;
  /** Enters the room with this code. Rejects with a HearthError. */
  join(code: string, options?: JoinOptions): Promise<Room>;
  /** The public rooms as they are now. Rejects with a HearthError. */
  rooms(): Promise<RoomListing[]>;
  /**
   * Calls `listener` with the public rooms, by code, now and at each change, until the returned
   * function is called. A lost connection comes back by itself; `ended` hears why one does not.
   */
  watchRooms(
    listener: (rooms: ReadonlyMap<string, RoomListing>) => void,
    ended?: (error: HearthError) => void,
  ): () => void;
}

export interface RoomEvents {
  "peer-joined": Peer;
  "peer-left": { readonly peer: Peer; readonly reason: string };
  /** The id of the new host. */
  host: string;
  /** Access or attributes have changed. */
  changed: RoomState;
  /** The connection to the server is lost and is being opened again. Direct paths stay. */
  away: undefined;
  back: undefined;
  /**
   * Messages of the server are lost. `rejoined`: the place itself was lost, every peer has left and
   * joined anew, and what was on its way to them is lost too.
   */
  lost: { readonly count: number } | { readonly rejoined: true };
  /** Over, and will not come back by itself. */
  closed: { readonly code: string; readonly message: string };
}

/** A room, as long as this player is in it. What is asked of it rejects with a HearthError. */
export interface Room extends Emits<RoomEvents> {
  readonly code: string;
  /** This player's own id. */
  readonly self: string;
  readonly peers: ReadonlyMap<string, Peer>;
  /** The host's id. */
  readonly host: string;
  /**
   * Grows by one each time the host passes on. What a host says goes with its term, so that what an
   * earlier one said and comes late is known by it.
   */
  readonly term: number;
  readonly isHost: boolean;
  readonly attributes: Attributes;
  readonly access: RoomState["access"];
  /** Host only: nobody comes in any more, or only with the password. */
  lock(password?: string): Promise<void>;
  /** Host only. */
  unlock(): Promise<void>;
  /** Host only. */
  kick(id: string): Promise<void>;
  /** Host only: lists the room or hides it, and says what the lobby shows. */
  set(change: { public?: boolean; attributes?: Attributes }): Promise<void>;
  /** Host only. */
  handOver(id: string): Promise<void>;
  leave(): void;
}

export type Data = string | Uint8Array<ArrayBuffer>;

/** Between the players, through a TURN relay, or through the server's WebSocket. */
export type Path = "direct" | "relayed" | "server";

export interface PeerEvents {
  /** Data as it was sent. `reliable` tells by which of the two. */
  message: { readonly data: Data; readonly reliable: boolean };
  path: Path;
  /** Whether the peer's connection to the server is lost. */
  away: boolean;
  /** Another RTCPeerConnection, after one that could not be saved: media starts anew on it. */
  connection: OwnPeerConnection;
}

export interface PathStats {
  /**
   * Round-trip time in seconds: of a direct or relayed path as the browser measured it, through the
   * server by a question every five seconds while data comes.
   */
  readonly rtt: number | undefined;
  /** The part of the peer's last 100 or more unreliable messages that did not come, 0 to 1. */
  readonly loss: number | undefined;
}

/** Another player of the room. */
export interface Peer extends Emits<PeerEvents> {
  readonly id: string;
  readonly name: string | undefined;
  /** How data goes now. */
  readonly path: Path;
  readonly stats: PathStats;
  readonly away: boolean;
  /** For media; undefined without WebRTC. */
  readonly connection: OwnPeerConnection | undefined;
  /** Bytes given to `send` that the peer has not acknowledged. */
  readonly bufferedAmount: number;
  /**
   * Sends so that it comes once and in order. Throws a HearthError: `too-large`, `queue-full` where
   * 1 MiB waits already (try again when `bufferedAmount` is lower), `peer-gone`.
   */
  send(data: Data): void;
  /** Sends at most once, in any order. Answers false where it was dropped here at once. */
  sendUnreliable(data: Data): boolean;
}

/** A refusal with a stable `code`: the server's (docs/protocol.md) or one of the client's own. */
export class HearthError extends Error {
  override readonly name = "HearthError";
  constructor(readonly code: string, message: string) {
    super(message);
  }
}

/** Answers a client of the server. Logs in where `login` is given; rejects with a HearthError. */
export type Connect = (options?: ConnectOptions) => Promise<Hearth>;
