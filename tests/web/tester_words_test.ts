import { deepEqual, equal, match, ok } from "node:assert/strict";
import { diagnose, type Path, type Results } from "../../web/pages/tester/diagnosis.js";
import { isPrivate, over, splitPriority, typedServers } from "../../web/pages/tester/ice.js";
import { natWords } from "../../web/pages/tester/nat.js";
import { report } from "../../web/pages/tester/report.js";

function relay(address: string): Path["candidates"][number] {
  const shape = { type: "relay", protocol: "udp", relayProtocol: null, port: 50_000, priority: 1 };
  return { ...shape, address, ms: 100 };
}

const URLS = {
  udp: "turn:play.example:3478?transport=udp",
  tcp: "turn:play.example:3478?transport=tcp",
  tls: "turns:play.example:443?transport=tcp",
  ipv6: "turn:[2001:db8::7]:3478?transport=udp",
};

function path(way: keyof typeof URLS, more: Partial<Path> = {}): Path {
  const urls = [URLS[way]];
  const channel = { rttMs: 20, sent: 40, lost: 0 };
  return {
    urls,
    candidates: [relay("192.0.2.7")],
    errors: [],
    ended: "complete",
    channel,
    ...more,
  };
}

function results(more: Partial<Results> = {}): Results {
  const signaling = { openMs: 10, joinMs: 20 };
  const paths = { udp: path("udp"), tcp: path("tcp"), tls: path("tls"), ipv6: path("ipv6") };
  return { host: "play.example", ownServer: true, signaling, ...paths, ...more };
}

const silent: Partial<Path> = { candidates: [], ended: "stopped" };
const refused = (code: number) => [{ url: "turn:play.example:3478", code, text: "No" }];
const unreachable = [{ url: "turn:play.example:3478", code: 701, text: "timed out" }];

const CASES: readonly [string, Results, string[], RegExp][] = [
  ["all is well", results(), ["all-well"], /works/],
  [
    "nothing answers over UDP but TCP does",
    results({ udp: path("udp", silent) }),
    ["udp-no-answer"],
    /answers over TCP and TLS\..*Forward UDP port 3478.*Until then players connect over TCP/s,
  ],
  [
    "nothing answers over TCP but UDP does",
    results({
      tcp: path("tcp", { ...silent, errors: unreachable }),
      tls: path("tls", { ...silent, urls: [] }),
    }),
    ["tcp-no-answer"],
    /Forward TCP port 3478.*Until then players whose network blocks UDP stay out/s,
  ],
  [
    "nothing answers over TCP but TLS does",
    results({ tcp: path("tcp", silent) }),
    ["tcp-no-answer"],
    /Until then players whose network blocks UDP connect over TLS/,
  ],
  [
    "nothing answers at all",
    results({
      udp: path("udp", silent),
      tcp: path("tcp", silent),
      tls: path("tls", silent),
    }),
    ["udp-no-answer", "tcp-no-answer", "tls-no-answer"],
    /asked in vain\./,
  ],
  [
    "the credential is refused",
    results({ udp: path("udp", { ...silent, errors: refused(401) }) }),
    ["udp-refused-401"],
    /clock.*HEARTH_TURN_SECRET/,
  ],
  [
    "the quota is used up",
    results({ tcp: path("tcp", { ...silent, errors: refused(486) }) }),
    ["tcp-refused-486"],
    /Too many allocations/,
  ],
  [
    "the server refuses for a reason nobody foresaw",
    results({ udp: path("udp", { ...silent, errors: refused(599) }) }),
    ["udp-refused-599"],
    /server's log/,
  ],
  [
    "the name does not resolve",
    results({
      udp: path("udp", {
        candidates: [],
        errors: [{ url: "turn:x", code: 701, text: "TURN host lookup received error." }],
      }),
    }),
    ["udp-no-name"],
    /spelling/,
  ],
  [
    "an error on one interface does not matter where a relay came by another",
    results({ udp: path("udp", { errors: unreachable }) }),
    ["all-well"],
    /works/,
  ],
  [
    "the relay carries no data",
    results({ udp: path("udp", { channel: { failure: "No data passed in 10 s." } }) }),
    ["udp-no-data"],
    /HEARTH_PEER_DENY/,
  ],
  [
    "messages are lost",
    results({ udp: path("udp", { channel: { rttMs: 20, sent: 40, lost: 3 } }) }),
    ["all-well", "udp-loss"],
    /3 of 40/,
  ],
  [
    "the relay's address is private",
    results({ udp: path("udp", { candidates: [relay("192.168.1.5")] }) }),
    ["all-well", "private-relay"],
    /192\.168\.1\.5.*HEARTH_EXTERNAL_IP/s,
  ],
  [
    "no room can be entered",
    results({ signaling: { failure: "It did not open." } }),
    ["no-signaling"],
    /reverse proxy.*HEARTH_ORIGINS/s,
  ],
  [
    "no relay is offered",
    results({
      udp: path("udp", { urls: [] }),
      tcp: path("tcp", { urls: [] }),
      tls: path("tls", { urls: [] }),
      ipv6: path("ipv6", { urls: [] }),
    }),
    ["no-relay-offered"],
    /HEARTH_PUBLIC_HOST/,
  ],
  [
    "nothing answers over TLS",
    results({ tls: path("tls", silent) }),
    ["tls-no-answer"],
    /Forward TCP port 443.*not trust.*installed on the device.*nothing but HTTPS stay out/s,
  ],
  [
    "nothing answers over IPv6, which is a fault of nobody's who has IPv4",
    results({ ipv6: path("ipv6", { ...silent, errors: unreachable }) }),
    ["all-well", "ipv6-no-answer"],
    /may have no IPv6.*let UDP port 3478 through.*connect over IPv4/s,
  ],
  [
    "much is lost when as much as possible is sent",
    results({ flow: { over: "udp", seconds: 10, bytes: 1_000, sent: 1_000, lost: 60 } }),
    ["all-well", "flow-loss"],
    /6\.0 % was lost.*HEARTH_TURN_BYTES_PER_SECOND/s,
  ],
  [
    "little is lost when as much as possible is sent",
    results({ flow: { over: "udp", seconds: 10, bytes: 1_000, sent: 1_000, lost: 20 } }),
    ["all-well"],
    /works/,
  ],
  [
    "the measurement broke off",
    results({ flow: { over: "tls", failure: "Nothing has come through for 2 s." } }),
    ["flow-broken"],
    /over TLS broke off: Nothing has come through/,
  ],
  [
    "a transport that is not offered is no fault",
    results({ tcp: path("tcp", { urls: [], candidates: [] }) }),
    ["all-well"],
    /works/,
  ],
];
for (const [what, seen, codes, words] of CASES) {
  Deno.test(`The tester finds in words: ${what}`, () => {
    const findings = diagnose(seen);
    deepEqual(findings.map(({ code }) => code), codes);
    match(findings.map(({ what, todo }) => `${what} ${todo}`).join("\n"), words);
  });
}

