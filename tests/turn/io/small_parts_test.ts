import { deepEqual, equal } from "node:assert/strict";
import { formatAddress } from "../../../turn/address.ts";
import { Alarm } from "../../../turn/io/alarm.ts";
import { NetAddrs } from "../../../turn/io/net_addr.ts";
import { RecentMap } from "../../../turn/io/recent.ts";

Deno.test("RecentMap keeps what is used and stays within twice its capacity", () => {
  const map = new RecentMap<number, string>(10);
  map.set(-1, "used");
  for (let key = 0; key < 10_000; key++) {
    map.set(key, "new");
    equal(map.get(-1), "used");
    if (map.size > 20) throw new Error(`It holds ${map.size}`);
  }
  equal(map.get(0), undefined);
  equal(map.get(9_999), "new");
});

Deno.test("NetAddrs unwraps IPv4-mapped sources, drops zones, and writes what it read", () => {
  const names = new NetAddrs();
  const read = (hostname: string) =>
    formatAddress(names.read({ transport: "udp", hostname, port: 5 }));
  equal(read("::ffff:192.0.2.7"), "192.0.2.7:5");
  equal(read("192.0.2.7"), "192.0.2.7:5");
  equal(read("fe80::1%eth0"), "[fe80::1]:5");
  const from: Deno.NetAddr = { transport: "udp", hostname: "2001:db8::1", port: 65_535 };
  deepEqual(names.write(names.read(from)), from);
});

Deno.test("an alarm rings at the earliest deadline, once, and can be set anew from its ring", async () => {
  const rung = Promise.withResolvers<void>();
  let rings = 0;
  const alarm = new Alarm(() => 1_000, () => {
    if (++rings === 1) alarm.setBy(0);
    else rung.resolve();
  });
  alarm.setBy(Infinity);
  alarm.setBy(100_000_000);
  alarm.setBy(1_001);
  alarm.setBy(50_000);
  await rung.promise;
  equal(rings, 2);
});

Deno.test("a deadline beyond what setTimeout takes does not ring at once", async () => {
  let rings = 0;
  const alarm = new Alarm(() => 0, () => rings++);
  alarm.setBy(2 ** 40);
  await new Promise((resolve) => setTimeout(resolve, 5));
  alarm.clear();
  equal(rings, 0);
});
