import assert from "node:assert/strict";
import { addressesOf } from "../../ops/mod.ts";

const interfaces = [
  { name: "lo", address: "127.0.0.1", netmask: "255.0.0.0" },
  { name: "lo", address: "::1", netmask: "ffff:ffff:ffff:ffff::" },
  { name: "docker0", address: "172.17.0.1", netmask: "255.255.0.0" },
  { name: "eth0", address: "192.168.1.5", netmask: "255.255.255.0" },
  { name: "eth0", address: "fe80::1", netmask: "ffff:ffff:ffff:ffff::" },
  { name: "eth0", address: "2001:db8::5", netmask: "ffff:ffff:ffff:ffff::" },
  { name: "eth1", address: "169.254.7.7", netmask: "255.255.0.0" },
];

Deno.test("others know this machine by none of loopback and link-local, and by bridges last", () => {
  const { own, lan } = addressesOf(interfaces);
  assert.equal(own.length, interfaces.length);
  assert.deepEqual(lan, ["192.168.1.5", "2001:db8::5", "172.17.0.1"]);
});

Deno.test("its networks are those that others know it in, each once", () => {
  assert.deepEqual(addressesOf(interfaces).networks, [
    "172.17.0.0/16",
    "192.168.1.0/24",
    "2001:db8:0:0::/64",
  ]);
  const alone = addressesOf([{ name: "eth0", address: "203.0.113.4", netmask: "255.255.255.255" }]);
  assert.deepEqual(alone.networks, ["203.0.113.4/32"]);
});

Deno.test("each IPv4 network is addressed as a whole by its ones and by its zeros", () => {
  const of = (address: string, netmask: string) =>
    addressesOf([{ name: "eth0", address, netmask }]).broadcast;
  assert.deepEqual(of("192.168.1.5", "255.255.255.0"), ["192.168.1.0", "192.168.1.255"]);
  assert.deepEqual(of("203.0.113.77", "255.255.255.240"), ["203.0.113.64", "203.0.113.79"]);
  assert.deepEqual(of("8.8.8.8", "255.255.252.0"), ["8.8.8.0", "8.8.11.255"]);
  assert.deepEqual(of("223.255.255.1", "255.255.255.252"), ["223.255.255.0", "223.255.255.3"]);
  assert.deepEqual(of("203.0.113.4", "255.255.255.254"), [], "a link between two");
  assert.deepEqual(of("203.0.113.4", "255.255.255.255"), [], "an address alone");
  assert.deepEqual(of("2001:db8::5", "ffff:ffff:ffff:ffff::"), [], "IPv6 has no broadcast");
  assert.deepEqual(
    addressesOf(Deno.networkInterfaces()).broadcast.filter((ip) => ip.startsWith("127.")),
    ["127.0.0.0", "127.255.255.255"],
    "as this machine says it",
  );
});
