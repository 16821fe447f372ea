/** One case for each finding: what is seen. The texts are in `golden_test.ts`. */
import type { AddressFact, Fact, PortFact } from "../../check/core/mod.ts";

const http: PortFact = {
  kind: "port",
  service: "http",
  transport: "tcp",
  host: "0.0.0.0",
  port: 8080,
  state: { kind: "free" },
};
const turn: PortFact = { ...http, service: "turn", transport: "udp", port: 3478 };

const ports = [
  { transport: "tcp", port: 8080 },
  { transport: "udp", port: 3478 },
  { transport: "tcp", port: 3478 },
] as const;

const home: AddressFact = {
  kind: "addresses",
  configured: "auto",
  own: ["192.168.1.5"],
  router: { kind: "off" },
  stun: [],
  ports,
};
const forwarded = {
  kind: "forwarded",
  protocol: "PCP",
  router: "192.168.1.1",
  externalIp: "198.51.100.7",
  mapped: [{ transport: "tcp", port: 8080 }, { transport: "udp", port: 3478 }],
  missing: [],
} as const;
const stun = (ip?: string) => [{ server: "stun.example:3478", ip }];

const moment = (text: string) => ({ ms: Date.parse(text), text });

export const cases = {
  "port free": http,
  "port ours": { ...turn, state: { kind: "ours" } },
  "port taken, by nobody knows whom": { ...turn, state: { kind: "taken", who: undefined } },
  "port taken by a web server": {
    ...http,
    state: { kind: "taken", who: "nginx/1.22.1 (it answers HTTP)." },
  },
  "port refused to this user": {
    ...http,
    port: 80,
    state: { kind: "refused", why: "permission" },
  },
  "port on an address that is not here": {
    ...turn,
    host: "192.168.1.77",
    state: { kind: "refused", why: "no such address" },
  },
  "router off, address unknown": home,
  "no home's network": { ...home, own: [], router: { kind: "nobody" } },
  "address told by hand, router off": { ...home, configured: ["198.51.100.7"] },
  "address told by hand, and another one is seen": {
    ...home,
    configured: ["198.51.100.9"],
    router: forwarded,
  },
  "address told by hand, for the home alone": {
    ...home,
    configured: ["192.168.1.5"],
    router: forwarded,
  },
  "public address of its own": { ...home, own: ["198.51.100.7"] },
  "router forwards": { ...home, router: forwarded },
  "router forwards some": {
    ...home,
    router: { ...forwarded, missing: [{ transport: "tcp", port: 3478, why: "the port is taken" }] },
  },
  "router does not answer": { ...home, router: { kind: "not-forwarded", whys: [] } },
  "router does not allow it": {
    ...home,
    router: { kind: "not-forwarded", whys: ["192.168.1.1 (UPnP): it does not allow it"] },
  },
  "STUN server says": { ...home, stun: stun("198.51.100.7") },
  "STUN server is silent": { ...home, router: forwarded, stun: stun() },
  "carrier-grade NAT by the router's address": {
    ...home,
    router: { ...forwarded, externalIp: "100.64.3.4" },
  },
  "carrier-grade NAT by this machine's address": { ...home, own: ["100.64.3.4"] },
  "carrier-grade NAT by what STUN sees": {
    ...home,
    router: forwarded,
    stun: stun("198.51.100.99"),
  },
  "a second router": { ...home, router: { ...forwarded, externalIp: "10.0.0.2" } },
  "hairpin works": { kind: "hairpin", ip: "198.51.100.7", works: true },
  "hairpin missing": { kind: "hairpin", ip: "198.51.100.7", works: false },
  "address told by hand, of IPv6 alone": {
    ...home,
    configured: ["2001:db8::5"],
    own: ["198.51.100.7"],
  },
  "a firewall that may be there, Linux": { kind: "firewall", os: "linux", ufw: undefined, ports },
  "ufw is on": { kind: "firewall", os: "linux", ufw: true, ports },
  "ufw is off": { kind: "firewall", os: "linux", ufw: false, ports },
  "a firewall that may be there, Windows": {
    kind: "firewall",
    os: "windows",
    ufw: undefined,
    ports,
  },
  "a firewall that may be there, macOS": { kind: "firewall", os: "darwin", ufw: undefined, ports },
  "a firewall that may be there, elsewhere": {
    kind: "firewall",
    os: "other",
    ufw: undefined,
    ports,
  },
  "a firewall, and nothing for others to reach": {
    kind: "firewall",
    os: "linux",
    ufw: true,
    ports: [],
  },
  "IPv6 not there": { kind: "ipv6", publicIps: [], listens: { http: false, turn: false }, ports },
  "IPv6 unheard": {
    kind: "ipv6",
    publicIps: ["2001:db8::5"],
    listens: { http: false, turn: false },
    ports,
  },
  "IPv6 heard by HTTP alone": {
    kind: "ipv6",
    publicIps: ["2001:db8::5"],
    listens: { http: true, turn: false },
    ports,
  },
  "IPv6 heard": {
    kind: "ipv6",
    publicIps: ["2001:db8::5"],
    listens: { http: true, turn: true },
    ports,
  },
  "clock right": {
    kind: "clock",
    now: moment("2026-11-25T12:00Z"),
    lastWrite: moment("2026-11-25T12:01Z"),
  },
  "clock wrong at the first start": {
    kind: "clock",
    now: moment("1970-01-01T00:03Z"),
    lastWrite: undefined,
  },
  "clock wrong": {
    kind: "clock",
    now: moment("2026-11-20T12:00Z"),
    lastWrite: moment("2026-11-25T12:00Z"),
  },
  "descriptors enough": { kind: "descriptors", opened: 3072, tried: 3072 },
  "descriptors few": { kind: "descriptors", opened: 230, tried: 3072 },
  "data folder usable": { kind: "data-folder", path: "/data", state: { kind: "usable" } },
  "data folder absent": { kind: "data-folder", path: "/data", state: { kind: "absent" } },
  "data folder open to others": {
    kind: "data-folder",
    path: "/data",
    state: { kind: "open-to-others", mode: 0o777 },
  },
  "data folder unusable": {
    kind: "data-folder",
    path: "/data",
    state: { kind: "unusable", why: "Permission denied (os error 13)" },
  },
  "permission given": { kind: "permission", name: "The network", granted: true },
  "permission lacking": { kind: "permission", name: "The network", granted: false },
} as const satisfies Record<string, Fact>;
