import { deepEqual, equal, match } from "node:assert/strict";
import { chooseExternalIps, type ExternalIpQuestion } from "../../../turn/mod.ts";

const face = (name: string, address: string) => ({ name, address });
const LO = face("lo", "127.0.0.1");
const LO6 = face("lo", "::1");

function choose(changes: Partial<ExternalIpQuestion>) {
  return chooseExternalIps({
    externalIps: "auto",
    hosts: ["0.0.0.0"],
    port: 3478,
    interfaces: [LO],
    ...changes,
  });
}

function ipsOf(...interfaces: { name: string; address: string }[]): readonly string[] {
  return choose({ interfaces: [LO, LO6, ...interfaces], hosts: ["0.0.0.0", "::"] }).ips;
}

Deno.test("a public address is preferred to all others, without a warning", () => {
  const interfaces = [LO, face("eth1", "192.168.1.10"), face("eth0", "203.0.113.5")];
  deepEqual(choose({ interfaces }), { ips: ["203.0.113.5"], warnings: [] });
});

Deno.test("behind a router, the address on the LAN is taken, and what will not work is said", () => {
  const { ips, warnings } = choose({ interfaces: [LO, face("eth0", "192.168.1.10")], port: 4000 });
  deepEqual(ips, ["192.168.1.10"]);
  deepEqual(warnings.map(({ kind }) => kind), ["home-only"]);
  match(warnings[0]?.message ?? "", /192\.168\.1\.10.*HEARTH_EXTERNAL_IP.*forward port 4000/);
});

for (
  const name of ["docker0", "br-4f3a", "veth12ab", "virbr0", "tun0", "tap0", "wg0", "tailscale0"]
) {
  Deno.test(`${name} is passed over for an interface on the LAN`, () => {
    deepEqual(ipsOf(face(name, "172.17.0.1"), face("enp3s0", "10.0.0.5")), ["10.0.0.5"]);
  });
}

Deno.test("what was chosen last stays while nothing is better", () => {
  const interfaces = [face("eth0", "2001:db8::a"), face("eth0", "2001:db8::b")];
  const hosts = ["::"];
  deepEqual(choose({ interfaces, hosts, last: ["2001:db8::b"] }).ips, ["2001:db8::b"]);
  deepEqual(choose({ interfaces, hosts, last: ["2001:db8::c"] }).ips, ["2001:db8::a"]);
  const home = face("eth0", "192.168.1.10");
  deepEqual(
    choose({ interfaces: [home, face("ppp0", "203.0.113.5")], last: ["192.168.1.10"] }).ips,
    ["203.0.113.5"],
  );
});

Deno.test("a virtual interface is better than loopback", () => {
  deepEqual(ipsOf(face("docker0", "172.17.0.1")), ["172.17.0.1"]);
});

Deno.test("a public address on a tunnel counts as public", () => {
  deepEqual(ipsOf(face("wg0", "203.0.113.9"), face("eth0", "10.0.0.5")), ["203.0.113.9"]);
});

Deno.test("without a network loopback is taken, once, with a warning", () => {
  const { ips, warnings } = choose({ interfaces: [LO, LO6], hosts: ["0.0.0.0", "::"] });
  deepEqual(ips, ["127.0.0.1"]);
  deepEqual(warnings.map(({ kind }) => kind), ["this-machine-only"]);
});

Deno.test("link-local, unspecified and multicast addresses are nobody's", () => {
  deepEqual(ipsOf(face("eth0", "169.254.3.4"), face("eth0", "fe80::1")), ["127.0.0.1"]);
  deepEqual(ipsOf(face("eth0", "0.0.0.0"), face("eth0", "ff02::1")), ["127.0.0.1"]);
});

