import { type ByeCode, byeCodes, type Fault } from "../codes.ts";
import type { SignalingLimits } from "../limits.ts";
import { type Body, body, type Rid, type ServerMessage } from "../messages.ts";
import type { ConnectionId, Effects, Origin, Player } from "./api.ts";
import { Bucket } from "./bucket.ts";
import { type Line, Lines } from "./lines.ts";
import type { Place } from "./life.ts";
import type { Networks } from "./networks.ts";
import type { Peer } from "./room.ts";

export interface Connection extends Line {
  /** Who is logged in; a guest where nobody is. */
  readonly player: Player | undefined;
  /** The host name by which this client reached the server. */
  readonly host: string;
  /** Made for the first that it relays: most relay nothing. */
  relayed: Bucket | undefined;
  /** Whether it knows that what it sends is dropped unread. */
  silenced: boolean;
  place: Place;
}

/** Whom the connection serves; nobody where it is in no room. */
export function peerOf({ place }: Connection): Peer | undefined {
  return place.kind === "serving" ? place.peer : undefined;
}

/** The connections of peers, and of those who are in no room. */
export class Connections extends Lines<Connection> {
  readonly #limits: SignalingLimits;
  /** All may wait equally long, so the first is the first to be due. */
  readonly #waiting = new Set<Connection>();
  readonly #watching = new Set<Connection>();
  /** When the ICE servers of each have to be renewed; all hold equally long. */
  readonly #renewals = new Map<Connection, number>();

  constructor(limits: SignalingLimits, effects: Effects, networks: Networks) {
    super(limits, effects, networks);
    this.#limits = limits;
  }

  add(id: ConnectionId, host: string, origin: Origin, player: Player | undefined): Connection {
    const { messagesPerSecond, messageBurst } = this.#limits;
    const connection: Connection = {
      id,
      host,
      origin,
      player,
      messages: new Bucket(messagesPerSecond, messageBurst, this.now),
      relayed: undefined,
      network: this.networkOf(origin),
      silenced: false,
      place: this.#waitingPlace(),
    };
    this.open(connection);
    this.#waiting.add(connection);
    return connection;
  }

  /** From now on the connection serves this peer. */
  attach(connection: Connection, peer: Peer): void {
    this.#vacate(connection);
    connection.place = { kind: "serving", peer };
  }

  /** From now on the connection watches the public rooms. */
  watch(connection: Connection): void {
    this.#vacate(connection);
    connection.place = { kind: "watching" };
    this.#watching.add(connection);
  }

  /** From now on it waits for its room, as one that has just come. */
  unwatch(connection: Connection): void {
    this.#vacate(connection);
    connection.place = this.#waitingPlace();
    this.#waiting.add(connection);
  }

  get watching(): ReadonlySet<Connection> {
    return this.#watching;
  }

  of({ presence }: Peer): Connection | undefined {
    return presence.kind === "here" ? this.get(presence.connection) : undefined;
  }

  /** Where the peer is connected from, or was last. */
  originOf(peer: Peer): Origin | undefined {
    const { presence } = peer;
    return presence.kind === "away" ? presence.origin : this.of(peer)?.origin;
  }

  /** One that has waited too long for its room, if there is one. */
  overdue(): Connection | undefined {
    const [first] = this.#waiting;
    return first !== undefined && untilOf(first.place) <= this.now ? first : undefined;
  }

  /** The ICE servers of this connection have to be renewed at `at`. */
  renewAt(connection: Connection, at: number): void {
    this.#renewals.delete(connection);
    this.#renewals.set(connection, at);
  }

  /** One whose ICE servers have to be renewed, if there is one. */
  expiring(): Connection | undefined {
    const [first] = this.#renewals;
    return first !== undefined && first[1] <= this.now ? first[0] : undefined;
  }

  /** When the next one has waited too long or needs other ICE servers; Infinity where none does. */
  deadline(): number {
    const [first] = this.#waiting;
    const [renewal = Infinity] = this.#renewals.values();
    return Math.min(first === undefined ? Infinity : untilOf(first.place), renewal);
  }

  /** Counts the message for this peer, keeps it, and sends it where the peer is here. */
  post(peer: Peer, body: Body): void {
    const frame = peer.outbox.push(body);
    const connection = this.of(peer);
    if (connection) this.send(connection, frame);
  }

  /** Says it to the peer of this connection, or to the connection where it has none yet. */
  answer(connection: Connection, message: ServerMessage): undefined {
    const peer = peerOf(connection);
    if (peer) this.post(peer, body(message));
    else this.tell(connection, message);
  }

  /** Says something about the connection itself: uncounted, and gone with it. */
  tell(connection: Connection, message: ServerMessage): undefined {
    this.send(connection, JSON.stringify(message));
  }

  /** Says the same about each connection. */
  tellAll(connections: Iterable<Connection>, message: ServerMessage): void {
    const text = JSON.stringify(message);
    for (const connection of connections) this.send(connection, text);
  }

  acknowledge(connection: Connection, rid: Rid | undefined): void {
    if (rid !== undefined && this.get(connection.id)) {
      this.answer(connection, { type: "ack", rid });
    }
  }

  fault(connection: Connection, fault: Fault, rid?: Rid): undefined {
    this.countFault(fault.code);
    this.answer(connection, { type: "error", ...fault, rid });
  }

  /** Says why, and closes. What becomes of its peer is the caller's to say. */
  end(
    connection: Connection,
    code: ByeCode,
    message: string = byeCodes[code].meaning,
    retryAfter?: number,
  ): undefined {
    const { reconnect } = byeCodes[code];
    this.tell(connection, { type: "bye", code, message, reconnect, retryAfter });
    this.close(connection, code);
  }

  /** What the connection may still relay, in bytes. */
  relayed(connection: Connection): Bucket {
    const { relayBytesPerSecond } = this.#limits;
    return connection.relayed ??= new Bucket(relayBytesPerSecond, relayBytesPerSecond, this.now);
  }

  override limitsChanged(): void {
    super.limitsChanged();
    const { relayBytesPerSecond } = this.#limits;
    for (const { relayed } of this.all()) {
      relayed?.limit(relayBytesPerSecond, relayBytesPerSecond, this.now);
    }
  }

  override forget(connection: Connection): void {
    super.forget(connection);
    this.#vacate(connection);
  }

  #vacate(connection: Connection): void {
    this.#waiting.delete(connection);
    this.#watching.delete(connection);
    this.#renewals.delete(connection);
  }

  #waitingPlace(): Place {
    return { kind: "waiting", until: this.now + this.#limits.joinSeconds * 1_000 };
  }
}

function untilOf(place: Place): number {
  return place.kind === "waiting" ? place.until : Infinity;
}
