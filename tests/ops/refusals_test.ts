/** What the relay refuses, from the player's request to the very line in the log. */
import { deepEqual, equal, match } from "node:assert/strict";

import { relayLog, startLogs, stopLogs } from "../../ops/mod.ts";
import { tellRefused } from "../../ops/refusals.ts";
import type { TurnConfig } from "../../turn/config.ts";
import { NoticeFolder } from "../../turn/engines/mod.ts";
import { Attribute } from "../../turn/stun/mod.ts";

import { timeLimitedCredential, TurnClient } from "../support/turn_client.ts";
import { at, flowFrom, Harness, LIMITS, seeded, UNIX_START } from "../support/turn_harness.ts";

const PLACES = {
  peerDeny: ["198.51.100.0/24"],
  networks: ["192.168.1.0/24"],
  broadcast: ["192.168.1.255"],
};
const ALICE = { username: "alice", password: "secret" };
const carol = (seconds: number, secret = "first secret") =>
  timeLimitedCredential(secret, "user.carol", UNIX_START + seconds);

interface Scene {
  readonly credential?: { readonly username: string; readonly password: string };
  readonly config?: Partial<TurnConfig>;
  readonly before?: (harness: Harness) => void;
  /** A peer that permission is asked for, once there is an allocation. */
  readonly peer?: string;
  readonly format?: "text" | "json";
}

/** A player asks for an allocation and a permission: the lines that this comes to, as they are. */
function played({ credential = ALICE, config, before, peer, format = "text" }: Scene): string[] {
  const harness = new Harness({ peerDeny: PLACES.peerDeny, ...config });
  before?.(harness);
  const flow = flowFrom("192.0.2.9:50000");
  const client = new TurnClient({ ...credential, random: seeded(3) });
  const exchange = () => {
    for (let sent = client.takeOutput(); sent.length > 0; sent = client.takeOutput()) {
      for (const bytes of sent) {
        for (const answer of harness.ask(flow, bytes)) client.input(answer, harness.now);
      }
    }
  };
  client.allocate(harness.now, (writer) => {
    if (peer?.startsWith("[")) writer.byte(Attribute.REQUESTED_ADDRESS_FAMILY, 2);
  });
  exchange();
  if (peer !== undefined) client.permit(at(peer), harness.now);
  exchange();

  const lines: string[] = [];
  startLogs({ level: "info", format, write: (line) => lines.push(line) });
  const log = relayLog(() => PLACES, () => UNIX_START * 1_000 + harness.now);
  const folder = new NoticeFolder();
  for (const event of harness.events) {
    const notice = folder.add(event);
    if (notice?.kind === "refused") log(notice);
  }
  stopLogs();
  return lines;
}

/** The one line, without its time. */
function told(scene: Scene): string {
  const lines = played(scene);
  equal(lines.length, 1, lines.join(""));
  return (lines[0] ?? "").replace(/^\S+ /, "").trimEnd();
}

const line = (sentence: string, method: string) =>
  `[INFO] hearth.turn: ${sentence} client=192.0.2.9:50000 method=${method} times=1`;

for (
  const [peer, why] of [
    [
      "192.168.1.77:9",
      "peer 192.168.1.77 is on the host's LAN; open it with HEARTH_PEER_ALLOW=192.168.1.0/24",
    ],
    [
      "10.1.2.3:9",
      "peer 10.1.2.3 is in a private network; if it is yours, open it with HEARTH_PEER_ALLOW=10.0.0.0/8",
    ],
    [
      "[fd12::7]:9",
      "peer fd12::7 is in a private network; if it is yours, open it with HEARTH_PEER_ALLOW=fc00::/7",
    ],
    [
      "100.64.3.4:9",
      "peer 100.64.3.4 is behind a carrier's NAT or in a VPN; if it is yours, open it with HEARTH_PEER_ALLOW=100.64.0.0/10",
    ],
    ["198.51.100.4:9", "peer 198.51.100.4 is closed by HEARTH_PEER_DENY=198.51.100.0/24"],
    ["192.168.1.255:9", "peer 192.168.1.255 is the broadcast address of a LAN"],
    ["127.0.0.1:9", "peer 127.0.0.1 is a loopback address: this machine itself"],
    ["169.254.169.254:9", "peer 169.254.169.254 is link-local: it counts on one cable alone"],
    ["224.0.0.251:9", "peer 224.0.0.251 is a multicast address"],
    ["0.0.0.0:9", "peer 0.0.0.0 is no player's address"],
  ] as const
) {
  Deno.test(`a denied peer: ${why}`, () => {
    equal(told({ peer }), line(`alice: TURN 403, ${why}`, "CreatePermission"));
  });
}

