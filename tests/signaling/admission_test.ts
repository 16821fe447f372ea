import { equal, notEqual } from "node:assert/strict";
import { addressGroup, Admission } from "../../signaling/core/admission.ts";
import { LIMITS } from "./server.ts";

Deno.test("an IPv6 /64 counts as one address, and a mapped IPv4 address as itself", () => {
  const group = addressGroup("2001:db8:1:2::1");
  equal(addressGroup("2001:db8:1:2:ffff:ffff:ffff:ffff"), group);
  equal(addressGroup("2001:0db8:0001:0002:0:0:0:9"), group);
  notEqual(addressGroup("2001:db8:1:3::1"), group);
  equal(addressGroup("fe80::1%eth0"), addressGroup("fe80::2"));
  equal(addressGroup("::ffff:192.0.2.1"), "192.0.2.1");
  equal(addressGroup("::ffff:c000:201"), "192.0.2.1");
  notEqual(addressGroup("192.0.2.1"), addressGroup("192.0.2.2"));
  equal(addressGroup("::1"), "0:0:0:0/64");
});

Deno.test("each bound admits its last connection, and a place left is free", () => {
  const admission = new Admission({ ...LIMITS, connections: 3, connectionsPerAddress: 2 });
  equal(admission.enter("a", 0), "admitted");
  equal(admission.enter("a", 0), "admitted");
  equal(admission.enter("a", 0), "too-many-connections");
  equal(admission.enter("b", 0), "admitted");
  equal(admission.enter("c", 0), "server-full");
  admission.leave("a");
  equal(admission.enter("c", 0), "admitted");
  equal(admission.connections, 3);
});

Deno.test("from where a flood came nobody may come for five seconds; from elsewhere they may", () => {
  const admission = new Admission(LIMITS);
  admission.punish("192.0.2.1", 1_000);
  equal(admission.enter("192.0.2.1", 5_999), "flooding");
  equal(admission.enter("192.0.2.2", 5_999), "admitted");
  equal(admission.enter("192.0.2.1", 6_000), "admitted");
});
