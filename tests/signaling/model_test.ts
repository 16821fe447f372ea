/**
 * Random histories of several clients run on the hub beside a simple model. `HEARTH_HISTORIES` sets
 * how many and `SEED` which; a failure prints the shortest history that still fails.
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import * as fc from "fast-check";
import { Client, type Message, World } from "./world.ts";

const ROOMS = ["R", "S"];
const IDS = ["a", "b", "c", "d"];
const PLAYERS = 5;
const LIMITS = {
  peersPerRoom: 3,
  resumeMessages: 6,
  resumeSeconds: 30,
  joinSeconds: 1_000,
  idleSeconds: 60,
  messagesPerSecond: 5,
  messageBurst: 8,
  relayBytesPerSecond: 1e6,
};

/** One place in a room, from `joined` to its end, as its player knows it. */
interface Seat {
  readonly room: ModelRoom;
  readonly id: string;
  resume: string;
  seq: number;
  here: boolean;
  until: number;
  /** Ids in the room, and whether this one yields to them. */
  readonly view: Map<string, boolean>;
  host: string;
  /** What has been said to this seat and has not come yet. */
  due: string[];
}

interface ModelRoom {
  readonly seats: Map<string, Seat>;
  host: Seat | undefined;
  locked: boolean;
  public: boolean;
  readonly hostOfTerm: Map<number, string>;
}

interface Player {
  client: Client | undefined;
  /** The last seat this player had; perhaps no longer its own. */
  seat: Seat | undefined;
  /** The public rooms as its connection has been told of them, while it watches. */
  lobby: Map<string, Message> | undefined;
}

type Operation =
  | { do: "join"; player: number; room: number; id: number }
  | { do: "say" | "kick" | "hand over"; player: number; to: number }
  | { do: "flood"; player: number; to: number; times: number }
  | { do: "resume"; player: number; behind: number }
  | { do: "broadcast" | "relay" | "leave" | "close" | "drop" | "slow"; player: number }
  | { do: "lock" | "unlock" | "publish" | "hide"; player: number }
  | { do: "watch" | "unwatch" | "junk" | "stale resume"; player: number }
  | { do: "pass"; seconds: number };

const player = fc.nat(PLAYERS - 1);
const to = fc.nat(IDS.length - 1);
const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant("join" as const), player, room: fc.nat(1), id: to }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("say" as const), player, to }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("resume" as const), player, behind: fc.nat(2) }),
  },
  fc.record({ do: fc.constantFrom("kick" as const, "hand over" as const), player, to }),
  fc.record({ do: fc.constant("flood" as const), player, to, times: fc.nat(20) }),
  {
    weight: 11,
    arbitrary: fc.record({
      do: fc.constantFrom(
        "broadcast" as const,
        "relay" as const,
        "leave" as const,
        "close" as const,
        "drop" as const,
        "slow" as const,
        "lock" as const,
        "unlock" as const,
        "publish" as const,
        "hide" as const,
        "watch" as const,
        "unwatch" as const,
        "junk" as const,
        "stale resume" as const,
      ),
      player,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("pass" as const),
      seconds: fc.constantFrom(1, 10, 29, 31, 200),
    }),
  },
);

class Model {
  readonly world = new World(LIMITS);
  readonly rooms = new Map<string, ModelRoom>();
  readonly players: Player[] = Array.from(
    { length: PLAYERS },
    () => ({ client: undefined, seat: undefined, lobby: undefined }),
  );
  #said = 0;

  run(operation: Operation): void {
    if (operation.do === "pass") return this.pass(operation.seconds);
    const player = this.players[operation.player] as Player;
    if (!player.client) player.lobby = undefined;
    const client = player.client ??= this.world.open();
    const seat = this.seatOf(player);
    switch (operation.do) {
      case "join":
        return this.join(player, client, ROOMS[operation.room] ?? "", IDS[operation.id] ?? "");
      case "say":
        return this.say(player, client, IDS[operation.to] ?? "");
      case "flood":
        for (let i = 0; i < operation.times && player.client === client; i++) {
          this.say(player, client, IDS[operation.to] ?? "");
        }
        return;
      case "broadcast":
      case "relay": {
        const payload = `${++this.#said}`;
        client.say({ type: operation.do, payload });
        if (this.refused(player, client)) return;
        for (const other of seat?.room.seats.values() ?? []) {
          if (other !== seat) other.due.push(payload);
        }
        return this.hear();
      }
      case "kick":
      case "hand over": {
        const target = seat?.room.seats.get(IDS[operation.to] ?? "");
        client.say({ type: operation.do === "kick" ? "kick" : "host", to: IDS[operation.to] });
        if (this.refused(player, client) || !seat || seat.room.host !== seat || !target) {
          return this.hear();
        }
        if (operation.do === "kick") this.vacate(target);
        else seat.room.host = target;
        return this.hear();
      }
      case "lock":
      case "unlock":
        client.say({ type: operation.do });
        if (!this.refused(player, client) && seat && seat.room.host === seat) {
          seat.room.locked = operation.do === "lock";
        }
        return this.hear();
      case "publish":
      case "hide":
        client.say({ type: "set", public: operation.do === "publish" });
        if (!this.refused(player, client) && seat && seat.room.host === seat) {
          seat.room.public = operation.do === "publish";
        }
        return this.hear();
      case "watch":
        client.say({ type: "watch" });
        if (this.refused(player, client)) return;
        if (seat) equal(client.inbox.at(-1)?.code, "already-in-room");
        else player.lobby = new Map();
        return this.hear();
      case "unwatch":
        client.say({ type: "unwatch" });
        if (!this.refused(player, client)) player.lobby = undefined;
        return this.hear();
      case "junk":
        client.say("{");
        this.refused(player, client);
        return this.hear();
      case "leave":
        client.say({ type: "leave" });
        if (!this.refused(player, client) && seat) this.vacate(seat);
        return this.hear();
      case "close":
        this.hear();
        client.close();
        player.client = undefined;
        if (seat) this.vacate(seat);
        return this.hear();
      case "drop":
        // What was under way is lost with the connection, so it is not heard first.
        client.take();
        client.drop();
        player.client = undefined;
        if (seat) this.lose(seat);
        return this.hear();
      case "slow":
        client.waiting = Infinity;
        client.say({ type: "ping" });
        if (client.closed !== undefined && seat) this.lose(seat);
        return this.hear();
      case "resume":
        return this.resume(player, operation.behind);
      case "stale resume": {
        const late = this.world.open();
        late.say({ type: "resume", resume: "of long ago", seq: 0 });
        equal(late.one().code, "no-such-session");
        late.close();
      }
    }
  }

