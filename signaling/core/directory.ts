import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import type { SignalingLimits } from "../limits.ts";
import type { Body, LeaveReason, RoomListing } from "../messages.ts";
import { CODE_ALPHABET } from "../protocol.ts";
import type { ConnectionId, Effects, Origin } from "./api.ts";
import type { Lobby } from "./lobby.ts";
import { Outbox } from "./outbox.ts";
import { type Peer, Room } from "./room.ts";

const CODE_LENGTH = 6;
const GUEST_ID_LENGTH = 10;
const TOKEN_BYTES = 16;

/** Who takes a place in a room. */
export interface Newcomer {
  readonly id: string;
  readonly name: string | undefined;
  readonly subject: string;
  readonly account: boolean;
  readonly connection: ConnectionId;
}

/** All rooms of this server and the peers in them: made, found, listed and let go. */
export class Directory {
  readonly #limits: SignalingLimits;
  readonly #effects: Effects;
  readonly #post: (peer: Peer, body: Body) => void;
  readonly #lobby: Lobby;
  /** By code in upper case, as people do not tell `abcd` from `ABCD`. */
  readonly #rooms = new Map<string, Room>();
  /** In the order of making. */
  readonly #publicRooms = new Map<number, Room>();
  /** By the digest of the resume token: a digest's bytes tell nothing to one who times the look-up. */
  readonly #sessions = new Map<string, Peer>();
  /** All keep their place equally long, so the first is the first to be due. */
  readonly #away = new Set<Peer>();
  #roomsMade = 0;

  constructor(
    limits: SignalingLimits,
    effects: Effects,
    post: (peer: Peer, body: Body) => void,
    lobby: Lobby,
  ) {
    this.#limits = limits;
    this.#effects = effects;
    this.#post = post;
    this.#lobby = lobby;
  }

  get rooms(): number {
    return this.#rooms.size;
  }

  get peers(): number {
    return this.#sessions.size;
  }

  get peersAway(): number {
    return this.#away.size;
  }

  get full(): boolean {
    return this.#rooms.size >= this.#limits.rooms;
  }

  find(code: string): Room | undefined {
    return this.#rooms.get(code.toUpperCase());
  }