Deno.test("A relay on a private address is a fault where another server was asked from outside", () => {
  const candidates = [relay("10.0.0.1")];
  const findings = diagnose(results({ ownServer: false, udp: path("udp", { candidates }) }));
  deepEqual(findings.map(({ level, code }) => [level, code]), [["bad", "private-relay"]]);
});

Deno.test("The report says what was seen, for each transport", () => {
  const seen = results({ tcp: path("tcp", { candidates: [], errors: refused(401) }) });
  const text = report(seen, diagnose(seen), "a browser");
  match(text, /\[bad\] turn:play\.example:3478 refuses with 401 \(No\)/);
  match(text, /in a room after 20 ms/);
  match(text, /100 ms relay udp 192\.0\.2\.7:50000/);
  match(text, /loopback: round trip 20\.0 ms \(median\), 0 of 40 lost/);
  match(text, /error 401 turn:play/);
});

Deno.test("Servers are split by the way that leads to them, as RFC 7065 reads their addresses", () => {
  const servers = [
    { urls: ["stun:a", "turn:a:1?transport=udp", "turn:a?transport=tcp"], username: "u" },
    { urls: "turns:b" },
    { urls: ["turn:[::1]:2"] },
  ];
  const urls = (way: "udp" | "tcp" | "tls" | "ipv6", ipv6?: string) =>
    over(way, servers, ipv6).map(({ urls }) => urls);
  deepEqual(urls("udp"), [["stun:a", "turn:a:1?transport=udp"], ["turn:[::1]:2"]]);
  deepEqual(urls("tcp"), [["turn:a?transport=tcp"]]);
  deepEqual(urls("tls"), [["turns:b"]]);
  deepEqual(urls("ipv6", "2001:db8::7"), [
    ["stun:[2001:db8::7]", "turn:[2001:db8::7]:1?transport=udp"],
    ["turn:[2001:db8::7]:2"],
  ]);
  deepEqual(urls("ipv6"), []);
  equal(over("tcp", servers)[0]?.username, "u");
});