  /** The player's seat, where its connection serves it. */
  seatOf({ client, seat }: Player): Seat | undefined {
    return client && seat?.here && seat.room.seats.get(seat.id) === seat ? seat : undefined;
  }

  join(player: Player, client: Client, code: string, id: string): void {
    const had = this.seatOf(player);
    const room = this.rooms.get(code);
    client.say({ type: "join", room: code, from: id });
    if (this.refused(player, client)) return;
    const joined = client.inbox.find(({ type }) => type === "joined");
    const expected = had
      ? "already-in-room"
      : room?.seats.has(id)
      ? "id-taken"
      : room && room.seats.size >= LIMITS.peersPerRoom
      ? "room-full"
      : room?.locked
      ? "room-locked"
      : "joined";
    equal(joined ? "joined" : client.inbox.at(-1)?.code, expected);
    if (!joined) return this.hear();
    equal(joined.seq, 1);
    player.lobby = undefined;
    const entered = room ??
      { seats: new Map(), host: undefined, locked: false, public: false, hostOfTerm: new Map() };
    this.rooms.set(code, entered);
    const seat: Seat = {
      room: entered,
      id,
      resume: "",
      seq: 0,
      here: true,
      until: 0,
      view: new Map(),
      host: "",
      due: [],
    };
    entered.seats.set(id, seat);
    entered.host ??= seat;
    player.seat = seat;
    this.hear();
  }

  say(player: Player, client: Client, to: string): void {
    const payload = `${++this.#said}`;
    client.say({ type: "x", to, payload });
    if (this.refused(player, client)) return;
    const seat = this.seatOf(player);
    const receiver = seat?.room.seats.get(to);
    if (receiver) receiver.due.push(payload);
    else equal(client.inbox.at(-1)?.code, seat ? "no-such-peer" : "not-in-room");
    this.hear();
  }

  /** On a new connection, as one who has missed the last `behind` messages. */
  resume(player: Player, behind: number): void {
    const { seat } = player;
    if (!seat) return;
    this.hear();
    const fresh = this.world.open();
    const claimed = Math.max(0, seat.seq - (seat.here ? 0 : behind));
    fresh.say({ type: "resume", resume: seat.resume, seq: claimed });
    const held = seat.room.seats.get(seat.id) === seat;
    equal(fresh.inbox[0]?.type, held ? "resumed" : "error");
    if (!held) {
      equal(fresh.one().code, "no-such-session");
      return fresh.close();
    }
    if (player.client && !seat.here) player.client.close();
    else if (player.client) deepEqual(player.client.take().map(({ code }) => code), ["replaced"]);
    player.client = fresh;
    player.lobby = undefined;
    seat.here = true;
    if (fresh.inbox[0]?.lost > 0) seat.seq = claimed;
    else if (claimed < seat.seq) {
      // These came before and come again because it said that it had not got them.
      const again = fresh.inbox.splice(1, seat.seq - claimed);
      deepEqual(again.map(({ seq }) => seq), again.map((_, index) => claimed + 1 + index));
      equal(again.length, seat.seq - claimed);
      fresh.inbox[0].seq = seat.seq;
    }
    this.hear();
  }

  pass(seconds: number): void {
    this.world.pass(seconds);
    const over = [...this.rooms.values()].flatMap(({ seats }) => [...seats.values()])
      .filter((seat) => !seat.here && seat.until <= this.world.now)
      .sort((one, other) => one.until - other.until);
    over.forEach((seat) => this.vacate(seat));
    for (const player of this.players) {
      if (player.client?.closed !== undefined) player.client = undefined;
    }
    this.hear();
    for (const { client, lobby } of this.players) {
      if (client && lobby) deepEqual(lobby, this.publicRooms(), "watchers know the public rooms");
    }
  }

