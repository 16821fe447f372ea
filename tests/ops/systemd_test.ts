import { deepEqual, equal, match } from "node:assert/strict";
import { type NotifyEvent, type NotifyRequest, tellSystemd } from "../../ops/mod.ts";
import { startServer } from "../support/server.ts";

/** A socket as systemd has one, in a folder that goes with it. */
async function listen() {
  const folder = await Deno.makeTempDir({ prefix: "hearth-" });
  const path = `${folder}/notify`;
  const socket = Deno.listenDatagram({ transport: "unixpacket", path });
  return {
    folder,
    path,
    async next(): Promise<string> {
      const [bytes] = await socket.receive();
      return new TextDecoder().decode(bytes);
    },
    async [Symbol.asyncDispose]() {
      socket.close();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

// The worker and its timer are the program's for as long as it runs.
const whole = { sanitizeOps: false, sanitizeResources: false };

Deno.test(
  "READY=1 at once, WATCHDOG=1 only while all is well, STOPPING=1 at the end",
  whole,
  async () => {
    await using systemd = await listen();
    const stopping = new AbortController();
    let looks = 0;
    let isWell = false;
    const obstacles = () => {
      // Three beats find the relay down, then it is back.
      isWell ||= ++looks > 3;
      return isWell ? [] : ["the relay is failed"];
    };
    const request = { socket: systemd.path, watchdogMs: 30 };
    tellSystemd(systemd.folder, stopping.signal, obstacles, () => {}, request);
    equal(await systemd.next(), "READY=1");
    equal(await systemd.next(), "WATCHDOG=1");
    equal(isWell, true);
    stopping.abort();
    let word = await systemd.next();
    while (word === "WATCHDOG=1") word = await systemd.next();
    equal(word, "STOPPING=1");
    equal(await systemd.next(), "WATCHDOG=1", "a stop that takes its time is no hang");
  },
);

Deno.test("a socket that a crash left is no obstacle", whole, async () => {
  await using systemd = await listen();
  Deno.listenDatagram({ transport: "unixpacket", path: `${systemd.folder}/notify.sock` }).close();
  const { signal } = new AbortController();
  tellSystemd(systemd.folder, signal, () => [], () => {}, { socket: systemd.path });
  equal(await systemd.next(), "READY=1");
});

Deno.test("a socket that cannot be reached is told of, once", whole, async () => {
  const { signal } = new AbortController();
  const whyOf = (request: NotifyRequest) =>
    new Promise<NotifyEvent>((resolve) => tellSystemd("/tmp", signal, () => [], resolve, request));
  match((await whyOf({ socket: "@/org/systemd" })).why, /no abstract socket/);
  const nowhere = await whyOf({ socket: "/tmp/hearth-nobody-listens-here" });
  deepEqual([nowhere.kind, /No such file/.test(nowhere.why)], ["systemd-not-told", true]);
});

Deno.test("the program tells systemd with the permissions that it has", async () => {
  await using systemd = await listen();
  await using server = await startServer({
    env: { NOTIFY_SOCKET: systemd.path, WATCHDOG_USEC: "300000" },
  });
  equal(await systemd.next(), "READY=1");
  equal(await systemd.next(), "WATCHDOG=1");
  server.signal("SIGTERM");
  let word = await systemd.next();
  while (word === "WATCHDOG=1") word = await systemd.next();
  equal(word, "STOPPING=1");
  equal((await server.ended).code, 0);
  equal(server.log().includes("systemd-not-told"), false, server.log());
});
