import assert from "node:assert/strict";
import { addressesOf, externalIpsOf } from "../../ops/mod.ts";

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

Deno.test("the advertised address is public where there is one, else the likeliest", () => {
  const { lan } = addressesOf(interfaces);
  assert.deepEqual(externalIpsOf(["0.0.0.0"], lan), ["192.168.1.5"]);
  assert.deepEqual(externalIpsOf(["0.0.0.0"], [...lan, "203.0.113.7"]), ["203.0.113.7"]);
  assert.deepEqual(externalIpsOf(["0.0.0.0", "::"], lan), ["192.168.1.5", "2001:db8::5"]);
});

Deno.test("one address listened on is the one advertised; without any network there is none", () => {
  assert.deepEqual(externalIpsOf(["127.0.0.1"], ["192.168.1.5"]), ["127.0.0.1"]);
  assert.deepEqual(externalIpsOf(["0.0.0.0"], []), []);
});
