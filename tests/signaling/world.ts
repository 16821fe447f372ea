/** The hub on a fake clock with fake connections: what a test says, and what each client hears. */
import { Hub } from "../../signaling/core/hub.ts";
import { Networks } from "../../signaling/core/networks.ts";
import type { ConnectionId, HubOptions, SignalingEvent } from "../../signaling/core/api.ts";
import type { SignalingLimits } from "../../signaling/limits.ts";
import { chance } from "../support/chance.ts";
import { authenticate, LIMITS } from "./server.ts";

// deno-lint-ignore no-explicit-any -- What comes is checked by the test that reads it.
export type Message = Record<string, any>;

export class Client {
  /** What came and was not taken yet. */
  inbox: Message[] = [];
  /** The close code, once the server has closed. */
  closed: number | undefined;
  /** Bytes the driver reports as waiting for this reader. */
  waiting = 0;

  constructor(readonly world: World, readonly id: ConnectionId) {}

  /** An object goes as JSON; text and bytes as they are. */
  say(message: object | string | Uint8Array): this {
    const raw = typeof message === "string" || message instanceof Uint8Array;
    this.world.hub.message(this.id, raw ? message : JSON.stringify(message), this.world.now);
    return this;
  }

  join(room: string, from?: string, more: object = {}): Message {
    return this.say({ type: "join", room, from, ...more }).one();
  }

  /** All that came since it was last taken. */
  take(): Message[] {
    return this.inbox.splice(0);
  }

  /** The one message that came since. */
  one(): Message {
    const messages = this.take();
    if (messages.length !== 1) throw new Error(`Not one message: ${JSON.stringify(messages)}`);
    return messages[0] ?? {};
  }

  /** Ends on purpose. */
  close(): void {
    this.world.hub.closed(this.id, true, this.world.now);
  }

  /** The connection breaks. */
  drop(): void {
    this.world.hub.closed(this.id, false, this.world.now);
  }
}

export class World {
  now = 1_000_000;
  readonly hub: Hub;
  readonly clients = new Map<ConnectionId, Client>();
  readonly revoked: string[] = [];
  readonly events: SignalingEvent[] = [];
  /** How long TURN credentials hold. */
  credentialSeconds = Infinity;
  readonly #chance = chance(1);
  readonly #limits: SignalingLimits;

  constructor(limits: Partial<SignalingLimits> = {}, auth: HubOptions["auth"] = "open") {
    this.#limits = { ...LIMITS, ...limits };
    this.hub = new Hub({
      limits: this.#limits,
      auth,
      networks: new Networks(this.#limits),
      effects: {
        send: (id, frame) => {
          const client = this.clients.get(id);
          if (!client || client.closed !== undefined) throw new Error("sent after the close");
          client.inbox.push(
            typeof frame === "string" ? { ...JSON.parse(frame), text: frame } : readBytes(frame),
          );
          return client.waiting;
        },
        close: (id, code) => {
          const client = this.clients.get(id);
          if (!client || client.closed !== undefined) throw new Error("closed twice");
          client.closed = code;
        },
        iceServers: (subject, host, room) => ({
          iceServers: [{ urls: `stun:${host}`, username: `${subject}/${room}` }],
          expiresAt: 7,
          lifeSeconds: this.credentialSeconds,
        }),
        revokeRelay: (subject) => this.revoked.push(subject),
        randomBytes: (length) => Uint8Array.from({ length }, () => this.#chance() * 256),
        note: (event) => this.events.push(event),
      },
    });
  }

  /** As at a reload of the configuration. */
  limit(limits: Partial<SignalingLimits>): void {
    Object.assign(this.#limits, limits);
    this.hub.limitsChanged(this.now);
  }

  /** Each comes from an address of its own, where none is given. */
  open(token?: string, address?: string): Client {
    const client = new Client(this, this.clients.size + 1 as ConnectionId);
    this.clients.set(client.id, client);
    const authentication = token === undefined ? undefined : authenticate(token);
    const own = `10.0.${client.id >> 8}.${client.id & 255}`;
    const origin = { address: address ?? own, session: undefined };
    this.hub.opened(client.id, { host: "game.example", origin, authentication }, this.now);
    return client;
  }

  /** Peers of one room, in this order, with nothing left in their inboxes. */
  room(code: string, ...ids: string[]): Client[] {
    const clients = ids.map((id) => {
      const client = this.open();
      client.say({ type: "join", room: code, from: id });
      return client;
    });
    clients.forEach((client) => client.take());
    return clients;
  }

  /** Lets time pass, with a tick at each deadline on the way. */
  pass(seconds: number): void {
    const end = this.now + seconds * 1_000;
    while (this.hub.deadline() <= end) {
      this.now = Math.max(this.now, this.hub.deadline());
      this.hub.tick(this.now);
    }
    this.now = end;
  }
}

function readBytes(frame: Uint8Array): Message {
  const seq = Number(new DataView(frame.buffer).getBigUint64(0));
  const idEnd = 9 + (frame[8] ?? 0);
  const from = new TextDecoder().decode(frame.subarray(9, idEnd));
  return { type: "bytes", from, seq, data: [...frame.subarray(idEnd)] };
}
