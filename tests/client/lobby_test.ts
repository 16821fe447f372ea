/** The public rooms, asked for and watched. */
import { deepEqual, equal, rejects } from "node:assert/strict";
import { FakeTime } from "./fake_time.ts";
import { Surroundings } from "./world.ts";

const listing = (room: string, peers = 1) => ({ room, peers, access: "open", attributes: {} });

async function watching() {
  const client = new Surroundings(new FakeTime());
  const seen: string[] = [];
  const ends: string[] = [];
  const stop = (await client.hearth()).watchRooms(
    (rooms) => seen.push([...rooms.values()].map(({ room, peers }) => `${room}${peers}`).join(" ")),
    ({ code }) => ends.push(code),
  );
  await client.time.pass(0);
  client.last.onopen?.();
  return { client, seen, ends, stop };
}

Deno.test("The list is asked for page by page, and the connection closed", async () => {
  const client = new Surroundings(new FakeTime());
  const asking = (await client.hearth()).rooms();
  await client.time.pass(0);
  client.last.onopen?.();
  deepEqual(client.last.take("list"), { type: "list", limit: 100 });
  client.last.hear({ type: "list", rooms: [listing("A")], next: 7 });
  deepEqual(client.last.take("list"), { type: "list", limit: 100, after: 7 });
  client.last.hear({ type: "list", rooms: [listing("B")] });
  deepEqual(await asking, [listing("A"), listing("B")]);
  equal(client.last.closed, 1005);
});

Deno.test("A refusal of the list, or no server, rejects", async () => {
  const client = new Surroundings(new FakeTime());
  const hearth = await client.hearth();
  for (const code of ["unauthorized", "unreachable"]) {
    const asking = rejects(hearth.rooms(), { code });
    await client.time.pass(0);
    if (code === "unauthorized") {
      client.last.hear({ type: "bye", code, message: "", reconnect: false });
    }
    client.last.onclose?.();
    await asking;
  }
});

Deno.test("Watchers hear the list whole, then each change; a stated loss asks anew", async () => {
  const { client, seen, stop } = await watching();
  deepEqual(client.last.take("watch"), { type: "watch", limit: 100 });
  client.last.hear({ type: "list", rooms: [listing("A")], next: 1 });
  client.last.hear({ type: "list", rooms: [listing("B")] });
  client.last.take("list");
  client.last.hear({ type: "rooms", changed: [listing("C"), listing("A", 2)], gone: ["B"] });
  client.last.hear({ type: "rooms", changed: [], gone: [], lost: true });
  client.last.take("list");
  client.last.hear({ type: "list", rooms: [listing("D")] });
  deepEqual(seen, ["A1 B1", "A2 C1", "D1"]);
  stop();
  equal(client.last.closed, 1005);
});

Deno.test("A watch that is lost comes back by itself", async () => {
  const { client, seen, ends } = await watching();
  client.last.hear({ type: "list", rooms: [listing("A")] });
  client.last.onclose?.();
  await client.time.pass(1_000);
  client.last.onopen?.();
  client.last.take("watch");
  client.last.hear({ type: "list", rooms: [listing("B")] });
  deepEqual([seen, ends], [["A1", "B1"], []]);
});

Deno.test("A watch whose connection died with the old network comes back in some seconds", async () => {
  const { client, seen, stop } = await watching();
  client.last.hear({ type: "list", rooms: [listing("A")] });
  client.networkChanged();
  await client.time.pass(7_000);
  client.last.onopen?.();
  client.last.take("watch");
  client.last.hear({ type: "list", rooms: [listing("B")] });
  deepEqual(seen, ["A1", "B1"]);
  stop();
  client.networkChanged();
  await client.time.pass(60_000);
  equal(client.sockets.length, 2);
});

Deno.test("A watch that is refused says so", async () => {
  const { client, ends } = await watching();
  client.last.hear({ type: "error", code: "too-many-watchers", message: "" });
  deepEqual([ends, client.last.closed], [["too-many-watchers"], 1005]);
});