Deno.test("the edges of the private ranges", () => {
  const isPrivate = (address: string) =>
    choose({ interfaces: [face("eth0", address)] }).warnings[0]?.kind;
  for (const address of ["10.0.0.0", "172.16.0.1", "172.31.255.1", "192.168.0.1"]) {
    equal(isPrivate(address), "home-only", address);
  }
  for (const address of ["9.255.255.1", "11.0.0.1", "172.15.0.1", "172.32.0.1", "192.167.0.1"]) {
    equal(isPrivate(address), undefined, address);
  }
  equal(isPrivate("100.64.0.1"), "carrier-grade-nat");
  equal(isPrivate("100.127.0.1"), "carrier-grade-nat");
  equal(isPrivate("100.63.0.1"), undefined);
  equal(isPrivate("100.128.0.1"), undefined);
});

Deno.test("IPv6 is advertised where it is listened on: a global address before a local one", () => {
  const interfaces = [
    face("eth0", "192.168.1.2"),
    face("eth0", "fd00::2"),
    face("eth0", "2001:db8::2"),
  ];
  deepEqual(choose({ interfaces, hosts: ["0.0.0.0", "::"] }).ips, ["192.168.1.2", "2001:db8::2"]);
  deepEqual(choose({ interfaces, hosts: ["0.0.0.0"] }).ips, ["192.168.1.2"]);
  // `::` takes IPv4 too.
  deepEqual(choose({ interfaces, hosts: ["::"] }).ips, ["192.168.1.2", "2001:db8::2"]);
});

Deno.test("listening on one address advertises that one", () => {
  const interfaces = [LO, face("eth0", "203.0.113.5"), face("eth1", "192.168.1.2")];
  deepEqual(choose({ interfaces, hosts: ["192.168.1.2"] }).ips, ["192.168.1.2"]);
  deepEqual(choose({ interfaces, hosts: ["127.0.0.1"] }).ips, ["127.0.0.1"]);
});

Deno.test("what the host set is taken as it stands, and warned of where it is private", () => {
  const interfaces = [face("eth0", "203.0.113.5")];
  deepEqual(choose({ externalIps: ["198.51.100.1", "2001:db8::1"], interfaces }), {
    ips: ["198.51.100.1", "2001:db8::1"],
    warnings: [],
  });
  equal(choose({ externalIps: ["192.168.1.3"], interfaces }).warnings[0]?.kind, "home-only");
});

Deno.test("a choice between equal networks is said to be a guess", () => {
  const { ips, warnings } = choose({
    interfaces: [face("eth0", "192.168.1.2"), face("wlan0", "192.168.2.2")],
  });
  deepEqual(ips, ["192.168.1.2"]);
  deepEqual(warnings.map(({ kind }) => kind), ["home-only", "several-networks"]);
  match(warnings[1]?.message ?? "", /192\.168\.2\.2/);
});

Deno.test("the address of a router that forwards is taken, unless it is private too", () => {
  const interfaces = [LO, face("eth0", "192.168.1.10")];
  deepEqual(choose({ interfaces, routerIp: "198.51.100.7" }), {
    ips: ["198.51.100.7"],
    warnings: [],
  });
  for (const routerIp of ["10.0.0.1", "100.64.0.7", "0.0.0.0", "nonsense"]) {
    const { ips, warnings } = choose({ interfaces, routerIp });
    deepEqual(ips, ["192.168.1.10"], routerIp);
    deepEqual(warnings.map(({ kind }) => kind), ["home-only"]);
  }
  equal(
    choose({ interfaces, externalIps: ["203.0.113.9"], routerIp: "198.51.100.7" }).ips[0],
    "203.0.113.9",
  );
});

Deno.test("what is told by hand for IPv6 alone is no relay for Chromium, and that is said", () => {
  const kinds = (...externalIps: string[]) =>
    choose({ externalIps, hosts: ["::"] }).warnings.map(({ kind }) => kind);
  deepEqual(kinds("2600::1"), ["ipv6-only"]);
  deepEqual(kinds("203.0.113.7", "2600::1"), []);
});
