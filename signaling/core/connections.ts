import { type ByeCode, byeCodes, type Fault } from "../codes.ts";
import type { SignalingLimits } from "../limits.ts";
import { type Body, body, frame, type Rid, type ServerMessage } from "../messages.ts";
import type { ConnectionId, Effects, Origin, Player } from "./api.ts";
import { Bucket } from "./bucket.ts";
import { type Line, Lines } from "./lines.ts";
import type { Peer } from "./room.ts";

export interface Connection extends Line {
  /** Who is logged in; a guest where nobody is. */
  readonly player: Player | undefined;
  /** The host name by which this client reached the server. */
  readonly host: string;
  readonly relayed: Bucket;
  /** Whom it serves; undefined while it waits for its room. */
  peer: Peer | undefined;
}

/** The connections of peers, and of those who wait for their room. */
export class Connections extends Lines<Connection> {
  readonly #limits: SignalingLimits;
  /** All may wait equally long, so the first is the first to be due. */
  readonly #waiting = new Map<Connection, number>();

  constructor(limits: SignalingLimits, effects: Effects) {
    super(limits, effects);
    this.#limits = limits;
  }

  add(id: ConnectionId, host: string, origin: Origin, player: Player | undefined): Connection {
    const { messagesPerSecond, messageBurst, relayBytesPerSecond, joinSeconds } = this.#limits;
    const connection: Connection = {
      id,
      host,
      origin,
      player,
      messages: new Bucket(messagesPerSecond, messageBurst, this.now),
      relayed: new Bucket(relayBytesPerSecond, relayBytesPerSecond, this.now),
      peer: undefined,
    };
    this.open(connection);
    this.#waiting.set(connection, this.now + joinSeconds * 1_000);
    return connection;
  }

  /** From now on the connection serves this peer. */
  attach(connection: Connection, peer: Peer): void {
    this.#waiting.delete(connection);
    connection.peer = peer;
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
    return first !== undefined && first[1] <= this.now ? first[0] : undefined;
  }

  /** When the next connection has waited too long; Infinity where none waits. */
  deadline(): number {
    const [joinBy] = this.#waiting.values();
    return joinBy ?? Infinity;
  }

  /** Counts the message for this peer, keeps it, and sends it where the peer is here. */
  post(peer: Peer, body: Body): void {
    const seq = peer.outbox.push(body, this.now);
    const connection = this.of(peer);
    if (connection) this.send(connection, frame(body, seq));
  }

  /** Says it to the peer of this connection, or to the connection where it has none yet. */
  answer(connection: Connection, message: ServerMessage): undefined {
    if (connection.peer) this.post(connection.peer, body(message));
    else this.tell(connection, message);
  }

  /** Says something about the connection itself: uncounted, and gone with it. */
  tell(connection: Connection, message: ServerMessage): undefined {
    this.send(connection, JSON.stringify(message));
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

  override forget(connection: Connection): void {
    super.forget(connection);
    this.#waiting.delete(connection);
  }
}