  /** Makes a room under this code, or under a new one that is easy to read out. */
  make(code?: string): Room {
    while (code === undefined || this.find(code)) code = this.#randomCode(CODE_LENGTH);
    const room = new Room(code, ++this.#roomsMade, this.#post);
    this.#rooms.set(code.toUpperCase(), room);
    this.#effects.note({ kind: "room-made", room: code });
    return room;
  }

  publish(room: Room, visible: boolean): void {
    if (room.public === visible) return;
    room.public = visible;
    if (visible) this.#publicRooms.set(room.ordinal, room);
    else this.#publicRooms.delete(room.ordinal);
    this.#lobby.note(room);
  }

  /** The lobby shows something of this room that is no longer so, if it shows the room. */
  changed(room: Room): void {
    if (room.public) this.#lobby.note(room);
  }

  /** Tells a room's new state to everybody in it, and to the lobby. */
  announce(room: Room): undefined {
    this.changed(room);
    room.announce({ type: "room-changed", ...room.state() });
  }

  /** Public rooms made after the one of ordinal `after`; `next` where more follow. */
  page(after: number, limit: number): { rooms: RoomListing[]; next?: number } {
    const rooms: RoomListing[] = [];
    let last = after;
    for (const [ordinal, room] of this.#publicRooms) {
      if (ordinal <= after) continue;
      if (rooms.length === limit) return { rooms, next: last };
      rooms.push(room.listing());
      last = ordinal;
    }
    return { rooms };
  }

  /** An id for a guest that brought none. */
  freeId(room: Room | undefined): string {
    for (;;) {
      const id = this.#randomCode(GUEST_ID_LENGTH);
      if (!room?.peers.has(id)) return id;
    }
  }

  /** Gives the newcomer its place. The token takes the place back after a lost connection. */
  seat(room: Room, { connection, ...newcomer }: Newcomer): { peer: Peer; token: string } {
    const { resumeMessages, sendBufferBytes } = this.#limits;
    const token = this.#newToken();
    const peer: Peer = {
      ...newcomer,
      quotedId: JSON.stringify(newcomer.id),
      room,
      order: room.nextOrder(),
      outbox: new Outbox(resumeMessages, sendBufferBytes),
      presence: { kind: "here", connection },
      session: sessionOf(token),
    };
    this.#sessions.set(peer.session, peer);
    room.enter(peer);
    this.changed(room);
    this.#effects.note({ kind: "joined", room: room.code, id: peer.id });
    return { peer, token };
  }

  holder(token: string): Peer | undefined {
    return this.#sessions.get(sessionOf(token));
  }

  /** Puts the peer on another connection. Each token serves once: answers the next one. */
  reattach(peer: Peer, connection: ConnectionId): string {
    const token = this.#newToken();
    this.#sessions.delete(peer.session);
    peer.session = sessionOf(token);
    this.#sessions.set(peer.session, peer);
    peer.presence = { kind: "here", connection };
    this.#away.delete(peer);
    return token;
  }

  /** The peer's connection, from `origin`, is lost; its place is kept until `until`. */
  sendAway(peer: Peer, origin: Origin, until: number): void {
    peer.presence = { kind: "away", origin, until };
    this.#away.add(peer);
    peer.room.announce({ type: "peer-away", id: peer.id }, peer);
    this.#effects.note({ kind: "away", room: peer.room.code, id: peer.id });
  }

  /** Takes the peer's place from it; a room nobody is left in is let go. */
  remove(peer: Peer, reason: LeaveReason): void {
    this.vacate(peer, reason);
    if (peer.room.peers.size === 0) this.#free(peer.room);
  }

  /** As `remove`, for a place that is taken again at once. */
  vacate(peer: Peer, reason: LeaveReason): void {
    this.#sessions.delete(peer.session);
    this.#away.delete(peer);
    peer.presence = { kind: "gone", reason };
    peer.room.leave(peer, reason);
    this.changed(peer.room);
    this.#effects.note({ kind: "left", room: peer.room.code, id: peer.id, reason });
  }

  /** Nobody who is away loses its place before `until`. */
  keepAway(until: number): void {
    for (const peer of this.#away) {
      const { presence } = peer;
      if (presence.kind !== "away" || presence.until >= until) continue;
      peer.presence = { ...presence, until };
    }
  }

  everybody(): Peer[] {
    return [...this.#sessions.values()];
  }

  awayPeers(): Iterable<Peer> {
    return this.#away;
  }

  /** The peer whose time is over at `now`, if there is one. */
  expired(now: number): Peer | undefined {
    const [first] = this.#away;
    return first !== undefined && untilOf(first) <= now ? first : undefined;
  }

  /** When the next absent peer loses its place; Infinity where none is absent. */
  deadline(): number {
    const [first] = this.#away;
    return first === undefined ? Infinity : untilOf(first);
  }

  /** Lets go of what was kept at the call before the last already, for peers who are here. */
  ageOutboxes(): void {
    for (const peer of this.#sessions.values()) {
      if (peer.presence.kind === "here") peer.outbox.age();
    }
  }

  clear(): void {
    for (const room of [...this.#rooms.values()]) this.#free(room);
    this.#sessions.clear();
    this.#away.clear();
  }

  #free(room: Room): void {
    this.#rooms.delete(room.code.toUpperCase());
    this.publish(room, false);
    this.#effects.note({ kind: "room-freed", room: room.code });
  }

  #newToken(): string {
    return Buffer.from(this.#effects.randomBytes(TOKEN_BYTES)).toString("base64url");
  }

  #randomCode(length: number): string {
    // Bytes past the last whole multiple would make some characters likelier than others.
    const usable = 256 - 256 % CODE_ALPHABET.length;
    let code = "";
    while (code.length < length) {
      for (const byte of this.#effects.randomBytes(length - code.length)) {
        if (byte < usable) code += CODE_ALPHABET[byte % CODE_ALPHABET.length];
      }
    }
    return code;
  }
}

function untilOf({ presence }: Peer): number {
  return presence.kind === "away" ? presence.until : Infinity;
}

function sessionOf(token: string): string {
  return createHash("sha256").update(token).digest("base64url");
}
