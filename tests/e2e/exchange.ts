import { deepEqual, equal } from "node:assert/strict";
import type { WatchedPage } from "../support/browser.ts";
import { play } from "./player.js";

const COUNT = 1_000;

/** Two players meet in a room, and each gets every message of the other, in order, by the relay. */
export async function exchange(players: readonly WatchedPage[]): Promise<void> {
  const results = await Promise.all(
    players.map(({ page }) => page.evaluate(play, { room: "MEETING", count: COUNT })),
  );
  for (const { received, localType } of results) {
    deepEqual(received, Array.from({ length: COUNT }, (_, index) => index));
    equal(localType, "relay");
  }
  for (const { complaints } of players) deepEqual(complaints, []);
}
