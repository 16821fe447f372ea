import type { ByeCode, Fault } from "../codes.ts";
import type { SignalingLimits } from "../limits.ts";
import type { Rid } from "../messages.ts";
import type { ClientMessage, ListMessage } from "../protocol.ts";
import type {
  ConnectionId,
  Core,
  Effects,
  Entry,
  HubOptions,
  HubStats,
  IceReason,
  Origin,
  Present,
} from "./api.ts";
import { type Connection, Connections, peerOf } from "./connections.ts";
import { Conversation } from "./conversation.ts";
import { Directory } from "./directory.ts";
import { alreadyInRoom, Entrance } from "./entrance.ts";
import { Intake } from "./intake.ts";
import { Lobby } from "./lobby.ts";

const LIST_PAGE = 50;
/** After the server's address has changed: a name follows it in minutes, not in seconds. */
const KEPT_AFTER_MOVE_SECONDS = 300;

/**
 * The signaling server without sockets and clock: connections and their messages go in, effects
 * come out. `now` is monotonic, in milliseconds.
 */
export class Hub implements Core {
  readonly #limits: SignalingLimits;
  readonly #auth: HubOptions["auth"];
  readonly #effects: Effects;
  readonly #connections: Connections;
  readonly #lobby: Lobby;
  readonly #directory: Directory;
  readonly #entrance: Entrance;
  readonly #conversation: Conversation;
  readonly #intake: Intake;
  readonly #sweepEvery: number;
  #sweepAt = Infinity;
  /** Until then nobody who is away loses the place. */
  #keepUntil = -Infinity;
  /** Seconds until clients may come back, once the server is stopping. */
  #retryAfter: number | undefined;

