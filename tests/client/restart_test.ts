/** The program ends and starts again while players are in a room. */
import { deepEqual, equal, rejects } from "node:assert/strict";
import { connect, type Room } from "../../client/mod.ts";
import { startServer } from "../support/server.ts";

const back = (room: Room) => new Promise<void>((resolve) => room.on("back", () => resolve()));
const until = (condition: () => boolean, ...rooms: Room[]) =>
  new Promise<void>((resolve) => {
    const look = () => condition() && resolve();
    for (const room of rooms) {
      room.on("peer-joined", look);
      room.on("changed", look);
    }
    look();
  });

Deno.test("After a restart of the server everybody is back in the room as it was made", async () => {
  const dataDir = await Deno.makeTempDir({ prefix: "hearth-restart-" });
  try {
    const first = await startServer({ dataDir });
    const { httpPort } = first;
    const url = `http://127.0.0.1:${httpPort}/`;
    const hearth = await connect({ url });
    const attributes = { mode: "race" };
    const host = await hearth.createRoom({ id: "host", password: "x", public: true, attributes });
    const guest = await hearth.join(host.code, { id: "guest", password: "x" });
    const returned = Promise.all([back(host), back(guest)]);
    await first.stop();
    await using _second = await startServer({ dataDir, httpPort });
    await returned;
    const areTogether = () =>
      host.peers.has("guest") && guest.peers.has("host") && guest.attributes["mode"] === "race";
    await until(areTogether, host, guest);
    deepEqual([host.self, guest.self, guest.access], ["host", "guest", "password"]);
    const [listed] = await hearth.rooms();
    deepEqual([listed?.room, listed?.peers, listed?.attributes], [host.code, 2, attributes]);
    await rejects(hearth.join(host.code), { code: "wrong-password" });

    const heard = new Promise((resolve) =>
      guest.peers.get("host")?.on("message", ({ data }) => resolve(data))
    );
    host.peers.get("guest")?.send("still here");
    equal(await heard, "still here");
    host.leave();
    guest.leave();
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
});
