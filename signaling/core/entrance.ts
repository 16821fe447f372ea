import { createHash, timingSafeEqual } from "node:crypto";
import type { Fault } from "../codes.ts";
import type { SignalingLimits } from "../limits.ts";
import { type PublicLimits, type Rid } from "../messages.ts";
import { type JoinMessage, PROTOCOL_VERSION, type ResumeMessage } from "../protocol.ts";
import type { Effects, IceReason, Player } from "./api.ts";
import { type Connection, type Connections, peerOf } from "./connections.ts";
import type { Directory } from "./directory.ts";
import type { Access, Peer, Room } from "./room.ts";

/** A guess at a password costs as much as so many messages. */
const GUESS_COST = 20;

/** ICE servers are renewed after this part of their life, */
const RENEW_AFTER = 0.75;
/** and at most so often, in seconds. */
const LEAST_RENEWAL = 10;

/** How a connection gets a place in a room: by joining, making one, or taking its own back. */
export class Entrance {
  readonly #limits: SignalingLimits;
  readonly #effects: Effects;
  readonly #connections: Connections;
  readonly #directory: Directory;

  constructor(
    limits: SignalingLimits,
    effects: Effects,
    connections: Connections,
    directory: Directory,
  ) {
    this.#limits = limits;
    this.#effects = effects;
    this.#connections = connections;
    this.#directory = directory;
  }

  /** Gives the connection a place; answers why it gets none, if it does not. */
  join(
    connection: Connection,
    message: JoinMessage,
    rid: Rid | undefined,
  ): Fault | undefined {
    const seated = peerOf(connection);
    if (seated) return alreadyInRoom(seated);
    const code = message.type === "join" ? message.room : undefined;
    const found = code === undefined ? undefined : this.#directory.find(code);
    const { player } = connection;
    const id = player ? accountId(player) : message.from ?? this.#directory.freeId(found);
    const holder = found?.peers.get(id);
    const fault = holder
      ? idTaken(holder, player)
      : found
      ? this.#closedTo(connection, found, message.password)
      : this.#cannotMake(message);
    if (fault) return fault;

    const room = found ?? this.#make(code, message);
    if (holder) {
      const stale = this.#connections.of(holder);
      this.#directory.vacate(holder, "replaced");
      if (stale) this.#connections.end(stale, "replaced");
    }
    const { peer, token } = this.#directory.seat(room, {
      id,
      name: player ? player.name : message.name ?? undefined,
      subject: player ? player.subject : `guest.${room.code}.${id}`,
      account: player !== undefined,
      connection: connection.id,
    });
    this.#connections.attach(connection, peer);
    this.#connections.answer(connection, {
      type: "joined",
      version: PROTOCOL_VERSION,
      ...this.#roomView(peer, connection),
      resume: token,
      limits: publicLimits(this.#limits),
      rid,
    });
    // Only who has it has the token that would ask for it again.
    peer.outbox.clear();
    room.announceArrival(peer);
    return undefined;
  }

  /** Whoever makes a room says who may come in and what the lobby shows. */
  #make(code: string | undefined, message: JoinMessage): Room {
    const room = this.#directory.make(code);
    if (message.password) room.access = withPassword(message.password);
    if (message.type === "create") {
      room.attributes = message.attributes ?? {};
      this.#directory.publish(room, message.public ?? false);
    }
    return room;
  }

  #cannotMake(message: JoinMessage): Fault | undefined {
    if (message.type === "join" && message.create === false) {
      return {
        code: "no-such-room",
        message: `There is no room ${message.room}: check the code, or leave out "create":false.`,
      };
    }
    if (!this.#directory.full) return undefined;
    return {
      code: "too-many-rooms",
      message: `The server holds its ${this.#limits.rooms} rooms already: try again later.`,
    };
  }

  /** Why `room` lets nobody in now, or not with this password. */
  #closedTo(
    connection: Connection,
    room: Room,
    password: string | null | undefined,
  ): Fault | undefined {
    if (room.peers.size >= this.#limits.peersPerRoom) {
      return {
        code: "room-full",
        message: `Room ${room.code} has its ${this.#limits.peersPerRoom} peers already.`,
      };
    }
    if (room.access.kind === "locked") {
      return { code: "room-locked", message: `The host of room ${room.code} has locked it.` };
    }
    if (room.access.kind === "open") return undefined;
    if (password && timingSafeEqual(digestOf(password), room.access.digest)) return undefined;
    // Guesses are dear. The debt may close the connection at its next message.
    if (password) connection.messages.spend(GUESS_COST, this.#connections.now);
    return {
      code: "wrong-password",
      message: password
        ? `This is not the password of room ${room.code}.`
        : `Room ${room.code} needs a password: add "password" to the message.`,
    };
  }

  /** Gives the connection the place of the token's holder, with what that one has missed. */
  resume(
    connection: Connection,
    message: ResumeMessage,
    rid: Rid | undefined,
  ): Fault | undefined {
    const seated = peerOf(connection);
    if (seated) return alreadyInRoom(seated);
    const peer = this.#directory.holder(message.resume);
    if (!peer) {
      return {
        code: "no-such-session",
        message:
          `This resume token is unknown, was used before, or is older than ${this.#limits.resumeSeconds} s: join again.`,
      };
    }
    const subject = connection.player?.subject;
    if (subject !== (peer.account ? peer.subject : undefined)) {
      return {
        code: "unauthorized",
        message: "This place was taken with another login: connect with the token of that login.",
      };
    }
    const lost = peer.outbox.seq - message.seq;
    if (lost < 0) {
      return {
        code: "bad-message",
        message: `\`seq\` is ${message.seq}, but the last one sent is ${peer.outbox.seq}.`,
      };
    }
    const missed = peer.outbox.after(message.seq);
    const wasAway = peer.presence.kind === "away";
    const stale = this.#connections.of(peer);
    const resume = this.#directory.reattach(peer, connection.id);
    this.#connections.attach(connection, peer);
    if (stale) this.#connections.end(stale, "replaced");

    const resumed = { type: "resumed", resume, rid } as const;
    if (missed) {
      const grant = this.grant(peer, connection);
      this.#connections.tell(connection, { ...resumed, seq: message.seq, lost: 0, ...grant });
      for (const frame of missed) this.#connections.send(connection, frame);
    } else {
      const view = this.#roomView(peer, connection);
      this.#connections.tell(connection, { ...resumed, seq: peer.outbox.seq, lost, ...view });
    }
    if (wasAway) peer.room.announce({ type: "peer-back", id: peer.id }, peer);
    this.#effects.note({
      kind: "back",
      room: peer.room.code,
      id: peer.id,
      ...(missed ? { replayed: missed.length, lost: 0 } : { replayed: 0, lost }),
    });
    return undefined;
  }

  #roomView(peer: Peer, connection: Connection) {
    const { room } = peer;
    return {
      room: room.code,
      id: peer.id,
      peers: room.othersFor(peer),
      host: room.host(),
      ...room.state(),
      ...this.grant(peer, connection),
    };
  }

  /** ICE servers with credentials of this peer's own, to be renewed in good time. */
  grant({ subject, room }: Peer, connection: Connection) {
    const { iceServers, expiresAt, lifeSeconds } = this.#effects.iceServers(
      subject,
      connection.host,
      room.code,
    );
    const seconds = Math.max(RENEW_AFTER * lifeSeconds, LEAST_RENEWAL);
    this.#connections.renewAt(connection, this.#connections.now + seconds * 1_000);
    return { iceServers, iceExpiresAt: expiresAt };
  }

  /** Gives the peer of this connection other ICE servers, unasked. */
  pushIce(connection: Connection, peer: Peer, reason: IceReason): void {
    this.#connections.answer(connection, {
      type: "ice",
      ...this.grant(peer, connection),
      // What the relay had for the old ones is of no use any more.
      ...reason !== "expiring" && { restart: true },
    });
  }
}

