/** A room, as long as this player is in it. */
import {
  type Attributes,
  type IceServer,
  type Life,
  type LossyResume,
  Pacer,
  type PeerView,
  type RoomState,
  type RoomView,
  type ServerMessage,
} from "./core/mod.ts";
import { Emitter } from "./emitter.ts";
import type { Environment, RtcOptions } from "./environment.ts";
import { HearthError } from "./error.ts";
import { Peer } from "./peer.ts";
import { Socket } from "./socket.ts";

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

type Joined = Extract<ServerMessage, { type: "joined" }>;
interface Entering {
  resolve: (room: Room) => void;
  reject: (error: HearthError) => void;
}
type Request = { resolve: () => void; reject: (error: HearthError) => void };

const TICK_MS = 50;
/** How long before they end ICE credentials are renewed, and how long an answer is waited for. */
const RENEW_SECONDS = 60;
const RENEW_AGAIN_SECONDS = 10;
/** More waiting in the WebSocket than this, and game data waits in its own queue. In bytes. */
const SOCKET_BYTES = 262_144;
const REQUESTS = 64;
const MAX_DATA_BYTES = 65_536;
/** The server's frame around data: `seq`, a length, and the longest id. */
const ENVELOPE_BYTES = 140;

/** @internal */
export interface Entry {
  readonly env: Environment;
  readonly doorway: { readonly url: string; readonly protocols: string[] };
  /** The message that joins or creates. */
  readonly enter: Record<string, unknown>;
  readonly rtc: RtcOptions | false;
}

export class Room extends Emitter<RoomEvents> {
  readonly #entry: Entry;
  readonly #socket: Socket;
  readonly #peers = new Map<string, Peer>();
  readonly #requests = new Map<number, Request>();
  readonly #entering: Entering;
  readonly #stops: (() => void)[];
  #view: RoomView | undefined;
  #pacer: Pacer | undefined;
  #iceServers: readonly IceServer[] = [];
  #iceExpiresAt = 0;
  #askedAt = 0;
  #rid = 0;
  #maxDataBytes = MAX_DATA_BYTES;

