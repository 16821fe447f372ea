/** A room, as long as this player is in it. */
import {
  type Attributes,
  type CreateOptions,
  HearthError,
  type Room,
  type RoomEvents,
  type RoomState,
  type RtcOptions,
} from "./api.ts";
import {
  type IceGrant,
  type Life,
  type LossyResume,
  Pacer,
  type RoomView,
  type ServerMessage,
} from "./core/mod.ts";
import { Emitter } from "./emitter.ts";
import type { Environment } from "./environment.ts";
import { Ice } from "./ice.ts";
import type { RemotePeer } from "./peer.ts";
import { Peers } from "./peers.ts";
import { Requests } from "./requests.ts";
import { type Address, Socket } from "./socket.ts";

type Joined = Extract<ServerMessage, { type: "joined" }>;
interface Entering {
  resolve: (room: Room) => void;
  reject: (error: HearthError) => void;
}

/** How often everything is looked at. */
const CHECK_MS = 1_000;
/** More waiting in the WebSocket than this, and game data waits in its own queue. In bytes. */
const SOCKET_BYTES = 262_144;
const MAX_DATA_BYTES = 65_536;
/** The server's frame around data: `seq`, a length, and the longest id. */
const ENVELOPE_BYTES = 140;

export interface Entry {
  readonly env: Environment;
  readonly address: Address;
  /** The message that joins or creates. */
  readonly enter: CreateOptions & {
    readonly type: "create" | "join";
    readonly room?: string;
    readonly from: string | undefined;
    readonly name: string | undefined;
    readonly create?: boolean;
  };
  readonly rtc: RtcOptions | false;
}

export class EnteredRoom extends Emitter<RoomEvents> implements Room {
  readonly #entry: Entry;
  readonly #socket: Socket;
  readonly #peers: Peers;
  readonly #requests = new Requests();
  readonly #entering: Entering;
  readonly #stops: (() => void)[];
  #view: RoomView | undefined;
  #pacer: Pacer | undefined;
  #password: string | undefined;
  readonly #ice: Ice;

