import type {
  Attributes,
  Body,
  HostTerm,
  LeaveReason,
  PeerView,
  RoomListing,
  RoomState,
  ServerMessage,
} from "../messages.ts";
import { body } from "../messages.ts";
import type { Presence } from "./life.ts";
import type { Outbox } from "./outbox.ts";

export interface Peer {
  readonly id: string;
  /** The id as JSON. */
  readonly quotedId: string;
  readonly name: string | undefined;
  readonly subject: string;
  /** Whether it is logged in; otherwise a guest, known in this room only. */
  readonly account: boolean;
  readonly room: Room;
  /** Its place in the order of joining. */
  readonly order: number;
  readonly outbox: Outbox;
  presence: Presence;
  /** Digest of the token that resumes it. */
  session: string;
}

/** Who may come in. A password is kept as its digest. */
export type Access =
  | { readonly kind: "open" }
  | { readonly kind: "locked" }
  | { readonly kind: "password"; readonly digest: Uint8Array };

/** One each for all rooms, as most have no other. */
const OPEN: Access = { kind: "open" };
const NO_ATTRIBUTES: Attributes = {};

/**
 * A room: its peers by id, its host, its state. It belongs to one owner and knows no connection:
 * what it has to say to a peer it gives to `post`, wherever that peer is attached.
 */
export class Room {
  readonly code: string;
  /** Its place in the order of making: what the public list pages by. */
  readonly ordinal: number;
  readonly peers = new Map<string, Peer>();
  access: Access = OPEN;
  public = false;
  attributes: Attributes = NO_ATTRIBUTES;
  readonly #post: (peer: Peer, body: Body) => void;
  #host: Peer | undefined;
  #term = 0;
  #places = 0;

  constructor(code: string, ordinal: number, post: (peer: Peer, body: Body) => void) {
    this.code = code;
    this.ordinal = ordinal;
    this.#post = post;
  }

  /** The next place in the order of joining. */
  nextOrder(): number {
    return this.#places++;
  }

  /** The first to enter becomes the host. The others hear of it by `announceArrival`. */
  enter(peer: Peer): void {
    this.peers.set(peer.id, peer);
    if (this.#host === undefined) this.#appoint(peer);
  }

  announceArrival(newcomer: Peer): void {
    for (const peer of this.peers.values()) {
      if (peer !== newcomer) {
        this.#post(peer, body({ type: "peer-joined", ...viewOf(newcomer, peer) }));
      }
    }
  }

  leave(peer: Peer, reason: LeaveReason): void {
    this.peers.delete(peer.id);
    this.announce({ type: "peer-left", id: peer.id, reason });
    if (this.#host !== peer) return;
    this.#host = undefined;
    const heir = this.#heir();
    if (heir) this.handOver(heir);
  }

  isHost(peer: Peer): boolean {
    return this.#host === peer;
  }

  handOver(peer: Peer): undefined {
    this.#appoint(peer);
    this.announce({ type: "host-changed", ...this.host() });
  }

  host(): HostTerm {
    return { id: this.#host?.id ?? "", term: this.#term };
  }

  state(): RoomState {
    return { access: this.access.kind, public: this.public, attributes: this.attributes };
  }

  listing(): RoomListing {
    const { access, attributes } = this.state();
    return { room: this.code, peers: this.peers.size, access, attributes };
  }

  /** The other peers, as `reader` sees them. */
  othersFor(reader: Peer): PeerView[] {
    return [...this.peers.values()].filter((peer) => peer !== reader).map((peer) =>
      viewOf(peer, reader)
    );
  }

  announce(message: ServerMessage, except?: Peer): undefined {
    this.spread(body(message), except);
  }

  /** Says the same to everybody but `except`. */
  spread(body: Body, except?: Peer): undefined {
    for (const peer of this.peers.values()) {
      if (peer !== except) this.#post(peer, body);
    }
  }

  #appoint(peer: Peer): void {
    this.#host = peer;
    this.#term++;
  }

  /** The longest-standing peer that is here; one that is away only where nobody is. */
  #heir(): Peer | undefined {
    const [first] = this.peers.values();
    for (const peer of this.peers.values()) {
      if (peer.presence.kind === "here") return peer;
    }
    return first;
  }
}

/** Of each pair, the one that was there before yields: exactly one of the two. */
function viewOf(peer: Peer, reader: Peer): PeerView {
  return {
    id: peer.id,
    ...(peer.name !== undefined && { name: peer.name }),
    polite: reader.order < peer.order,
    ...(peer.presence.kind === "away" && { away: true }),
  };
}
