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
  equal(admission.enter("a"), "admitted");
  equal(admission.enter("a"), "admitted");
  equal(admission.enter("a"), "too-many-connections");
  equal(admission.enter("b"), "admitted");
  equal(admission.enter("c"), "server-full");
  admission.leave("a");
  equal(admission.enter("c"), "admitted");
  equal(admission.connections, 3);
});
