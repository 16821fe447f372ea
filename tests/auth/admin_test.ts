import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import type { Present } from "../../auth/mod.ts";
import { bearer, makeWorld, NOBODY, PASSWORD, post, type World } from "./world.ts";

const HERE: Present = {
  room: "ABCD",
  id: "eve",
  subject: "guest.ABCD.eve",
  here: true,
  access: "open",
};

interface Sent {
  readonly disconnected: string[];
  readonly revoked: string[];
  readonly from: string[];
  readonly locked: string[];
}

/** Alice is the host, bob a player; what the server would end is written down. */
async function makeHouse(): Promise<{ world: World; sent: Sent; alice: string; bob: string }> {
  const sent: Sent = { disconnected: [], revoked: [], from: [], locked: [] };
  const world = await makeWorld({
    server: {
      presence: () => ({
        ...NOBODY,
        present: () => [HERE],
        setLocked: (room, isLocked) => sent.locked.push(`${room} ${isLocked}`) > 0,
        disconnect: (subject, code) => void sent.disconnected.push(`${subject} ${code}`),
        disconnectFrom(test) {
          sent.from.push(...["203.0.113.9", "198.51.100.9"].filter(test));
          return ["guest.ABCD.eve"];
        },
      }),
      revokeRelay: (subject) => void sent.revoked.push(subject),
      banRelay: () => {},
    },
  });
  await world.auth.users.add("Alice", PASSWORD);
  await world.auth.users.add("Bob", PASSWORD);
  return { world, sent, alice: await world.token("alice"), bob: await world.token("bob") };
}

function posting(token: string, body?: unknown): RequestInit {
  const { headers } = bearer(token);
  return body === undefined
    ? { method: "POST", headers: { ...headers } }
    : { ...post(body), headers: { ...headers, "Content-Type": "application/json" } };
}

async function told(response: Response): Promise<[number, unknown]> {
  const { error } = await response.json();
  return [response.status, error?.code];
}

const PATHS: readonly (readonly [path: string, body?: unknown])[] = [
  ["users/bob/disable"],
  ["users/bob/enable"],
  ["users/bob/remove"],
  ["users/bob/end-sessions"],
  ["users/bob/unban"],
  ["users/bob/role", { role: "host" }],
  ["users/bob/ban", { seconds: 60 }],
  ["kick", { subject: "user.bob" }],
  ["rooms/abcd/lock"],
  ["rooms/ABCD/unlock"],
  ["bans", { network: "203.0.113.0/24", seconds: 60 }],
  ["bans/remove", { network: "203.0.113.0/24" }],
  ["invites", { seconds: 60 }],
  ["invites/1/withdraw"],
];

Deno.test("admin: nobody but a host gets anything, and what is refused changes nothing", async () => {
  const { world, bob } = await makeHouse();
  await using _ = world;
  const before = world.auth.moderation.audit(10);
  for (const path of ["users", "online", "bans", "invites", "audit"]) {
    deepEqual(await told(await world.call(`/api/admin/${path}`)), [401, "unauthorized"]);
    deepEqual(await told(await world.call(`/api/admin/${path}`, bearer(bob))), [403, "not-host"]);
  }
  for (const [path, body] of PATHS) {
    const url = `/api/admin/${path}`;
    deepEqual(await told(await world.call(url, posting("a.b.c", body))), [401, "unauthorized"]);
    deepEqual(await told(await world.call(url, posting(bob, body))), [403, "not-host"], path);
  }
  deepEqual(world.auth.moderation.audit(10), before);
});

Deno.test("admin: a host who is made a player is one with the token at hand", async () => {
  const { world, alice } = await makeHouse();
  await using _ = world;
  equal((await world.call("/api/admin/users", bearer(alice))).status, 200);
  world.auth.users.setRole("alice", "player");
  equal((await world.call("/api/admin/users", bearer(alice))).status, 403);
});

Deno.test("admin: each action is done, ends what it must, and has its line in the audit", async () => {
  const { world, sent, alice } = await makeHouse();
  await using _ = world;
  for (const [path, body] of PATHS.filter(([path]) => path !== "users/bob/remove")) {
    const response = await world.call(`/api/admin/${path}`, posting(alice, body));
    ok([200, 201, 204].includes(response.status), `${path}: ${response.status}`);
    await response.body?.cancel();
  }
  equal((await world.call("/api/admin/users/bob/remove", posting(alice))).status, 200);
  const { audit } = await (await world.call("/api/admin/audit", bearer(alice))).json();
  const until = "until 2027-01-15T08:01:00Z";
  deepEqual(
    audit.toReversed().slice(2).map(({ by, action, target, detail }: Record<string, string>) =>
      [by, action, target, detail].join(" ").trim()
    ),
    [
      "user.alice disabled user.bob",
      "user.alice enabled user.bob",
      "user.alice sessions-ended user.bob",
      "user.alice unbanned user.bob",
      "user.alice role-set user.bob host",
      `user.alice banned user.bob ${until}`,
      "user.alice kicked user.bob",
      "user.alice locked ABCD",
      "user.alice unlocked ABCD",
      `user.alice banned 203.0.113.0/24 ${until}`,
      "user.alice unbanned 203.0.113.0/24",
      "user.alice invited 1",
      "user.alice invite-withdrawn 1",
      "user.alice removed user.bob",
    ],
  );
  deepEqual(sent, {
    disconnected: [
      "user.bob disconnected",
      "user.bob disconnected",
      "user.bob banned",
      "user.bob kicked",
      "user.bob disconnected",
    ],
    revoked: ["user.bob", "user.bob", "user.bob", "user.bob", "guest.ABCD.eve", "user.bob"],
    from: ["203.0.113.9"],
    locked: ["ABCD true", "ABCD false"],
  });
});

