/** This machine's addresses and its router's change, on a clock that the test moves. */
import { deepEqual, equal, match } from "node:assert/strict";
import { FollowedAddresses } from "../../cli/mod.ts";
import { loadConfig } from "../../config/mod.ts";
import type { RouterConfig, RouterNews } from "../../router/mod.ts";
import type { Whereabouts } from "../../turn/mod.ts";
import { FakeTime } from "../client/fake_time.ts";

const LAN = "192.168.1.10";
const face = (address: string, name = "eth0"): Deno.NetworkInterfaceInfo => ({
  name,
  address,
  netmask: "255.255.255.0",
  family: address.includes(":") ? "IPv6" : "IPv4",
  scopeid: null,
  cidr: `${address}/24`,
  mac: "02:00:00:00:00:01",
});
const LO = { ...face("127.0.0.1", "lo"), netmask: "255.0.0.0" };

function follow(env: Record<string, string> = {}) {
  const time = new FakeTime();
  const told: Whereabouts[] = [];
  const printed: string[] = [];
  let [moves, looks, asked] = [0, 0, 0];
  const router: { config?: RouterConfig; tell: (news: RouterNews) => void } = { tell: () => {} };
  const world = {
    addresses: [LO, face(LAN)],
    interfaces() {
      asked++;
      return world.addresses;
    },
    every: (ms: number, action: () => void) => time.every(ms, action),
    print: (line: string) => printed.push(line),
    startRouter(config: RouterConfig, onNews: (news: RouterNews) => void) {
      [router.config, router.tell] = [config, onNews];
      return { asks: true, look: () => looks++, close: async () => {}, leave: async () => {} };
    },
  };
  const config = configOf(env);
  const followed = new FollowedAddresses({
    running: { ...config, httpPort: 8080, turnPort: 3478, tlsPort: undefined },
    relay: { move: (to) => Promise.resolve(void told.push(to)) },
    secret: "secret",
    onMove: () => moves++,
  }, world);
  return {
    time,
    world,
    router,
    printed,
    followed,
    told: () => told.map(({ externalIps }) => externalIps.join()),
    last: () => told.at(-1),
    counts: () => ({ moves, looks }),
    asked: () => asked,
  };
}

function configOf(env: Record<string, string>) {
  const variables = { HEARTH_DATA_DIR: "/nowhere", ...env };
  const loaded = loadConfig({ flags: new Map(), env: variables, os: "linux" });
  if (!loaded.ok) throw new Error(loaded.problems.join("\n"));
  return loaded.config;
}

const forwarded = (externalIp: string): RouterNews => ({
  kind: "forwarded",
  protocol: "PCP",
  router: "192.168.1.1",
  externalIp,
  mapped: [],
  missing: [],
  lifetimeSeconds: 3_600,
});

Deno.test("another address of the router is advertised, and players are told once", () => {
  const { router, told, counts } = follow();
  router.tell(forwarded("198.51.100.7"));
  router.tell(forwarded("198.51.100.7"));
  router.tell(forwarded("198.51.100.8"));
  deepEqual(told(), ["198.51.100.7", "198.51.100.7", "198.51.100.8"]);
  equal(counts().moves, 2);
});

Deno.test("a public address that an interface gets is advertised once it is seen twice", async () => {
  const { time, world, told, counts, printed, last } = follow();
  world.addresses = [LO, face(LAN), face("203.0.113.5", "ppp0")];
  await time.pass(5_000);
  deepEqual([told(), counts()], [[], { moves: 0, looks: 0 }]);
  await time.pass(5_000);
  deepEqual([told(), counts()], [["203.0.113.5"], { moves: 1, looks: 1 }]);
  deepEqual(last()?.ownIps, ["127.0.0.1", LAN, "203.0.113.5"]);
  match(printed.join(), /told 203\.0\.113\.5 now, and no longer 192\.168\.1\.10/);
  await time.pass(60_000);
  equal(counts().moves, 1);
});

Deno.test("without a router another LAN address is followed, and a lost one kept until then", async () => {
  const { time, world, told, counts } = follow({ HEARTH_ROUTER: "off" });
  world.addresses = [LO];
  await time.pass(20_000);
  deepEqual([told(), counts().moves], [[LAN], 0]);
  world.addresses = [LO, face("192.168.1.20")];
  await time.pass(10_000);
  deepEqual([told(), counts().moves], [[LAN, "192.168.1.20"], 1]);
});

Deno.test("an interface that never settles moves nobody", async () => {
  const { time, world, told } = follow();
  for (let last = 1; last <= 50; last++) {
    world.addresses = [LO, face(`192.168.1.${last}`)];
    await time.pass(5_000);
  }
  deepEqual(told(), []);
});

Deno.test("an address beside the one that players are told moves nobody, and is this machine's own", async () => {
  const { time, world, told, counts, last } = follow();
  world.addresses = [LO, face(LAN), face("2001:db8::77")];
  await time.pass(10_000);
  deepEqual([told(), counts()], [[LAN], { moves: 0, looks: 1 }]);
  deepEqual(last()?.ownIps.includes("2001:db8::77"), true);
});

Deno.test("the router is sought where this machine is by now", async () => {
  const { time, world, router } = follow();
  world.addresses = [LO, face("10.0.0.5")];
  await time.pass(10_000);
  deepEqual(router.config?.interfaces?.().map(({ address }) => address), ["127.0.0.1", "10.0.0.5"]);
});

Deno.test("an address that the host has set stays, whatever changes", async () => {
  const { time, world, router, told, counts } = follow({ HEARTH_EXTERNAL_IP: "198.51.100.1" });
  router.tell(forwarded("198.51.100.7"));
  world.addresses = [LO, face("203.0.113.5")];
  await time.pass(10_000);
  deepEqual([new Set(told()), counts().moves], [new Set(["198.51.100.1"]), 0]);
});

Deno.test("interfaces are looked at every 5 s, until it is closed", async () => {
  const { time, followed, asked } = follow();
  const before = asked();
  await time.pass(60_000);
  equal(asked() - before, 12);
  await followed.close(0);
  await time.pass(60_000);
  equal(asked() - before, 12);
});
