/** The cores of the doors on a fake clock: what a client says and what it hears. */
import {
  type ConnectionId,
  type Core,
  type Entry,
  type LineEffects,
  Networks,
  type SignalingEvent,
} from "../../signaling/core/mod.ts";
import { Broker, Topics } from "../../signaling/doors/core/mod.ts";
import type { SignalingLimits } from "../../signaling/limits.ts";
import { authenticate, LIMITS } from "../signaling/server.ts";

export class Client {
  inbox: string[] = [];
  /** The close code and reason, once the server has closed. */
  closed: [number, string] | undefined;
  /** Bytes the driver reports as waiting for this reader. */
  waiting = 0;

  constructor(readonly world: World, readonly id: ConnectionId) {}

  /** An object goes as JSON; text and bytes as they are. */
  say(message: unknown): this {
    const raw = typeof message === "string" || message instanceof Uint8Array;
    this.world.core.message(this.id, raw ? message : JSON.stringify(message), this.world.now);
    return this;
  }

  /** All that came since it was last taken, parsed. */
  take(): unknown[] {
    return this.inbox.splice(0).map((text) => JSON.parse(text));
  }

  close(): void {
    this.world.core.closed(this.id, true, this.world.now);
  }
}

class World<C extends Core = Core> {
  now = 1_000_000;
  readonly core: C;
  readonly events: SignalingEvent[] = [];
  protected readonly clients = new Map<ConnectionId, Client>();

  constructor(make: (effects: LineEffects) => C) {
    const open = (id: ConnectionId) => {
      const client = this.clients.get(id);
      if (!client || client.closed) throw new Error("used after the close");
      return client;
    };
    this.core = make({
      send: (id, frame) => open(id).inbox.push(frame as string) && open(id).waiting,
      close: (id, code, reason) => open(id).closed = [code, reason],
      note: (event) => this.events.push(event),
    });
  }

  /** Lets time pass; what is due happens when it is due. */
  pass(seconds: number): void {
    const until = this.now + seconds * 1_000;
    for (let due; (due = this.core.deadline()) <= until;) {
      this.now = Math.max(due, this.now);
      this.core.tick(this.now);
    }
    this.now = until;
  }

  get faults(): Readonly<Record<string, number>> {
    return this.core.stats().faultsByCode;
  }

  protected client(): Client {
    const client = new Client(this, this.clients.size as ConnectionId);
    this.clients.set(client.id, client);
    return client;
  }
}

type Auth = "open" | "required";

export class BrokerWorld extends World<Broker> {
  constructor(limits: Partial<SignalingLimits> = {}, auth: Auth = "open") {
    super((effects) => new Broker(optionsOf(limits, auth, effects)));
  }

  /** `login` is what the token says where it is one. */
  open(
    peerId: string | null,
    { token = "t", key = "peerjs", group = "1.1.1.1", login = undefined as string | undefined } =
      {},
  ): Client {
    const client = this.client();
    const claim = { peerId, key, token, group };
    this.core.opened(client.id, claim, entryOf(login), this.now);
    return client;
  }

  /** Opens, and takes `OPEN`. */
  peer(peerId: string, more: { token?: string; group?: string } = {}): Client {
    const client = this.open(peerId, more);
    const [first] = client.inbox.splice(0, 1);
    if (first !== '{"type":"OPEN"}') throw new Error(`Not open: ${first}`);
    return client;
  }
}

export class TopicsWorld extends World<Topics> {
  constructor(limits: Partial<SignalingLimits> = {}, auth: Auth = "open") {
    super((effects) => new Topics(optionsOf(limits, auth, effects)));
  }

  open(login?: string, address?: string): Client {
    const client = this.client();
    this.core.opened(client.id, entryOf(login, address), this.now);
    return client;
  }
}

function optionsOf(limits: Partial<SignalingLimits>, auth: Auth, effects: LineEffects) {
  const all = { ...LIMITS, ...limits };
  return { limits: all, auth, effects, networks: new Networks(all) };
}

function entryOf(login: string | undefined, address = "203.0.113.1"): Entry {
  return {
    origin: { address, session: undefined },
    authentication: login === undefined ? undefined : authenticate(login),
  };
}