Deno.test("admin: accounts without secrets, and who is in which room", async () => {
  const { world, alice } = await makeHouse();
  await using _ = world;
  const createdAt = world.clock.ms;
  deepEqual(await (await world.call("/api/admin/users", bearer(alice))).json(), {
    users: [
      { id: "alice", name: "Alice", role: "host", disabled: false, createdAt },
      { id: "bob", name: "Bob", role: "player", disabled: false, createdAt },
    ],
  });
  deepEqual(await (await world.call("/api/admin/online", bearer(alice))).json(), {
    online: [HERE],
  });
});

Deno.test("admin: a host cannot end itself, nor ban its own address", async () => {
  const { world, alice } = await makeHouse();
  await using _ = world;
  for (const [path, body] of PATHS.filter(([path]) => path.startsWith("users/"))) {
    const own = `/api/admin/${path.replace("bob", "ALICE")}`;
    deepEqual(await told(await world.call(own, posting(alice, body))), [409, "yourself"], path);
  }
  const ban = posting(alice, { network: "192.0.2.0/24", seconds: 60 });
  deepEqual(await told(await world.call("/api/admin/bans", ban)), [409, "your-own"]);
});

const BAD: readonly (readonly [path: string, body: unknown, status: number, code: string])[] = [
  ["users/carol/disable", undefined, 404, "no-such-user"],
  ["users/__proto__/remove", undefined, 404, "no-such-user"],
  ["users/%27%20OR%201=1--/remove", undefined, 404, "no-such-user"],
  ["users/bob/role", { role: "king" }, 400, "bad-message"],
  ["users/bob/role", null, 400, "bad-message"],
  ["users/bob/ban", { seconds: 0 }, 400, "bad-message"],
  ["users/bob/ban", { seconds: 365 * 86_400 + 1 }, 400, "bad-message"],
  ["users/bob/ban", { seconds: "60" }, 400, "bad-message"],
  ["kick", { subject: "__proto__" }, 400, "bad-message"],
  ["kick", { subject: `guest.${"x".repeat(201)}` }, 400, "bad-message"],
  ["rooms/WXYZ/lock", undefined, 404, "no-such-room"],
  ["rooms/__proto__/unlock", undefined, 404, "no-such-room"],
  ["bans", { network: "0.0.0.0/0", seconds: 60 }, 400, "bad-network"],
  ["bans", { network: "203.0.113.0/33", seconds: 60 }, 400, "bad-network"],
  ["bans", { network: "fe80::1%eth0", seconds: 60 }, 400, "bad-network"],
  ["bans", { network: "203.0.113.0/24/1", seconds: 60 }, 400, "bad-network"],
  ["bans", { network: "example.org", seconds: 60 }, 400, "bad-network"],
  ["bans/remove", { network: "203.0.113.0/24" }, 404, "no-such-ban"],
  ["invites", { seconds: -1 }, 400, "bad-message"],
  ["invites/1/withdraw", undefined, 404, "no-such-invite"],
  ["invites/x/withdraw", undefined, 404, "no-such-invite"],
];

for (const [path, body, status, code] of BAD) {
  Deno.test(`admin: ${path} with ${JSON.stringify(body)} is ${status} ${code}`, async () => {
    const { world, alice } = await makeHouse();
    await using _ = world;
    const response = await world.call(`/api/admin/${path}`, posting(alice, body));
    deepEqual(await told(response), [status, code]);
  });
}

Deno.test("admin: a form of another site's is refused before it is read", async () => {
  const { world, alice } = await makeHouse();
  await using _ = world;
  const request = { ...posting(alice), body: '{"seconds":60}' };
  deepEqual(await told(await world.call("/api/admin/invites", request)), [415, "wrong-type"]);
});