  private constructor(entry: Entry, entering: Entering) {
    super();
    this.#entry = entry;
    this.#entering = entering;
    const { env } = entry;
    this.#socket = new Socket(env, { ...entry.doorway, enter: () => this.#enter() }, {
      message: (message) => this.#message(message),
      data: (from, bytes) => this.#peers.get(from)?.data(bytes),
      life: (life) => this.#life(life),
    });
    this.#stops = [
      env.every(TICK_MS, () => this.#tick()),
      env.onNetwork(() => this.#restart()),
    ];
  }

  /** @internal Resolves when the room is entered. */
  static enter(entry: Entry): Promise<Room> {
    return new Promise((resolve, reject) => new Room(entry, { resolve, reject }));
  }

  get code(): string {
    return this.#known.room;
  }
  /** This player's own id. */
  get self(): string {
    return this.#known.id;
  }
  get peers(): ReadonlyMap<string, Peer> {
    return this.#peers;
  }
  /** The host's id. */
  get host(): string {
    return this.#known.host.id;
  }
  get isHost(): boolean {
    return this.host === this.self;
  }
  get attributes(): Attributes {
    return this.#known.attributes;
  }
  get access(): RoomState["access"] {
    return this.#known.access;
  }

  /** Host only: nobody comes in any more, or only with the password. */
  lock(password?: string): Promise<void> {
    return this.#request({ type: "lock", ...password === undefined ? {} : { password } });
  }
  unlock(): Promise<void> {
    return this.#request({ type: "unlock" });
  }
  kick(id: string): Promise<void> {
    return this.#request({ type: "kick", to: id });
  }
  /** Host only: lists the room or hides it, and says what the lobby shows. */
  set(change: { public?: boolean; attributes?: Attributes }): Promise<void> {
    return this.#request({ type: "set", ...change });
  }
  /** Host only. */
  handOver(id: string): Promise<void> {
    return this.#request({ type: "host", to: id });
  }
  leave(): void {
    this.#socket.end("left", "You have left the room.");
  }

  get #known(): RoomView {
    if (!this.#view) throw new Error("A room is handed out only once it is entered");
    return this.#view;
  }

  #enter(): object {
    const view = this.#view;
    if (!view) return this.#entry.enter;
    const { name, password } = this.#entry.enter;
    // A login's id starts with `@`, and only the server gives it.
    const from = view.id.startsWith("@") ? undefined : view.id;
    return { type: "join", room: view.room, from, name, password };
  }

  #request(message: object): Promise<void> {
    if (this.#requests.size >= REQUESTS) {
      const error = new HearthError("queue-full", `${REQUESTS} requests wait for an answer.`);
      return Promise.reject(error);
    }
    const rid = ++this.#rid;
    this.#socket.say({ ...message, rid });
    return new Promise((resolve, reject) => this.#requests.set(rid, { resolve, reject }));
  }

  #message(message: ServerMessage | LossyResume): void {
    switch (message.type) {
      case "joined":
        return this.#joined(message);
      case "resumed":
        if ("peers" in message) this.#catchUp(message);
        this.#ice(message.iceServers, message.iceExpiresAt);
        this.emit("back", undefined);
        return this.#restart((peer) => peer.path === "server");
      case "peer-joined":
        return this.#add(message);
      case "peer-left":
        return this.#remove(message.id, message.reason);
      case "peer-away":
      case "peer-back":
        return this.#peers.get(message.id)?.setAway(message.type === "peer-away");
      case "host-changed":
        this.#view = { ...this.#known, host: message };
        return this.emit("host", message.id);
      case "room-changed": {
        const { access, attributes, public: listed } = message;
        const state = { access, attributes, public: listed };
        this.#view = { ...this.#known, ...state };
        return this.emit("changed", state);
      }
      case "ice":
        this.#ice(message.iceServers, message.iceExpiresAt);
        return message.restart ? this.#restart() : undefined;
      case "hearth-signal":
        return this.#peers.get(message.from)?.signal(message.payload);
      case "ack":
        this.#requests.get(message.rid)?.resolve();
        return void this.#requests.delete(message.rid);
      case "error": {
        const error = new HearthError(message.code, message.message);
        if (!this.#view) {
          this.#entering.reject(error);
          return this.#socket.end(message.code, message.message);
        }
        if (message.rid === undefined) return;
        this.#requests.get(message.rid)?.reject(error);
        return void this.#requests.delete(message.rid);
      }
    }
  }

  #joined(message: Joined): void {
    const again = this.#view !== undefined;
    for (const id of [...this.#peers.keys()]) this.#remove(id, "lost");
    this.#refuseRequests("lost", "The connection was lost before the answer came.");
    this.#view = message;
    this.#pacer = new Pacer(message.limits, this.#entry.env.now());
    const most = message.limits.maxMessageBytes ?? Infinity;
    this.#maxDataBytes = Math.min(MAX_DATA_BYTES, most - ENVELOPE_BYTES);
    this.#ice(message.iceServers, message.iceExpiresAt);
    if (again) {
      this.emit("lost", { rejoined: true });
      this.emit("back", undefined);
    }
    for (const peer of message.peers) this.#add(peer);
    this.#entering.resolve(this);
  }

  /** Messages are lost: the state that came stands in for them. */
  #catchUp(message: LossyResume): void {
    this.#view = message;
    const present = new Set(message.peers.map(({ id }) => id));
    for (const id of [...this.#peers.keys()]) if (!present.has(id)) this.#remove(id, "lost");
    for (const peer of message.peers) if (!this.#peers.has(peer.id)) this.#add(peer);
    this.#refuseRequests("lost", "The answer was lost with the connection.");
    this.emit("lost", { count: message.lost });
  }

  #add(view: PeerView): void {
    const { env, rtc } = this.#entry;
    const peer = new Peer(view, {
      now: () => env.now(),
      connect: () =>
        rtc === false ? undefined : env.connection?.({ ...rtc, iceServers: this.#iceServers }),
      signal: (to, payload) => this.#socket.say({ type: "hearth-signal", to, payload }),
      relay: (to, bytes) => this.#relay(to, bytes),
      maxDataBytes: this.#maxDataBytes,
    });
    this.#peers.set(view.id, peer);
    this.emit("peer-joined", peer);
  }

  #remove(id: string, reason: string): void {
    const peer = this.#peers.get(id);
    if (!peer) return;
    this.#peers.delete(id);
    peer.close();
    this.emit("peer-left", { peer, reason });
  }

  #relay(to: string, data: Uint8Array<ArrayBuffer>): boolean {
    const { online, bufferedAmount } = this.#socket;
    if (!online || bufferedAmount > SOCKET_BYTES) return false;
    if (!this.#pacer?.take(data.length, this.#entry.env.now())) return false;
    const id = new TextEncoder().encode(to);
    const bytes = new Uint8Array(1 + id.length + data.length);
    bytes[0] = id.length;
    bytes.set(id, 1);
    bytes.set(data, 1 + id.length);
    this.#socket.relay(bytes);
    return true;
  }

  #ice(iceServers: readonly IceServer[], expiresAt: number): void {
    [this.#iceServers, this.#iceExpiresAt] = [iceServers, expiresAt];
    const { rtc } = this.#entry;
    if (rtc === false) return;
    for (const { connection } of this.#peers.values()) {
      connection?.setConfiguration({ ...rtc, iceServers });
    }
  }

  #restart(which: (peer: Peer) => boolean = () => true): void {
    for (const peer of this.#peers.values()) if (which(peer)) peer.restart();
  }

  #tick(): void {
    this.#socket.tick();
    for (const peer of this.#peers.values()) peer.tick();
    const now = this.#entry.env.unixSeconds();
    if (!this.#socket.online || now < this.#iceExpiresAt - RENEW_SECONDS) return;
    if (now - this.#askedAt < RENEW_AGAIN_SECONDS) return;
    this.#askedAt = now;
    this.#socket.say({ type: "ice" });
  }

  #life(life: Life): void {
    if (life.kind === "away" && life.attempt === 0) return this.emit("away", undefined);
    if (life.kind !== "ended") return;
    for (const stop of this.#stops) stop();
    for (const id of [...this.#peers.keys()]) this.#remove(id, "closed");
    this.#refuseRequests(life.code, life.message);
    this.#entering.reject(new HearthError(life.code, life.message));
    this.emit("closed", { code: life.code, message: life.message });
  }

  #refuseRequests(code: string, message: string): void {
    for (const { reject } of this.#requests.values()) reject(new HearthError(code, message));
    this.#requests.clear();
  }
}
