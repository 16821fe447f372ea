import assert from "node:assert/strict";
import { addressesOf } from "../../ops/mod.ts";

const interfaces = [
  { name: "lo", address: "127.0.0.1" },
  { name: "lo", address: "::1" },
  { name: "docker0", address: "172.17.0.1" },
  { name: "eth0", address: "192.168.1.5" },
  { name: "eth0", address: "fe80::1" },
  { name: "eth0", address: "2001:db8::5" },
  { name: "eth1", address: "169.254.7.7" },
];

Deno.test("others know this machine by none of loopback and link-local, and by bridges last", () => {
  const { own, lan } = addressesOf(interfaces);
  assert.equal(own.length, interfaces.length);
  assert.deepEqual(lan, ["192.168.1.5", "2001:db8::5", "172.17.0.1"]);
});