Deno.test("What is not offered is said, and what would offer it", () => {
  const none = path("tls", { urls: [] });
  const text = report(results({ tls: none, ipv6: none }), [], "a browser");
  match(text, /TLS: Not offered: this server has no certificate/);
  match(text, /IPv6: Not offered: .*HEARTH_TURN_HOST=0\.0\.0\.0,::/);
  match(text, /NAT:\n {2}Not tested/);
});

function udpCandidate(type: string, address: string, port: number): Path["candidates"][number] {
  return { type, protocol: "udp", relayProtocol: null, address, port, priority: 1, ms: 1 };
}

/** Two connections whose own ports are 1,000 and 1,001. */
function behind(address: string, ports: readonly [number, number]) {
  return ports.map((port, at) => [
    udpCandidate("host", "hidden.local", 1_000 + at),
    udpCandidate("srflx", address, port),
  ]);
}

const NATS: readonly [string, Parameters<typeof natWords>[0], RegExp][] = [
  ["STUN was not offered", undefined, /Not tested/],
  ["STUN has not answered", { connections: [[], []] }, /Nothing is known/],
  [
    "the server is on the same network",
    { connections: behind("192.168.1.9", [1_000, 1_001]) },
    /sees you as 192\.168\.1\.9, a private address.*Test from elsewhere/,
  ],
  [
    "ports are kept",
    { connections: behind("203.0.113.20", [1_000, 1_001]), relayPort: "not-reached" },
    /sees you as 203\.0\.113\.20, in each of 2.*keeps port numbers.*cannot be told/s,
  ],
  [
    "two ports of the server see the same port",
    {
      connections: behind("203.0.113.20", [5_000, 6_000]),
      relayPort: { seen: 7_000, known: [7_000] },
    },
    /other ports than their own.*endpoint-independent/s,
  ],
  [
    "each destination has a mapping of its own",
    {
      connections: behind("203.0.113.20", [5_000, 6_000]),
      relayPort: { seen: 7_001, known: [7_000] },
    },
    /a symmetric NAT/,
  ],
  [
    "connections come from several addresses",
    {
      connections: [
        [udpCandidate("srflx", "203.0.113.20", 1)],
        [udpCandidate("srflx", "203.0.113.21", 1)],
      ],
    },
    /203\.0\.113\.20 and 203\.0\.113\.21: your provider's NAT/,
  ],
];
for (const [what, nat, words] of NATS) {
  Deno.test(`The tester says of a NAT: ${what}`, () => match(natWords(nat).join("\n"), words));
}

Deno.test("What a person types becomes servers for both transports", () => {
  const urls = (typed: string) => typedServers(typed, "u", "p").flatMap(({ urls }) => urls);
  deepEqual(urls("h:3478"), ["turn:h:3478?transport=udp", "turn:h:3478?transport=tcp"]);
  deepEqual(urls("turn:h"), ["turn:h?transport=udp", "turn:h?transport=tcp"]);
  deepEqual(urls("turn:h?transport=tcp"), ["turn:h?transport=tcp"]);
  deepEqual(urls("turns:h"), ["turns:h"]);
  deepEqual(typedServers("stun:h", "u", "p"), [{ urls: ["stun:h"] }]);
});

Deno.test("A priority is split as RFC 8445 §5.1.2.1 puts it together", () => {
  const priority = 2 ** 24 * 126 + 2 ** 8 * 65_535 + (256 - 1);
  deepEqual(splitPriority(priority), { type: 126, local: 65_535, component: 1 });
});

Deno.test("Private addresses are told from public ones at the edges of each range", () => {
  const inside = "localhost 127.0.0.1 10.255.0.1 172.16.0.1 172.31.9.9 192.168.0.1 169.254.1.1 " +
    "100.64.0.1 100.127.0.1 0.0.0.0 ::1 [::1] fd00::1 fcab::1 fe80::1 febf::1";
  for (const host of inside.split(" ")) ok(isPrivate(host), host);
  const outside = "play.example 11.0.0.1 172.15.0.1 172.32.0.1 192.169.0.1 169.255.0.1 " +
    "100.63.0.1 100.128.0.1 203.0.113.1 2001:db8::1 fe00::1 fec0::1 fc.example";
  for (const host of outside.split(" ")) ok(!isPrivate(host), host);
});