  constructor({ limits, auth, effects, networks }: HubOptions) {
    this.#limits = limits;
    this.#auth = auth;
    this.#effects = effects;
    this.#connections = new Connections(limits, effects, networks);
    this.#lobby = new Lobby(this.#connections);
    this.#directory = new Directory(
      limits,
      effects,
      (peer, body) => this.#connections.post(peer, body),
      this.#lobby,
    );
    this.#entrance = new Entrance(limits, effects, this.#connections, this.#directory);
    this.#conversation = new Conversation(
      effects,
      this.#connections,
      this.#directory,
      this.#entrance,
    );
    this.#intake = new Intake(limits, this.#connections, {
      carryOut: (connection, message, rid) => this.#carryOut(connection, message, rid),
      lose: (connection, code, message) => this.#lose(connection, code, message),
    });
    this.#sweepEvery = limits.idleSeconds > 0 ? limits.idleSeconds * 1_000 : Infinity;
  }

  /** A WebSocket is open. `host` is the name by which its client reached the server. */
  opened(
    id: ConnectionId,
    { host, origin, authentication }: Entry & { readonly host: string },
    now: number,
  ): void {
    this.#connections.now = now;
    const player = authentication?.kind === "player" ? authentication.player : undefined;
    const connection = this.#connections.add(id, host, origin, player);
    if (this.#retryAfter !== undefined) {
      this.#turnAway(connection, this.#retryAfter);
    } else if (authentication?.kind === "refused") {
      this.#connections.end(connection, authentication.code, authentication.message);
    } else if (!player && this.#auth === "required") {
      this.#connections.end(
        connection,
        "unauthorized",
        "This server needs a login: get a token from POST /api/login, then connect with the subprotocol hearth.token.<token> or with ?token=<token>.",
      );
    }
  }

  /** One frame: text or bytes. */
  message(id: ConnectionId, data: string | Uint8Array, now: number): void {
    const connection = this.#connections.get(id);
    if (!connection) return; // The socket lingers after the core has let go of it.
    this.#connections.now = now;
    this.#intake.take(connection, data);
    this.#settle();
  }

  /** The WebSocket has ended; `clean` where the client ended it on purpose. */
  closed(id: ConnectionId, clean: boolean, now: number): void {
    const connection = this.#connections.get(id);
    if (!connection) return;
    this.#connections.now = now;
    this.#connections.forget(connection);
    const peer = peerOf(connection);
    if (peer && clean) this.#directory.remove(peer, "left");
    else this.#sendAway(connection);
    this.#settle();
  }

  /** Does what is due. Call it at `deadline()`. */
  tick(now: number): void {
    this.#connections.now = now;
    for (let late; (late = this.#connections.overdue());) {
      this.#connections.end(
        late,
        "join-timeout",
        `No room was joined within ${this.#limits.joinSeconds} s of connecting: connect when there is a room to join.`,
      );
    }
    for (let connection; (connection = this.#connections.expiring());) {
      this.#pushIce(connection, "expiring");
    }
    for (let peer; (peer = this.#directory.expired(now));) {
      this.#directory.remove(peer, "timed-out");
    }
    if (this.#sweepAt <= now) this.#sweep();
    if (this.#lobby.deadline() <= now) this.#lobby.tell();
    this.#settle();
  }

  /** When `tick` is next needed; Infinity where nothing waits. */
  deadline(): number {
    return Math.min(
      this.#connections.deadline(),
      this.#directory.deadline(),
      this.#lobby.deadline(),
      this.#sweepAt,
    );
  }

  /** Ends whatever this subject has here. Returns how many connections ended. */
  disconnect(subject: string, code: ByeCode, reason: string, now: number): number {
    this.#connections.now = now;
    const theirs = this.#connections.all().filter((connection) =>
      subjectOf(connection) === subject
    );
    this.#endEach(theirs, code, reason);
    for (const peer of this.#directory.awayPeers()) {
      if (peer.subject === subject) this.#directory.remove(peer, "disconnected");
    }
    this.#settle();
    return theirs.length;
  }

  endFrom(
    test: (origin: Origin) => boolean,
    code: ByeCode,
    reason: string,
    now: number,
  ): string[] {
    this.#connections.now = now;
    const ended = this.#connections.all().filter(({ origin }) => test(origin));
    const away = [...this.#directory.awayPeers()].filter(({ presence }) =>
      presence.kind === "away" && test(presence.origin)
    );
    const theirs = [...ended.map(subjectOf), ...away.map(({ subject }) => subject)];
    this.#endEach(ended, code, reason);
    for (const peer of away) this.#directory.remove(peer, "disconnected");
    this.#settle();
    return theirs.filter((subject) => subject !== undefined);
  }

  /**
   * Gives every peer that is here other ICE servers, or those of one subject. One that is away gets
   * them as it resumes, for which it has more time where the server's address has changed.
   */
  pushIce(reason: IceReason, now: number, subject?: string): void {
    this.#connections.now = now;
    if (reason === "address-changed") {
      this.#keepUntil = now + KEPT_AFTER_MOVE_SECONDS * 1_000;
      this.#directory.keepAway(this.#keepUntil);
    }
    for (const connection of this.#connections.all()) {
      if (subject === undefined || peerOf(connection)?.subject === subject) {
        this.#pushIce(connection, reason);
      }
    }
    this.#settle();
  }

  /** Lets nobody into a room any more, or everybody, as its own host may. False: no such room. */
  setLocked(code: string, isLocked: boolean, now: number): boolean {
    this.#connections.now = now;
    const room = this.#directory.find(code);
    if (!room) return false;
    room.access = { kind: isLocked ? "locked" : "open" };
    this.#directory.announce(room);
    this.#settle();
    return true;
  }

  /** Who is in which room. */
  present(): Present[] {
    return this.#directory.everybody().map((peer) => ({
      room: peer.room.code,
      id: peer.id,
      name: peer.name,
      subject: peer.subject,
      here: peer.presence.kind === "here",
      address: this.#connections.originOf(peer)?.address,
      access: peer.room.access.kind,
    }));
  }

  /** The limits that it was made with have other numbers now: open connections go on at those. */
  limitsChanged(now: number): void {
    this.#connections.now = now;
    this.#connections.limitsChanged();
  }

  /** Tells everybody to come back after so many seconds, ends all, and lets nobody in any more. */
  drain(retryAfter: number, now: number): void {
    this.#connections.now = now;
    this.#retryAfter = retryAfter;
    for (const connection of this.#connections.all()) this.#turnAway(connection, retryAfter);
    this.#directory.clear();
    this.#settle();
  }

  stats(): HubStats {
    return {
      rooms: this.#directory.rooms,
      peers: this.#directory.peers,
      peersAway: this.#directory.peersAway,
      watchers: this.#connections.watching.size,
      relayedBytes: this.#intake.relayedBytes,
      ...this.#connections.counts(),
    };
  }

  #pushIce(connection: Connection, reason: IceReason): void {
    const peer = peerOf(connection);
    if (peer) this.#entrance.pushIce(connection, peer, reason);
  }

  #endEach(connections: readonly Connection[], code: ByeCode, reason: string): void {
    for (const connection of connections) {
      const peer = peerOf(connection);
      if (peer) this.#directory.remove(peer, "disconnected");
      this.#connections.end(connection, code, reason);
    }
  }

  /** Acts on a message; answers what is wrong with it, if anything is. */
  #carryOut(
    connection: Connection,
    message: ClientMessage,
    rid: Rid | undefined,
  ): Fault | undefined {
    switch (message.type) {
      case "pong":
        return;
      case "ping":
        return this.#connections.tell(connection, { type: "pong", rid });
      case "join":
      case "create":
        return this.#entrance.join(connection, message, rid);
      case "resume":
        return this.#entrance.resume(connection, message, rid);
      case "list":
        return this.#list(connection, message, rid);
      case "watch":
        return this.#watch(connection, message, rid);
      case "unwatch":
        if (connection.place.kind === "watching") this.#connections.unwatch(connection);
        return;
      default: {
        const peer = peerOf(connection);
        return peer ? this.#conversation.carryOut(connection, peer, message, rid) : {
          code: "not-in-room",
          message:
            'This connection is in no room yet: send {"type":"join","room":"…"} before anything else.',
        };
      }
    }
  }

  #list(connection: Connection, { after, limit }: ListMessage, rid: Rid | undefined): undefined {
    const page = this.#directory.page(after ?? 0, limit ?? LIST_PAGE);
    this.#connections.answer(connection, { type: "list", ...page, rid });
  }

  /** Answers with the public rooms, and tells of them from now on. */
  #watch(connection: Connection, message: ListMessage, rid: Rid | undefined): Fault | undefined {
    const peer = peerOf(connection);
    if (peer) return alreadyInRoom(peer);
    const { watching } = this.#connections;
    if (!watching.has(connection)) {
      if (watching.size >= this.#limits.watchers) {
        return {
          code: "too-many-watchers",
          message:
            `The server tells its ${this.#limits.watchers} watchers already: ask with "list" instead.`,
        };
      }
      this.#connections.watch(connection);
    }
    return this.#list(connection, message, rid);
  }

  /** Each gets a time of its own, once to twice `retryAfter`: they shall not all return at once. */
  #turnAway(connection: Connection, retryAfter: number): void {
    const spread = 1 + (this.#effects.randomBytes(1)[0] ?? 0) / 256;
    this.#connections.end(connection, "draining", undefined, Math.ceil(retryAfter * spread));
  }

  /** Closes a step. Ends those who read too slowly, which may make others overflow. */
  #settle(): void {
    for (let slow; (slow = this.#connections.overflowed());) this.#lose(slow, "queue-overflow");
    this.#lobby.settle();
    if (this.#directory.peers === 0) this.#sweepAt = Infinity;
    else if (this.#sweepAt === Infinity) this.#sweepAt = this.#connections.now + this.#sweepEvery;
  }

  /** Ends the connection but keeps its peer's place. */
  #lose(connection: Connection, code: ByeCode, message?: string): void {
    this.#connections.end(connection, code, message);
    this.#sendAway(connection);
  }

  #sendAway(connection: Connection): void {
    const peer = peerOf(connection);
    if (!peer) return;
    const until = this.#connections.now + this.#limits.resumeSeconds * 1_000;
    this.#directory.sendAway(peer, connection.origin, Math.max(until, this.#keepUntil));
  }

  /**
   * What is two sweeps old has arrived, or its connection would have been found dead since: within
   * `idleSeconds` a ping went out and its answer was due.
   */
  #sweep(): void {
    this.#directory.ageOutboxes();
    this.#sweepAt = Infinity; // Set anew as the step closes.
  }
}

/** Whose connection it is; a guest is somebody once it is in a room. */
function subjectOf(connection: Connection): string | undefined {
  return (peerOf(connection) ?? connection.player)?.subject;
}
