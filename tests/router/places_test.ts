import { deepEqual } from "node:assert/strict";
import { type Interface, placesToAsk, portsToForward } from "../../router/core/mod.ts";

const loopback: Interface = { name: "lo", address: "127.0.0.1", netmask: "255.0.0.0" };
const home: Interface = { name: "eth0", address: "192.168.1.5", netmask: "255.255.255.0" };

Deno.test("at home the first and the last address of the network are asked", () => {
  const v6 = { name: "eth0", address: "fd00::5", netmask: "ffff:ffff:ffff:ffff::" };
  deepEqual(placesToAsk("auto", [loopback, home, v6]), [
    { local: "192.168.1.5", routers: ["192.168.1.1", "192.168.1.254"] },
  ]);
});

Deno.test("a machine with a public address asks nobody by itself: not in a provider's network", () => {
  const vps = { name: "eth0", address: "198.51.100.7", netmask: "255.255.255.0" };
  deepEqual(placesToAsk("auto", [loopback, home, vps]), []);
});

Deno.test("a named router is asked even so, from the network that it is in", () => {
  const other = { name: "eth1", address: "10.0.0.5", netmask: "255.0.0.0" };
  deepEqual(placesToAsk("10.9.9.9", [loopback, home, other]), [
    { local: "10.0.0.5", routers: ["10.9.9.9"] },
  ]);
  deepEqual(placesToAsk("172.16.0.1", [loopback, home, other]), []);
});

Deno.test("networks of containers and tunnels have no home router", () => {
  const docker = { name: "docker0", address: "172.17.0.1", netmask: "255.255.0.0" };
  const tunnel = { name: "wg0", address: "10.8.0.2", netmask: "255.255.255.0" };
  deepEqual(placesToAsk("auto", [docker, tunnel]), []);
});

Deno.test("this machine is not its own router, and a network of one address has none", () => {
  deepEqual(placesToAsk("auto", [{ ...home, address: "192.168.1.1" }])[0]?.routers, [
    "192.168.1.254",
  ]);
  deepEqual(placesToAsk("auto", [{ ...home, netmask: "255.255.255.255" }])[0]?.routers, []);
  deepEqual(
    placesToAsk("auto", [{ ...home, address: "10.200.0.9", netmask: "255.0.0.0" }])[0]?.routers,
    ["10.0.0.1", "10.255.255.254"],
  );
});

Deno.test("four networks are asked in, and no more", () => {
  const many = Array.from({ length: 9 }, (_, n) => ({ ...home, address: `192.168.${n}.5` }));
  deepEqual(placesToAsk("auto", many).length, 4);
});

Deno.test("what listens on this machine alone is not forwarded", () => {
  const ports = (http: string, ...hosts: string[]) =>
    portsToForward({
      http: { host: http },
      httpPort: 80,
      tlsPort: 443,
      turn: { hosts },
      turnPort: 3478,
    })
      .map(({ transport, port }) => `${transport} ${port}`);
  deepEqual(ports("0.0.0.0", "0.0.0.0", "::"), ["tcp 80", "tcp 443", "udp 3478", "tcp 3478"]);
  deepEqual(ports("127.0.0.1", "192.168.1.5"), ["udp 3478", "tcp 3478"]);
  deepEqual(ports("::1", "127.0.0.1", "fd00::5"), []);
  deepEqual(ports("localhost", "127.0.0.1"), []);
});
