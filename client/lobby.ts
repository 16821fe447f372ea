/** The public rooms, asked for or watched. */
import { HearthError, type RoomListing } from "./api.ts";
import type { Environment } from "./environment.ts";
import { type Address, Socket } from "./socket.ts";

/** The server's most. */
const PAGE = 100;

/** Calls `listener` whenever the whole list is known. Answers the function that ends it. */
export function openLobby(
  env: Environment,
  address: Address,
  type: "list" | "watch",
  listener: (rooms: ReadonlyMap<string, RoomListing>) => void,
  ended: (error: HearthError) => void,
): () => void {
  const rooms = new Map<string, RoomListing>();
  /** Pages are still to come. */
  let partial = true;
  const told = () => partial || listener(new Map(rooms));
  const ask = (more: object = {}) => socket.say({ type: "list", limit: PAGE, ...more });
  const socket = new Socket(env, address, {
    enter() {
      rooms.clear();
      partial = true;
      return { type, limit: PAGE };
    },
    message(message) {
      switch (message.type) {
        case "list":
          for (const listing of message.rooms) rooms.set(listing.room, listing);
          partial = message.next !== undefined;
          return partial ? ask({ after: message.next }) : told();
        case "rooms":
          for (const room of message.gone) rooms.delete(room);
          for (const listing of message.changed) rooms.set(listing.room, listing);
          if (!message.lost) return told();
          rooms.clear();
          partial = true;
          return ask();
        case "error":
          return socket.end(message.code, message.message);
      }
    },
    data() {},
    life(life) {
      if (life.kind !== "ended") return;
      for (const stop of stops) stop();
      if (life.code !== "left") ended(new HearthError(life.code, life.message));
    },
  });
  const stops = [
    env.every(1_000, () => socket.tick()),
    env.onNetwork(() => socket.networkChanged()),
  ];
  return () => socket.end("left", "The list is not watched any more.");
}