/** No guest's id can begin like this: whoever has such an id has logged in. */
function accountId(player: Player): string {
  return `@${player.id}`;
}

function digestOf(password: string): Uint8Array {
  return createHash("sha256").update(password).digest();
}

export function withPassword(password: string): Access {
  return { kind: "password", digest: digestOf(password) };
}

export function alreadyInRoom(peer: Peer): Fault {
  return {
    code: "already-in-room",
    message:
      `This connection is in room ${peer.room.code} as ${peer.id}: open another one for another room.`,
  };
}

/** The same login may take its place over; nobody else may. */
function idTaken(holder: Peer, player: Player | undefined): Fault | undefined {
  if (player && holder.subject === player.subject) return undefined;
  return {
    code: "id-taken",
    message:
      `Room ${holder.room.code} has a peer ${holder.id} already: choose another id, or resume with its token.`,
  };
}

function publicLimits(limits: SignalingLimits): PublicLimits {
  const {
    maxMessageBytes,
    messagesPerSecond,
    messageBurst,
    peersPerRoom,
    relayBytesPerSecond,
    resumeSeconds,
    resumeMessages,
    idleSeconds,
  } = limits;
  return {
    maxMessageBytes,
    messagesPerSecond,
    messageBurst,
    peersPerRoom,
    relayBytesPerSecond,
    resumeSeconds,
    resumeMessages,
    idleSeconds,
  };
}
