import type { Fault } from "../codes.ts";
import { forwardBody, relayBody, type Rid } from "../messages.ts";
import type { HostMessage, RoomMessage } from "../protocol.ts";
import type { Effects } from "./api.ts";
import type { Connection, Connections } from "./connections.ts";
import type { Directory } from "./directory.ts";
import { type Entrance, withPassword } from "./entrance.ts";
import type { Peer, Room } from "./room.ts";

/** What a peer may say and do in its room. */
export class Conversation {
  readonly #effects: Effects;
  readonly #connections: Connections;
  readonly #directory: Directory;
  readonly #entrance: Entrance;

  constructor(
    effects: Effects,
    connections: Connections,
    directory: Directory,
    entrance: Entrance,
  ) {
    this.#effects = effects;
    this.#connections = connections;
    this.#directory = directory;
    this.#entrance = entrance;
  }

  /** Acts on a peer's message; answers what is wrong with it, if anything is. */
  carryOut(
    connection: Connection,
    peer: Peer,
    message: RoomMessage,
    rid: Rid | undefined,
  ): Fault | undefined {
    switch (message.type) {
      case "forward":
        return this.#pass(peer, message.to, message.name, message.payload);
      case "broadcast":
        return this.#spread(peer, '"broadcast"', message.payload);
      case "relay":
        return typeof message.to === "string"
          ? this.#pass(peer, message.to, '"relay"', message.payload)
          : this.#spread(peer, '"relay"', message.payload);
      case "relay-bytes":
        return this.#relay(peer, message.to, relayBody(peer.id, message.data));
      case "ice":
        return this.#connections.answer(connection, {
          type: "ice",
          ...this.#entrance.grant(peer, connection),
          rid,
        });
      case "leave":
        this.#connections.acknowledge(connection, rid);
        this.#directory.remove(peer, "left");
        return this.#connections.end(connection, "left");
      case "host":
        return message.to
          ? this.#lead(peer, message)
          : this.#connections.answer(connection, { type: "host", ...peer.room.host(), rid });
      default:
        return this.#lead(peer, message);
    }
  }

  #pass(peer: Peer, to: string, type: string, payload: string | undefined): Fault | undefined {
    const receiver = peer.room.peers.get(to);
    if (!receiver) return noSuchPeer(peer.room, to);
    const body = forwardBody(type, peer.quotedId, receiver.quotedId, payload);
    this.#connections.post(receiver, body);
    return undefined;
  }

  /** To everybody else. */
  #spread(peer: Peer, type: string, payload: string | undefined): undefined {
    peer.room.spread(forwardBody(type, peer.quotedId, undefined, payload), peer);
  }

  /** To one peer, or to everybody else where `to` names none. */
  #relay(peer: Peer, to: string | undefined, body: Uint8Array): Fault | undefined {
    if (to === undefined) return peer.room.spread(body, peer);
    const receiver = peer.room.peers.get(to);
    if (!receiver) return noSuchPeer(peer.room, to);
    this.#connections.post(receiver, body);
    return undefined;
  }

  /** What only the host may do. */
  #lead(peer: Peer, message: HostMessage): Fault | undefined {
    const { room } = peer;
    if (!room.isHost(peer)) {
      return {
        code: "not-host",
        message: `Only the host may send "${message.type}"; the host is ${room.host().id}.`,
      };
    }
    switch (message.type) {
      case "host":
      case "kick": {
        const target = room.peers.get(message.to ?? "");
        if (!target) return noSuchPeer(room, message.to ?? "");
        return message.type === "host" ? room.handOver(target) : this.#kick(target);
      }
      case "lock":
        room.access = message.password ? withPassword(message.password) : { kind: "locked" };
        break;
      case "unlock":
        room.access = { kind: "open" };
        break;
      case "set":
        this.#directory.publish(room, message.public ?? room.public);
        room.attributes = message.attributes ?? room.attributes;
        break;
    }
    return this.#directory.announce(room);
  }

  #kick(peer: Peer): undefined {
    const connection = this.#connections.of(peer);
    this.#directory.remove(peer, "kicked");
    if (connection) this.#connections.end(connection, "kicked");
    this.#effects.revokeRelay(peer.subject);
  }
}

function noSuchPeer(room: Room, id: string): Fault {
  return {
    code: "no-such-peer",
    message: `There is no peer ${
      JSON.stringify(id)
    } in room ${room.code}: it never came or has left.`,
  };
}