Deno.test("audit: its pages go back in time, and no statement changes or deletes a line", async () => {
  const { world, alice } = await makeHouse();
  await using _ = world;
  for (let i = 0; i < 150; i++) world.auth.users.setRole("bob", "player", "user.alice");
  const page = async (query: string): Promise<{ id: number }[]> =>
    (await (await world.call(`/api/admin/audit${query}`, bearer(alice))).json()).audit;
  const first = await page("");
  deepEqual([first.length, first[0]?.id, first.at(-1)?.id], [100, 152, 53]);
  deepEqual(
    (await page("?before=53")).map(({ id }) => id),
    Array.from({ length: 52 }, (_, i) => 52 - i),
  );
  deepEqual((await page("?limit=1&before=2")).map(({ id }) => id), [1]);
  equal((await page("?limit=1000000")).length, 100);
  equal((await page("?limit=x&before=y")).length, 100);

  const database = new DatabaseSync(`${world.dataDir}/hearth.db`);
  for (const sql of ["DELETE FROM audit", "UPDATE audit SET actor = 'nobody'"]) {
    throws(() => database.prepare(sql).all(), /the audit is only added to/);
  }
  database.close();
});

Deno.test("a ban of a range holds at the API until its end, in any form of the address", async () => {
  const { world, alice } = await makeHouse();
  await using _ = world;
  for (const network of ["203.0.113.0/24", "2001:db8:0:1::/64"]) {
    const ban = posting(alice, { network, seconds: 60 });
    equal((await world.call("/api/admin/bans", ban)).status, 200);
  }
  const banned = ["203.0.113.255", "::ffff:203.0.113.7", "2001:db8:0:1::7", "2001:DB8:0:1::7%eth0"];
  for (const from of banned) {
    for (const path of ["/api/ice", "/api/me", "/api/login", "/api/register", "/api/admin/users"]) {
      deepEqual(await told(await world.call(path, {}, from)), [403, "banned"], from);
    }
  }
  for (const from of ["203.0.114.1", "::ffff:203.0.114.1", "2001:db8:0:2::7", "not an address"]) {
    equal((await world.call("/api/ice", {}, from)).status, 200, from);
  }
  world.clock.ms += 59_999;
  equal((await world.call("/api/ice", {}, banned[0])).status, 403);
  world.clock.ms += 1;
  for (const from of banned) equal((await world.call("/api/ice", {}, from)).status, 200);
  deepEqual(world.auth.bans.list(), []);
});

Deno.test("a ban of an account ends its tokens, and itself with its life", async () => {
  const { world, alice, bob } = await makeHouse();
  await using _ = world;
  await world.call("/api/admin/users/bob/ban", posting(alice, { seconds: 60 }));
  equal((await world.call("/api/me", bearer(bob))).status, 401);
  equal((await world.login("bob", PASSWORD)).status, 401);
  world.clock.ms += 60_000;
  equal((await world.call("/api/me", bearer(bob))).status, 401, "an old token stays over");
  equal((await world.login("bob", PASSWORD)).status, 200);
  deepEqual(world.auth.users.find("bob")?.disabled, false);
});

Deno.test("a ban is lifted at once", async () => {
  const { world, alice } = await makeHouse();
  await using _ = world;
  const from = "203.0.113.7";
  await world.call("/api/admin/bans", posting(alice, { network: from, seconds: 60 }));
  equal((await world.call("/api/ice", {}, from)).status, 403);
  const lift = posting(alice, { network: `${from}/32` });
  equal((await world.call("/api/admin/bans/remove", lift)).status, 200);
  equal((await world.call("/api/ice", {}, from)).status, 200);
});

Deno.test("bans and invitations: the last that fits is made, the next is refused", async () => {
  const { world } = await makeHouse();
  await using _ = world;
  const { bans, invites } = world.auth;
  const until = world.clock.ms + 60_000;
  const database = new DatabaseSync(`${world.dataDir}/hearth.db`);
  const numbers = "WITH n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 999)";
  database.exec(
    `INSERT INTO bans ${numbers} SELECT '10.0.' || (i / 256) || '.' || (i % 256) || '/32', ${until} FROM n`,
  );
  database.exec(`INSERT INTO invites (digest, made_by, made_at, expires_at)
    ${numbers} SELECT CAST(i AS BLOB), 'user.alice', 0, ${until} FROM n`);
  database.close();
  equal(bans.add("2001:db8::/48", 60, "command-line").kind, "done");
  equal(invites.make(60, "command-line").kind, "done");
  const [ban, invite] = [
    bans.add("2001:db9::/48", 60, "command-line"),
    invites.make(60, "command-line"),
  ];
  equal(ban.kind === "refused" && ban.code, "too-many-bans");
  equal(invite.kind === "refused" && invite.code, "too-many-invites");
  world.clock.ms += 60_000;
  equal(bans.add("2001:db9::/48", 60, "command-line").kind, "done", "the old ones are over");
  equal(invites.make(60, "command-line").kind, "done");
});