Deno.test("a wrong password of a lasting user", () => {
  equal(
    told({ credential: { username: "alice", password: "guess" } }),
    line(
      "alice: TURN 401, wrong password; HEARTH_TURN_USERS has the lasting users and their passwords",
      "Allocate",
    ),
  );
});

Deno.test("a name that nobody has, which may try to look like another line", () => {
  equal(
    told({ credential: { username: "eve\n[FATAL] {code}", password: "guess" } }),
    line(
      '"eve\\n[FATAL] {code}": TURN 401, unknown user or realm; ' +
        "HEARTH_TURN_USERS has the lasting users and their passwords",
      "Allocate",
    ),
  );
});

Deno.test("a credential that another secret signed", () => {
  equal(
    told({ credential: carol(60, "a secret of before") }),
    line(
      "carol: TURN 401, wrong password; " +
        "it was revoked, or signed with another secret than HEARTH_TURN_SECRET",
      "Allocate",
    ),
  );
});

Deno.test("a credential that was revoked", () => {
  equal(
    told({ credential: carol(60), before: (it) => it.core.revoke("user.carol", 0) }),
    line(
      "carol: TURN 401, unknown user or realm; " +
        "it was revoked, or signed with another secret than HEARTH_TURN_SECRET",
      "Allocate",
    ),
  );
});

Deno.test("a credential whose time is over, at that very second", () => {
  equal(
    told({ credential: carol(0) }),
    line(
      "carol: TURN 401, its credential ended at 2027-01-15T08:00:00Z; " +
        "a client that stays takes new ICE servers before that",
      "Allocate",
    ),
  );
});

Deno.test("a credential that claims to have ended at no time at all", () => {
  const claims = { user: "eve", expiresAt: -9e15 };
  const refused = { claims, client: "192.0.2.9:1", code: 401, why: "unknown user or realm" };
  equal(tellRefused(refused, PLACES, 0)?.values["ended"], "?");
});

Deno.test("a quota, by the name of its option", () => {
  equal(
    told({ config: { limits: { ...LIMITS, allocationsPerUser: 0 } } }),
    line(
      "alice: TURN 486, the user already has 0 allocations; " +
        "HEARTH_TURN_ALLOCATIONS_PER_USER is that limit",
      "Allocate",
    ),
  );
});

Deno.test("no relay port is left", () => {
  const config = { relayPorts: { first: 50_000, last: 50_000 } };
  equal(
    told({ config, before: (it) => it.taken.add(50_000) }),
    line(
      "alice: TURN 508, no relay port is free; HEARTH_RELAY_PORTS says which ports there are",
      "Allocate",
    ),
  );
});

Deno.test("a ban of the address that a player comes from", () => {
  const until = (UNIX_START + 60) * 1_000;
  equal(
    told({ before: (it) => it.core.ban([{ network: "192.0.2.0/24", until }], 0) }),
    line(
      "alice: TURN 403, 192.0.2.9 is banned; `user bans` lists bans, `user unban` lifts one",
      "Allocate",
    ),
  );
});

Deno.test("what goes well is no line, although it begins with a refusal", () => {
  deepEqual(played({ peer: "203.0.113.99:9" }), []);
});

Deno.test("as JSON the sentence is the message, and its values are there too", () => {
  const [text = ""] = played({ peer: "192.168.1.77:9", format: "json" });
  const { "@timestamp": _, ...rest } = JSON.parse(text);
  deepEqual(rest, {
    level: "INFO",
    message:
      "alice: TURN 403, peer 192.168.1.77 is on the host's LAN; open it with HEARTH_PEER_ALLOW=192.168.1.0/24",
    logger: "hearth.turn",
    user: "alice",
    peer: "192.168.1.77",
    range: "192.168.1.0/24",
    client: "192.0.2.9:50000",
    method: "CreatePermission",
    times: 1,
  });
});

Deno.test("five players with the same trouble are told of in ten seconds, the others counted", () => {
  const lines: string[] = [];
  startLogs({ level: "info", format: "text", clock: () => 0, write: (text) => lines.push(text) });
  const log = relayLog(() => PLACES);
  for (let i = 0; i < 100; i++) {
    const player = { user: `user ${i}`, client: "192.0.2.9:1" };
    const refused = { kind: "refused", ...player, code: 403, why: "", peer: "10.0.0.1" };
    log(refused);
  }
  stopLogs();
  equal(lines.length, 6);
  match(lines[5] ?? "", /folded like=".*user 99.*" times=95/);
});
