import { type ByeCode, byeCodes, type Fault } from "../codes.ts";
import type { SignalingLimits } from "../limits.ts";
import { type Body, body, frame, type Rid, type ServerMessage } from "../messages.ts";
import type { ConnectionId, Effects, Player } from "./api.ts";
import { Bucket } from "./bucket.ts";
import type { Peer } from "./room.ts";

export interface Connection {
  readonly id: ConnectionId;
  /** Who is logged in; a guest where nobody is. */
  readonly player: Player | undefined;
  /** The host name by which this client reached the server. */
  readonly host: string;
  readonly messages: Bucket;
  readonly relayed: Bucket;
  /** Whom it serves; undefined while it waits for its room. */
  peer: Peer | undefined;
}

/** The open connections, what goes out on them, and how they end. */
export class Connections {
  /** The time of the step at hand; whoever takes a step sets it first. */
  now = 0;
  sent = 0;
  readonly ends = new Map<ByeCode, number>();
  readonly faults = new Map<Fault["code"], number>();
  readonly #limits: SignalingLimits;
  readonly #effects: Effects;
  readonly #open = new Map<ConnectionId, Connection>();
  /** All may wait equally long, so the first is the first to be due. */
  readonly #waiting = new Map<Connection, number>();
  readonly #overflowed = new Set<Connection>();

  constructor(limits: SignalingLimits, effects: Effects) {
    this.#limits = limits;
    this.#effects = effects;
  }

  add(id: ConnectionId, host: string, player: Player | undefined): Connection {
    const { messagesPerSecond, messageBurst, relayBytesPerSecond, joinSeconds } = this.#limits;
    const connection: Connection = {
      id,
      host,
      player,
      messages: new Bucket(messagesPerSecond, messageBurst, this.now),
      relayed: new Bucket(relayBytesPerSecond, relayBytesPerSecond, this.now),
      peer: undefined,
    };
    this.#open.set(id, connection);
    this.#waiting.set(connection, this.now + joinSeconds * 1_000);
    return connection;
  }

  get(id: ConnectionId): Connection | undefined {
    return this.#open.get(id);
  }

  all(): Connection[] {
    return [...this.#open.values()];
  }

  /** From now on the connection serves this peer. */
  attach(connection: Connection, peer: Peer): void {
    this.#waiting.delete(connection);
    connection.peer = peer;
  }

  of({ presence }: Peer): Connection | undefined {
    return presence.kind === "here" ? this.#open.get(presence.connection) : undefined;
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

  /** One whose reader is too slow, if there is one. */
  overflowed(): Connection | undefined {
    const [first] = this.#overflowed;
    return first;
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
    if (rid !== undefined && this.#open.has(connection.id)) {
      this.answer(connection, { type: "ack", rid });
    }
  }

  fault(connection: Connection, fault: Fault, rid?: Rid): undefined {
    this.faults.set(fault.code, (this.faults.get(fault.code) ?? 0) + 1);
    this.#effects.note({ kind: "fault", code: fault.code });
    this.answer(connection, { type: "error", ...fault, rid });
  }

  send(connection: Connection, frame: string | Uint8Array): void {
    this.sent++;
    const waiting = this.#effects.send(connection.id, frame);
    if (waiting > this.#limits.sendBufferBytes) this.#overflowed.add(connection);
  }

  /** Says why, and closes. What becomes of its peer is the caller's to say. */
  end(
    connection: Connection,
    code: ByeCode,
    message: string = byeCodes[code].meaning,
    retryAfter?: number,
  ): undefined {
    const { close, reconnect } = byeCodes[code];
    this.tell(connection, { type: "bye", code, message, reconnect, retryAfter });
    this.forget(connection);
    this.#effects.close(connection.id, close, code);
    this.ends.set(code, (this.ends.get(code) ?? 0) + 1);
    this.#effects.note({ kind: "ended", code });
  }

  forget(connection: Connection): void {
    this.#open.delete(connection.id);
    this.#waiting.delete(connection);
    this.#overflowed.delete(connection);
  }
}
