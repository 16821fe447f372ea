import { deepEqual, equal } from "node:assert/strict";
import {
  address,
  type ClientAddress,
  type Ip4,
  type ServerAddress,
} from "../../../turn/address.ts";
import type { FiveTuple, TurnEvent } from "../../../turn/core/mod.ts";
import { MAX_TOLD, NoticeFolder } from "../../../turn/engines/notices.ts";

const FLOW: FiveTuple = {
  transport: "udp",
  client: address<ClientAddress>(0xc0000201 as Ip4, 7),
  server: address<ServerAddress>(0xc0000202 as Ip4, 3478),
  key: 1,
};

function refused(user: string, why = "the password is wrong"): TurnEvent {
  return { kind: "refused", flow: FLOW, user, method: "Allocate", code: 401, why };
}

Deno.test("the first refusal of a kind is told at once, the others as one number", () => {
  const folder = new NoticeFolder();
  const told = {
    kind: "refused",
    transport: "udp",
    client: "192.0.2.1:7",
    user: "alice",
    method: "Allocate",
    code: 401,
    why: "the password is wrong",
  };
  deepEqual(folder.add(refused("alice")), { ...told, times: 1 });
  for (let i = 0; i < 1_000; i++) equal(folder.add(refused("alice")), undefined);
  deepEqual(folder.close(), [{ ...told, times: 1_000 }]);
  deepEqual(folder.close(), []);
});

Deno.test("drops are counted and told when the window closes", () => {
  const folder = new NoticeFolder();
  for (let i = 0; i < 5; i++) equal(folder.add({ kind: "dropped", why: "not-stun" }), undefined);
  folder.add({ kind: "dropped", why: "no-permission" });
  deepEqual(folder.close(), [{ kind: "dropped", counts: { "not-stun": 5, "no-permission": 1 } }]);
});

Deno.test("a flood of refusals, each another, is bounded: the rest is one number", () => {
  const folder = new NoticeFolder();
  let told = 0;
  for (let i = 0; i < 100_000; i++) if (folder.add(refused(`user ${i}`))) told++;
  equal(told, MAX_TOLD);
  deepEqual(folder.close(), [{ kind: "withheld", times: 100_000 - MAX_TOLD }]);
  // The next window tells again.
  equal(folder.add(refused("alice"))?.kind, "refused");
});

Deno.test("allocations and their ends are told in plain text", () => {
  const folder = new NoticeFolder();
  const relays = [{ family: 4 as const, address: address(0xcb007101 as Ip4, 50_000) as never }];
  const flow = { transport: "udp", client: "192.0.2.1:7" };
  deepEqual(folder.add({ kind: "allocated", flow: FLOW, user: "alice", relays }), {
    kind: "allocated",
    ...flow,
    user: "alice",
    relays: ["203.0.113.1:50000"],
  });
  deepEqual(folder.add({ kind: "released", flow: FLOW, user: "alice", reason: "expired" }), {
    kind: "released",
    ...flow,
    user: "alice",
    reason: "expired",
  });
});

Deno.test("trouble is told once in a window", () => {
  const folder = new NoticeFolder();
  const trouble = { kind: "trouble", what: "cannot bind a relay", why: "no descriptors" } as const;
  deepEqual(folder.add(trouble), { ...trouble, times: 1 });
  equal(folder.add(trouble), undefined);
  deepEqual(folder.close(), [{ ...trouble, times: 1 }]);
});
