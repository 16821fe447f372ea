import { deepEqual } from "node:assert/strict";
import { trusting } from "../../ops/forwarding.ts";

const PROXY = "10.0.0.1";
const PLAYER = "203.0.113.7";
const LIE = "198.51.100.66";
const whoCalls = trusting(["10.0.0.0/8", "fd00::/8", "127.0.0.1/32"]);

for (
  const [what, from, headers, address] of [
    ["no header", PROXY, {}, PROXY],
    ["one hop", PROXY, { "x-forwarded-for": PLAYER }, PLAYER],
    ["what the client wrote before it", PROXY, { "x-forwarded-for": `${LIE}, ${PLAYER}` }, PLAYER],
    ["two proxies", PROXY, { "x-forwarded-for": `${LIE}, ${PLAYER}, 10.0.0.2` }, PLAYER],
    ["proxies alone", PROXY, { "x-forwarded-for": "10.0.0.3, 10.0.0.2" }, "10.0.0.3"],
    ["a proxy of its own claim", PROXY, { "x-forwarded-for": `10.9.9.9, ${PLAYER}` }, PLAYER],
    ["a port", PROXY, { "x-forwarded-for": `${PLAYER}:4711` }, PLAYER],
    ["IPv6", PROXY, { "x-forwarded-for": "2001:db8::7" }, "2001:db8::7"],
    ["IPv6 and a port", PROXY, { "x-forwarded-for": "[2001:db8::7]:4711" }, "2001:db8::7"],
    ["a mapped address", PROXY, { "x-forwarded-for": `::ffff:${PLAYER}` }, PLAYER],
    ["a mapped proxy", `::ffff:${PROXY}`, { "x-forwarded-for": PLAYER }, PLAYER],
    ["a proxy by IPv6", "fd00::1", { "x-forwarded-for": PLAYER }, PLAYER],
    ["a proxy with a zone", "fd00::1%eth0", { "x-forwarded-for": PLAYER }, PLAYER],
    ["rubbish", PROXY, { "x-forwarded-for": "localhost" }, PROXY],
    ["rubbish behind a proxy", PROXY, { "x-forwarded-for": `${LIE}, x, 10.0.0.2` }, "10.0.0.2"],
    ["nothing", PROXY, { "x-forwarded-for": "" }, PROXY],
    ["an address that is none", PROXY, { "x-forwarded-for": "256.0.0.1" }, PROXY],
    ["a hundred hops", PROXY, { "x-forwarded-for": `${LIE}, `.repeat(99) + PLAYER }, PLAYER],
    ["Forwarded", PROXY, { forwarded: `for=${PLAYER};proto=http;by=10.0.0.1` }, PLAYER],
    ["Forwarded, in any case", PROXY, { forwarded: `For="${PLAYER}:4711"` }, PLAYER],
    ["Forwarded with IPv6", PROXY, { forwarded: 'for="[2001:db8::7]:4711"' }, "2001:db8::7"],
    ["Forwarded with a lie before", PROXY, { forwarded: `for=${LIE}, for=${PLAYER}` }, PLAYER],
    ["Forwarded from unknown", PROXY, { forwarded: `for=${LIE}, for=unknown` }, PROXY],
    ["Forwarded from a made-up name", PROXY, { forwarded: "for=_gazonk" }, PROXY],
    ["Forwarded without for", PROXY, { forwarded: `for=${LIE}, by=10.0.0.1` }, PROXY],
    ["Forwarded with two", PROXY, { forwarded: `for=${LIE};for=${PLAYER}` }, PROXY],
    ["both alike", PROXY, { forwarded: `for=${PLAYER}`, "x-forwarded-for": PLAYER }, PLAYER],
    ["both, one a lie", PROXY, { forwarded: `for=${LIE}`, "x-forwarded-for": PLAYER }, PROXY],
    ["a stranger", PLAYER, { "x-forwarded-for": LIE, forwarded: `for=${LIE}` }, PLAYER],
    ["a stranger's mapped address", `::ffff:${PLAYER}`, {}, `::ffff:${PLAYER}`],
    ["no address", "/run/hearth.sock", { "x-forwarded-for": LIE }, "/run/hearth.sock"],
  ] as const
) {
  Deno.test(`forwarded, ${what}: the client is ${address}`, () => {
    deepEqual(whoCalls(from, new Headers(headers)), { remoteAddress: address, secure: false });
  });
}

for (
  const [what, from, headers, secure] of [
    ["https", PROXY, { "x-forwarded-proto": "https" }, true],
    ["HTTPS in capitals", PROXY, { "x-forwarded-proto": "HTTPS" }, true],
    ["http", PROXY, { "x-forwarded-proto": "http" }, false],
    ["a lie before http", PROXY, { "x-forwarded-proto": "https, http" }, false],
    ["Forwarded", PROXY, { forwarded: "proto=https" }, true],
    ["a stranger", PLAYER, { "x-forwarded-proto": "https", forwarded: "proto=https" }, false],
  ] as const
) {
  Deno.test(`forwarded protocol, ${what}: TLS is ${secure ? "there" : "not known"}`, () => {
    deepEqual(whoCalls(from, new Headers(headers)), { remoteAddress: from, secure });
  });
}

Deno.test("forwarded: with no proxy trusted, nobody is believed", () => {
  const headers = new Headers({ "x-forwarded-for": LIE, "x-forwarded-proto": "https" });
  deepEqual(trusting([])("127.0.0.1", headers), { remoteAddress: "127.0.0.1", secure: false });
});
