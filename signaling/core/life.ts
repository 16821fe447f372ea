import type { LeaveReason } from "../messages.ts";
import type { ConnectionId, Origin } from "./api.ts";
import type { Peer } from "./room.ts";

/**
 * The life of a peer, begun by its first connection and ended with its place:
 *
 *     connecting → waiting ⇄ watching      a connection's place
 *                     └──┬──────┘
 *                        ▼
 *                      here ⇄ away → gone  the peer's presence
 *                        └────────────┘
 *
 * Connecting, the driver reads the handshake and the login, and the core knows nothing yet.
 */
export type Life = Place | Presence;

/** What a connection is there for. */
export type Place =
  /** It has to join, resume or watch by `until`, on the clock of `now`. */
  | { readonly kind: "waiting"; readonly until: number }
  /** It hears what becomes of the public rooms. */
  | { readonly kind: "watching" }
  | { readonly kind: "serving"; readonly peer: Peer };

/**
 * Where a peer is. A connection that ends without a word makes a peer `away`: it keeps its place,
 * and what is said to it, until it resumes or the time is over.
 */
export type Presence =
  | { readonly kind: "here"; readonly connection: ConnectionId }
  /** `origin` is that of the connection that was lost; `until` is on the clock of `now`. */
  | { readonly kind: "away"; readonly origin: Origin; readonly until: number }
  | { readonly kind: "gone"; readonly reason: LeaveReason };
