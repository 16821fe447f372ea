import { deepEqual, equal } from "node:assert/strict";
import { type Client, type Message, World } from "./world.ts";

/** Makes a public room; its code is the world's choice. */
function open(world: World, more: object = {}): { host: Client; room: string } {
  const host = world.open().say({ type: "create", public: true, ...more });
  return { host, room: host.one().room };
}

/** A watcher that has its first page. */
function watcher(world: World): Client {
  const client = world.open().say({ type: "watch" });
  equal(client.one().type, "list");
  return client;
}

/** All updates that came, as what they say of which rooms. */
function news(client: Client): unknown[][] {
  return client.take().map(({ type, changed, gone, lost, seq }) => {
    deepEqual([type, seq], ["rooms", undefined]);
    return [
      changed.map(({ room, peers }: Message) => [room, peers]),
      gone,
      ...lost ? ["lost"] : [],
    ];
  });
}

Deno.test("watch: the list, and then each change of what it shows, and nothing else", () => {
  const world = new World();
  const { host, room } = open(world, { from: "host", attributes: { map: "dust" } });
  const lobby = world.open().say({ type: "watch", rid: 1 });
  const [list, ack] = lobby.take();
  deepEqual([list?.type, list?.rooms.length, list?.rid, ack?.type], ["list", 1, 1, "ack"]);

  const change = (act: () => void) => {
    act();
    world.pass(1);
    return lobby.take().map(({ changed, gone }) => ({ changed, gone }));
  };
  const as = (more: object) => {
    const listing = { room, peers: 2, access: "open", attributes: { map: "dust" }, ...more };
    return [{ changed: [listing], gone: [] }];
  };
  const guest = world.open();
  deepEqual(change(() => guest.join(room, "guest")), as({}));
  deepEqual(change(() => host.say({ type: "lock" })), as({ access: "locked" }));
  deepEqual(change(() => host.say({ type: "unlock" })), as({}));
  const attributes = { map: "ice" };
  deepEqual(change(() => host.say({ type: "set", attributes })), as({ attributes }));
  deepEqual(change(() => guest.close()), as({ attributes, peers: 1 }));
  deepEqual(change(() => host.say({ type: "ping" }).say({ type: "broadcast" })), []);
  deepEqual(change(() => host.say({ type: "set", public: false })), [{
    changed: [],
    gone: [room],
  }]);
  deepEqual(change(() => host.say({ type: "lock" })), []);
  deepEqual(change(() => host.say({ type: "set", public: true })).length, 1);
  deepEqual(change(() => host.close()), [{ changed: [], gone: [room] }]);
});

Deno.test("watch: at most one update a second, and each room in it once, as it is by then", () => {
  const world = new World();
  const lobby = watcher(world);
  const { host, room } = open(world);
  world.pass(0);
  deepEqual(news(lobby), [[[[room, 1]], []]]);
  for (const id of ["a", "b", "c"]) world.open().join(room, id);
  host.say({ type: "lock" });
  const other = open(world);
  world.pass(0.999);
  deepEqual(news(lobby), []);
  world.pass(0.001);
  deepEqual(news(lobby), [[[[room, 4], [other.room, 1]], []]]);
  world.pass(60);
  deepEqual(news(lobby), []);
});

Deno.test("watch: 20 rooms in one update, the rest in the next ones", () => {
  const world = new World();
  const lobby = watcher(world);
  const rooms = Array.from({ length: 21 }, () => open(world).room);
  world.pass(1);
  deepEqual(news(lobby), [
    [rooms.slice(0, 20).map((room) => [room, 1]), []],
    [[[rooms[20], 1]], []],
  ]);
});

Deno.test("watch: 500 rooms wait to be told; of one more it is said that the list is asked anew", () => {
  const world = new World();
  const lobby = watcher(world);
  const open500 = () => Array.from({ length: 500 }, () => open(world));
  open500();
  world.pass(30);
  equal(news(lobby).flatMap(([changed]) => changed as unknown[]).length, 500);
  open500();
  open(world);
  world.pass(1);
  deepEqual(news(lobby), [[[], [], "lost"]]);
  const { room } = open(world);
  world.pass(1);
  deepEqual(news(lobby), [[[[room, 1]], []]]);
});

Deno.test("watch: the last watcher fits, the next is told; a place that is left is free", () => {
  const world = new World({ watchers: 2 });
  const one = watcher(world);
  watcher(world);
  const late = world.open();
  equal(late.say({ type: "watch" }).one().code, "too-many-watchers");
  equal(one.say({ type: "watch" }).one().type, "list");
  one.drop();
  equal(late.say({ type: "watch" }).one().type, "list");
  equal(world.hub.stats().watchers, 2);
});

Deno.test("watch: who watches need not join in time; unwatch, joining and leaving end it", () => {
  const world = new World();
  const [one, two] = [watcher(world), watcher(world)] as const;
  world.pass(1_000);
  one.say({ type: "unwatch" });
  two.join("ABCD", "two");
  equal(world.hub.stats().watchers, 0);
  open(world);
  world.pass(29.999);
  deepEqual([one.take(), one.closed, two.take()], [[], undefined, []]);
  world.pass(0.001);
  equal(one.closed, 4002);
  equal(two.say({ type: "watch" }).one().code, "already-in-room");
  equal(two.say({ type: "unwatch" }).take().length, 0);
});

Deno.test("watch: a slow watcher costs only itself, and nothing waits when all have gone", () => {
  const world = new World();
  const [slow, other] = [watcher(world), watcher(world)] as const;
  slow.waiting = Infinity;
  const { host } = open(world);
  world.pass(0);
  deepEqual([slow.closed, other.closed, news(other).length], [4004, undefined, 1]);
  host.close();
  other.close();
  world.pass(100);
  deepEqual([world.hub.stats().watchers, world.hub.deadline()], [0, Infinity]);
});
