import { createHash } from "node:crypto";
import { byeCodes, type ErrorCode } from "../../codes.ts";
import type { ConnectionId, Entry } from "../../core/mod.ts";
import {
  isPeerId,
  parsePeerJs,
  type PeerJsServerMessage,
  type Transmission,
  transmissionText,
} from "../peerjs_messages.ts";
import { type Client, DoorCore, type DoorCoreOptions } from "./door_core.ts";
import { type Sender, Waiting } from "./waiting.ts";

/** As its server's `expire_timeout` has it. */
const WAIT_SECONDS = 5;
/** Messages for one absent peer, and from one address to all that are absent. */
const WAITING_MESSAGES = 1_024;
/** How many absent peers, or addresses, may be at their bound at once. */
const WAITING_SHARES = 16;

/** What the WebSocket's address says. */
export interface Claim {
  readonly peerId: string | null;
  readonly key: string | null;
  readonly token: string | undefined;
  /** Where the connection comes from, as connections are counted. */
  readonly group: string;
}

interface Peer extends Client, Sender {}

/**
 * The PeerServer protocol without sockets and clock: ids, and what their holders say to one another.
 * Keys make no realms: all ids share one space, as its clients take for granted.
 */
export class Broker extends DoorCore<Peer> {
  readonly #peers = new Map<string, Peer>();
  readonly #waiting: Waiting;

  constructor(options: DoorCoreOptions) {
    super(options);
    // Half of what may wait for a reader: whoever comes at last can take in all at once.
    const bytes = options.limits.sendBufferBytes / 2;
    this.#waiting = new Waiting({
      seconds: WAIT_SECONDS,
      each: { messages: WAITING_MESSAGES, bytes },
      all: { messages: WAITING_SHARES * WAITING_MESSAGES, bytes: WAITING_SHARES * bytes },
    });
  }

  /** The ids that are held. */
  get ids(): string[] {
    return [...this.#peers.keys()];
  }

  /** Messages to absent peers. */
  get waiting(): number {
    return this.#waiting.messages;
  }

  isHeld(peerId: string): boolean {
    return this.#peers.has(peerId);
  }

  /** A WebSocket is open. Whoever held the id with the same token gives way: the client is back. */
  opened(
    id: ConnectionId,
    { peerId, key, token, group }: Claim,
    entry: Entry,
    now: number,
  ): void {
    this.lines.now = now;
    const line = this.lineOf(id, entry);
    const owner = ownerOf(line.subject, token ?? "");
    const peer: Peer = { ...line, peerId: peerId ?? "", owner, group };
    if (!this.enter(peer, entry.authentication)) return;
    if (!peerId || !key || !token) {
      return this.#turnAway(peer, "bad-message", {
        type: "ERROR",
        payload: { msg: "The id, the token or the key is missing from the WebSocket's address." },
      });
    }
    if (!isPeerId(peerId)) {
      return this.#turnAway(peer, "bad-message", {
        type: "ERROR",
        payload: { msg: "An id has letters and digits, singly parted by spaces, _ or -." },
      });
    }
    const holder = this.#peers.get(peerId);
    if (holder && holder.owner !== owner) {
      return this.#turnAway(peer, "id-taken", {
        type: "ID-TAKEN",
        payload: { msg: "ID is taken" },
      });
    }
    if (holder) this.end(holder, "replaced", byeCodes.replaced.meaning);
    this.#peers.set(peerId, peer);
    this.#say(peer, { type: "OPEN" });
    for (const { from, texts } of this.#waiting.take(peerId)) {
      // Another may hold the sender's id by now, and would get the answers.
      if ((this.#peers.get(from.peerId) ?? from).owner !== from.owner) continue;
      for (const text of texts) this.lines.send(peer, text);
    }
    this.settle();
  }

  override tick(now: number): void {
    this.lines.now = now;
    for (let batch; (batch = this.#waiting.expired(now));) {
      const sender = this.#peers.get(batch.from.peerId);
      if (sender?.owner === batch.from.owner) this.#sayAbsent(sender, batch.to);
    }
    this.settle();
  }

  override deadline(): number {
    return this.#waiting.deadline();
  }

  protected override carryOut(peer: Peer, text: string): ErrorCode | undefined {
    const parsed = parsePeerJs(text);
    if (!parsed.ok) return parsed.code;
    const { message } = parsed;
    switch (message.type) {
      case "HEARTBEAT":
        return undefined;
      case "LEAVE":
        this.end(peer, "left");
        return undefined;
      default:
        this.#pass(peer, message);
        return undefined;
    }
  }

  /** Whoever was turned away held no id, though it named one that another may hold. */
  protected override left(peer: Peer): void {
    if (this.#peers.get(peer.peerId) === peer) this.#peers.delete(peer.peerId);
  }

  protected override explain(peer: Peer, msg: string): void {
    this.#say(peer, { type: "ERROR", payload: { msg } });
  }

  #pass(from: Peer, message: Transmission): void {
    const { dst } = message;
    const text = transmissionText(message, from.peerId);
    const to = this.#peers.get(dst);
    if (to) return this.lines.send(to, text);
    const { peerId, owner, group } = from;
    const kept = isPeerId(dst) &&
      this.#waiting.add({ peerId, owner, group }, dst, text, this.lines.now);
    if (!kept) this.#sayAbsent(from, dst);
  }

  #sayAbsent(to: Peer, absent: string): void {
    this.lines.countFault("no-such-peer");
    this.#say(to, { type: "EXPIRE", src: absent, dst: to.peerId });
  }

  #turnAway(peer: Peer, code: ErrorCode, message: PeerJsServerMessage): void {
    this.#say(peer, message);
    this.refuse(peer, code);
  }

  #say(peer: Peer, message: PeerJsServerMessage): void {
    this.lines.send(peer, JSON.stringify(message));
  }
}

/** By what the holder of an id is known again. A digest, so that comparing it tells nothing. */
function ownerOf(subject: string | undefined, token: string): string {
  return subject === undefined
    ? `token ${createHash("sha256").update(token).digest("base64")}`
    : `account ${subject}`;
}
