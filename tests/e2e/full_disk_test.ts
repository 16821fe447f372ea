import { deepEqual, equal } from "node:assert/strict";
import { lacks } from "../support/needs.ts";
import { addUser, startServer } from "../support/server.ts";

const HOST = { login: "host", password: "correct horse battery staple" };
const ALICE = { login: "alice", password: "correct horse battery staple" };
const ROOM_FOR = "1m";

/** A data folder on a disk of its own, which can be filled. */
async function makeSmallDisk() {
  const dataDir = await Deno.makeTempDir({ prefix: "hearth-full-" });
  await run("mount", "-t", "tmpfs", "-o", `size=${ROOM_FOR},mode=700`, "tmpfs", dataDir);
  const filler = `${dataDir}/filler`;
  return {
    dataDir,
    async fill() {
      using file = await Deno.open(filler, { create: true, append: true });
      const block = new Uint8Array(4_096);
      for (;;) {
        try {
          await file.write(block);
        } catch {
          return;
        }
      }
    },
    empty: () => Deno.remove(filler),
    async [Symbol.asyncDispose]() {
      await run("umount", dataDir);
      await Deno.remove(dataDir);
    },
  };
}

async function run(program: string, ...args: string[]): Promise<void> {
  const { success } = await new Deno.Command(program, { args }).output();
  if (!success) throw new Error(`${program} ${args.join(" ")} failed.`);
}

Deno.test({
  name: "on a full disk every change is 507, and nothing is lost",
  ignore: lacks("tmpfs"),
  async fn() {
    await using disk = await makeSmallDisk();
    const { dataDir } = disk;
    await addUser(dataDir, HOST);
    await addUser(dataDir, ALICE);
    await using server = await startServer({ dataDir, env: { HEARTH_REGISTRATION: "open" } });
    const ask = async (path: string, body?: object, token?: string, method = "POST") => {
      const response = await fetch(`http://127.0.0.1:${server.httpPort}/api/${path}`, {
        method,
        headers: {
          ...body && { "content-type": "application/json" },
          ...token !== undefined && { authorization: `Bearer ${token}` },
        },
        ...body && { body: JSON.stringify(body) },
      });
      const text = await response.text();
      return { status: response.status, ...text && JSON.parse(text) };
    };
    const [host, alice] = [await ask("login", HOST), await ask("login", ALICE)];
    const users = async () => (await ask("admin/users", undefined, host.token, "GET")).users;
    const before = await users();

    await disk.fill();
    const seconds = { seconds: 60 };
    for (
      const [path, body, token] of [
        ["login", ALICE],
        ["refresh", { refreshToken: alice.refreshToken }],
        ["register", { login: "bob", password: "correct horse" }],
        ["logout", undefined, alice.token],
        ["logout", { all: true }, alice.token],
        ["admin/users/alice/disable", undefined, host.token],
        ["admin/users/alice/remove", undefined, host.token],
        ["admin/users/alice/end-sessions", undefined, host.token],
        ["admin/users/alice/role", { role: "host" }, host.token],
        ["admin/users/alice/ban", seconds, host.token],
        ["admin/kick", { subject: "user.alice" }, host.token],
        ["admin/bans", { network: "203.0.113.0/24", ...seconds }, host.token],
        ["admin/invites", seconds, host.token],
      ] as const
    ) {
      const { status, error } = await ask(path, body, token);
      deepEqual([status, error?.code], [507, "disk-full"], path);
    }
    equal((await ask("me", undefined, alice.token, "GET")).status, 200, "reading goes on");

    await disk.empty();
    deepEqual(await users(), before);
    deepEqual((await ask("admin/bans", undefined, host.token, "GET")).bans, []);
    deepEqual((await ask("admin/invites", undefined, host.token, "GET")).invites, []);
    equal((await ask("refresh", { refreshToken: alice.refreshToken })).status, 200);
    equal((await ask("login", ALICE)).status, 200);
  },
});