  publicRooms(): Map<string, Message> {
    const rooms = [...this.rooms].filter(([, room]) => room.public);
    return new Map(
      rooms.map(([code, { seats, locked }]) => [
        code,
        { room: code, peers: seats.size, access: locked ? "locked" : "open", attributes: {} },
      ]),
    );
  }

  /** Whether the last message met the rate limit; where that ended the connection, says so. */
  refused(player: Player, client: Client): boolean {
    const last = client.inbox.at(-1);
    if (last?.code !== "rate-limited") return false;
    const seat = this.seatOf(player);
    if (last.type === "bye" && seat) this.lose(seat);
    this.hear();
    return true;
  }

  lose(seat: Seat): void {
    seat.here = false;
    seat.until = this.world.now + LIMITS.resumeSeconds * 1_000;
  }

  vacate(seat: Seat): void {
    const { room } = seat;
    room.seats.delete(seat.id);
    if (room.host === seat) {
      room.host = [...room.seats.values()].find(({ here }) => here) ?? [...room.seats.values()][0];
    }
    for (const [code, candidate] of this.rooms) {
      if (candidate === room && room.seats.size === 0) this.rooms.delete(code);
    }
  }

  /** Each player reads what has come, and everything is compared. */
  hear(): void {
    for (const player of this.players) {
      const { client } = player;
      if (!client) continue;
      for (const message of client.take()) {
        if (message.type === "list" || message.type === "rooms") follow(player, message);
        else if (player.seat) listen(player.seat, message);
      }
      if (client.closed !== undefined) player.client = undefined;
    }
    for (const { seats, host } of this.rooms.values()) {
      for (const seat of seats.values()) {
        if (!seat.here) continue;
        deepEqual(seat.due, [], "all that was said to it has come");
        equal(seat.host, host?.id);
        deepEqual(
          [...seat.view.keys()].sort(),
          [...seats.keys()].filter((id) => id !== seat.id).sort(),
        );
        for (const [id, polite] of seat.view) {
          const other = seats.get(id);
          if (other?.here) ok(other.view.get(seat.id) !== polite, "exactly one of a pair yields");
        }
      }
    }
    const { rooms, peers } = this.world.hub.stats();
    equal(rooms, this.rooms.size);
    equal(peers, [...this.rooms.values()].reduce((sum, { seats }) => sum + seats.size, 0));
  }

  /** When everybody has gone, nothing is left. */
  end(): void {
    for (const player of this.players) player.client?.drop();
    this.world.pass(1_000);
    const { rooms, peers, peersAway, watchers } = this.world.hub.stats();
    deepEqual([rooms, peers, peersAway, watchers], [0, 0, 0, 0]);
    equal(this.world.hub.deadline(), Infinity);
  }
}

/** What a correct lobby does with what it is told. */
function follow({ lobby }: Player, { changed, gone, rooms }: Message): void {
  ok(lobby, "only watchers are told");
  for (const code of gone ?? []) lobby.delete(code);
  for (const { room, ...listing } of changed ?? rooms) lobby.set(room, { room, ...listing });
}

/** What a correct client does with a message, and what it may take for granted. */
function listen(seat: Seat, message: Message): void {
  const term = (id: string, term: number) => {
    equal(seat.room.hostOfTerm.get(term) ?? id, id, "one host in each term");
    seat.room.hostOfTerm.set(term, id);
    seat.host = id;
  };
  if (message.type === "bye" || message.type === "pong") return;
  if (message.type === "resumed") {
    equal(message.seq, seat.seq + message.lost, "the loss is stated");
    seat.seq = message.seq;
    seat.resume = message.resume;
    if (message.lost === 0) return; // What was missed follows.
    seat.due = [];
  } else if (message.seq === undefined) {
    return equal(message.type, "error"); // Said before it had a place.
  } else equal(message.seq, ++seat.seq, "no gap");
  switch (message.type) {
    case "joined":
    case "resumed":
      seat.resume = message.resume;
      seat.view.clear();
      for (const { id, polite } of message.peers) seat.view.set(id, polite);
      return term(message.host.id, message.host.term);
    case "peer-joined":
      ok(!seat.view.has(message.id));
      seat.view.set(message.id, message.polite);
      return;
    case "peer-left":
      ok(seat.view.delete(message.id));
      return;
    case "host-changed":
      return term(message.id, message.term);
    case "x":
    case "broadcast":
    case "relay":
      ok(message.from === seat.id || seat.view.has(message.from), "nothing after `peer-left`");
      equal(message.payload, seat.due.shift(), "in order, once");
  }
}

Deno.test("random histories keep to the model", () => {
  const seed = Number(Deno.env.get("SEED") ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`SEED=${seed}`);
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 60, size: "max" }), (history) => {
      const model = new Model();
      for (const operation of history) model.run(operation);
      model.end();
    }),
    { numRuns: Number(Deno.env.get("HEARTH_HISTORIES") ?? 500), seed },
  );
});