  private constructor(entry: Entry, entering: Entering) {
    super();
    this.#entry = entry;
    this.#entering = entering;
    this.#password = entry.enter.password;
    this.#ice = new Ice(entry.env);
    const { env } = entry;
    this.#socket = new Socket(env, entry.address, {
      enter: () => this.#enter(),
      message: (message) => this.#message(message),
      data: (from, bytes) => this.#peers.get(from)?.data(bytes),
      life: (life) => this.#life(life),
    });
    this.#peers = new Peers({
      env,
      rtc: entry.rtc,
      iceServers: () => this.#ice.servers,
      signal: (to, payload) => this.#socket.say({ type: "hearth-signal", to, payload }),
      relay: (to, bytes, isLoose) => this.#relay(to, bytes, isLoose),
      broken: () => this.#socket.doubt(),
      joined: (peer) => this.emit("peer-joined", peer),
      left: (peer, reason) => this.emit("peer-left", { peer, reason }),
    });
    this.#stops = [
      env.every(CHECK_MS, () => this.#check()),
      env.onNetwork(() => {
        this.#socket.networkChanged();
        this.#peers.restart();
      }),
    ];
  }

  /** Resolves when the room is entered. */
  static enter(entry: Entry): Promise<Room> {
    return new Promise((resolve, reject) => new EnteredRoom(entry, { resolve, reject }));
  }

  get code(): string {
    return this.#known.room;
  }
  get self(): string {
    return this.#known.id;
  }
  get peers(): ReadonlyMap<string, RemotePeer> {
    return this.#peers.byId;
  }
  get host(): string {
    return this.#known.host.id;
  }
  get term(): number {
    return this.#known.host.term;
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

  async lock(password?: string): Promise<void> {
    await this.#ask({ type: "lock", password });
    this.#password = password ?? this.#password;
  }
  unlock(): Promise<void> {
    return this.#ask({ type: "unlock" });
  }
  kick(id: string): Promise<void> {
    return this.#ask({ type: "kick", to: id });
  }
  set(change: { public?: boolean; attributes?: Attributes }): Promise<void> {
    return this.#ask({ type: "set", ...change });
  }
  handOver(id: string): Promise<void> {
    return this.#ask({ type: "host", to: id });
  }
  leave(): void {
    this.#socket.end("left", "You have left the room.");
  }

  get #known(): RoomView {
    if (!this.#view) throw new Error("A room is handed out only once it is entered");
    return this.#view;
  }

  #ask(message: object): Promise<void> {
    return this.#requests.ask(message, (numbered) => this.#socket.say(numbered));
  }

  #enter(): object {
    const view = this.#view;
    const { enter } = this.#entry;
    if (!view) return enter;
    // A login's id starts with `@`, and only the server gives it.
    const from = view.id.startsWith("@") ? undefined : view.id;
    // Whoever made the room makes it again where the server has forgotten it.
    const create = enter.create ?? enter.type === "create";
    const { name } = enter;
    return { type: "join", room: view.room, from, name, password: this.#password, create };
  }

  #message(message: ServerMessage | LossyResume): void {
    switch (message.type) {
      case "joined":
        return this.#joined(message);
      case "resumed":
        this.#setIce(message);
        if ("peers" in message) this.#catchUp(message);
        this.emit("back", undefined);
        return this.#peers.restart((peer) => peer.path === "server" || peer.isOffering);
      case "peer-joined":
        return void this.#peers.add(message);
      case "peer-left":
        return this.#peers.remove(message.id, message.reason);
      case "peer-away":
      case "peer-back": {
        const peer = this.#peers.get(message.id);
        return peer?.see({ ...peer.view, away: message.type === "peer-away" });
      }
      case "host-changed":
        return this.#know({ ...this.#known, host: message });
      case "room-changed": {
        const { access, attributes, public: listed } = message;
        return this.#know({ ...this.#known, access, attributes, public: listed });
      }
      case "ice":
        this.#setIce(message);
        return message.restart ? this.#peers.restart() : undefined;
      case "hearth-signal":
        return this.#peers.get(message.from)?.signal(message.payload);
      case "ack":
        return this.#requests.answer(message.rid);
      case "error":
        return this.#requests.answer(message.rid, new HearthError(message.code, message.message));
    }
  }

  #joined(message: Joined): void {
    const { env } = this.#entry;
    const before = this.#view;
    this.#peers.removeAll("lost");
    this.#requests.refuseAll("lost", "The connection was lost before the answer came.");
    this.#view = message;
    this.#pacer = new Pacer(message.limits, env.now());
    const most = message.limits.maxMessageBytes ?? Infinity;
    // Names this stay in the room.
    const stay = 1 + Math.floor(env.random() * (2 ** 32 - 1));
    this.#peers.enter(stay, Math.min(MAX_DATA_BYTES, most - ENVELOPE_BYTES));
    this.#setIce(message);
    if (before) {
      this.emit("lost", { rejoined: true });
      this.#restore(before);
      this.emit("back", undefined);
    }
    for (const peer of message.peers) this.#peers.add(peer);
    this.#entering.resolve(this);
  }

  /** A room that the server had forgotten gets back what the lobby showed of it. */
  #restore({ public: listed, attributes }: RoomView): void {
    if (!this.isHost || this.#known.peers.length > 0) return;
    if (!listed && Object.keys(attributes).length === 0) return;
    this.set({ public: listed, attributes }).catch(() => {
      // Lost again: the next time restores it.
    });
  }

  /** Messages are lost: the state that came stands in for them. */
  #catchUp(message: LossyResume): void {
    const present = new Set(message.peers.map(({ id }) => id));
    this.#peers.removeAll("lost", (id) => !present.has(id));
    this.#requests.refuseAll("lost", "The answer was lost with the connection.");
    this.emit("lost", { count: message.lost });
    this.#know(message);
    for (const view of message.peers) this.#peers.see(view);
  }

  #know(view: RoomView): void {
    const before = this.#known;
    this.#view = view;
    if (view.host.id !== before.host.id) this.emit("host", view.host.id);
    const [old, state] = [stateOf(before), stateOf(view)];
    if (JSON.stringify(state) !== JSON.stringify(old)) this.emit("changed", state);
  }

  #relay(to: string, data: Uint8Array<ArrayBuffer>, isLoose: boolean): boolean {
    const { online, bufferedAmount } = this.#socket;
    if (!online || bufferedAmount > SOCKET_BYTES) return false;
    if (!this.#pacer?.take(data.length, this.#entry.env.now(), isLoose)) return false;
    this.#socket.relay(to, data);
    return true;
  }

  #setIce({ iceServers, iceExpiresAt }: IceGrant): void {
    if (this.#ice.take(iceServers, iceExpiresAt)) this.#peers.configure();
  }

  #check(): void {
    this.#socket.tick();
    this.#peers.check();
    if (this.#socket.online && this.#ice.due()) this.#socket.say({ type: "ice" });
  }

  #life(life: Life): void {
    if (life.kind === "away" && life.attempt === 0) return this.emit("away", undefined);
    if (life.kind !== "ended") return;
    for (const stop of this.#stops) stop();
    this.#peers.close();
    this.#requests.refuseAll(life.code, life.message);
    this.#entering.reject(new HearthError(life.code, life.message));
    this.emit("closed", { code: life.code, message: life.message });
  }
}

function stateOf({ access, attributes, public: listed }: RoomState): RoomState {
  return { access, attributes, public: listed };
}
