import type { Connections } from "./connections.ts";
import type { Room } from "./room.ts";

/** How often watchers are told at most, in milliseconds. */
const INTERVAL = 1_000;
/** Rooms in one update: what nobody can make longer, however much changes. */
const ROOMS_PER_UPDATE = 20;
/** Rooms that wait to be told of. Beyond it watchers hear that they have to ask again. */
const ROOMS_WAITING = 500;

/** What those who watch the public rooms have still to hear: each room once, as it is by then. */
export class Lobby {
  readonly #connections: Connections;
  /** In the order of their first change since it was told. */
  readonly #changed = new Set<Room>();
  #lost = false;
  #toldAt = -Infinity;

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  /** Something that the list shows of this room has changed, or whether it shows the room. */
  note(room: Room): void {
    if (this.#lost || this.#connections.watching.size === 0) return;
    this.#changed.add(room);
    if (this.#changed.size <= ROOMS_WAITING) return;
    this.#changed.clear();
    this.#lost = true;
  }

  /** When `tell` is next needed; Infinity where there is nothing to tell. */
  deadline(): number {
    return this.#changed.size > 0 || this.#lost ? this.#toldAt + INTERVAL : Infinity;
  }

  /** Tells every watcher the same. */
  tell(): void {
    const rooms = [...this.#changed].slice(0, ROOMS_PER_UPDATE);
    for (const room of rooms) this.#changed.delete(room);
    this.#connections.tellAll(this.#connections.watching, {
      type: "rooms",
      gone: rooms.filter((room) => !room.public).map(({ code }) => code),
      changed: rooms.filter((room) => room.public).map((room) => room.listing()),
      ...this.#lost && { lost: true },
    });
    this.#lost = false;
    this.#toldAt = this.#connections.now;
  }

  /** Closes a step: where nobody watches, nothing is left to tell. */
  settle(): void {
    if (this.deadline() === Infinity || this.#connections.watching.size > 0) return;
    this.#changed.clear();
    this.#lost = false;
  }
}
