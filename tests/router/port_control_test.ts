import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import {
  decodeAddress,
  decodeNatPmpMap,
  decodePcpMap,
  encodeNatPmpMap,
  encodePcpMap,
  type PcpRequest,
} from "../../router/core/mod.ts";
import { type Client, natPmpClient, pcpClient } from "../../router/io/mod.ts";
import { fromHex as hex } from "../support/hex.ts";

const nonce = Uint8Array.from({ length: 12 }, (_, index) => index + 1);
const udp3478 = { transport: "udp", port: 3478 } as const;
const tcp8080 = { transport: "tcp", port: 8080 } as const;
const request: PcpRequest = { ...udp3478, local: 0xc0a80105, nonce, lifetimeSeconds: 3_600 };

/** What a router answers to that, byte by byte (RFC 6887 §7.2, §11.1). */
const PCP_ANSWER = hex(
  "02810000 00000e10 00000001 000000000000000000000000" +
    "0102030405060708090a0b0c 11000000 0d960d96 00000000000000000000ffffc6336407",
);

Deno.test("a PCP request is laid out as RFC 6887 §7.1 and §11.1 say", () => {
  deepEqual(
    encodePcpMap(request),
    hex(
      "02010000 00000e10 00000000000000000000ffffc0a80105" +
        "0102030405060708090a0b0c 11000000 0d960d96 00000000000000000000ffff00000000",
    ),
  );
});

Deno.test("a PCP answer brings port, address and lifetime; an error its reason (RFC 6887 §7.4)", () => {
  deepEqual(decodePcpMap(PCP_ANSWER, request), {
    kind: "mapped",
    externalPort: 3478,
    externalIp: "198.51.100.7",
    lifetimeSeconds: 3_600,
  });
  const error = PCP_ANSWER.slice();
  error[3] = 2;
  deepEqual(decodePcpMap(error, request), { kind: "refused", why: "it does not allow it" });
});

Deno.test("a PCP answer to another request is none (RFC 6887 §11.4)", () => {
  equal(decodePcpMap(PCP_ANSWER, { ...request, port: 3479 }), undefined);
  equal(decodePcpMap(PCP_ANSWER, { ...request, transport: "tcp" }), undefined);
  equal(decodePcpMap(PCP_ANSWER, { ...request, nonce: new Uint8Array(12) }), undefined);
  equal(decodePcpMap(encodePcpMap(request), request), undefined);
});

Deno.test("a router of NAT-PMP alone says so in its own version (RFC 6887 §9)", () => {
  deepEqual(decodePcpMap(hex("00800001 00000001"), request), {
    kind: "refused",
    why: "it speaks another version",
  });
});

Deno.test("NAT-PMP is laid out as RFC 6886 §3.2 and §3.3 say", () => {
  deepEqual(encodeNatPmpMap(udp3478, 3_600), hex("00010000 0d960d96 00000e10"));
  deepEqual(encodeNatPmpMap(tcp8080, 0), hex("00020000 1f900000 00000000"));
  deepEqual(decodeNatPmpMap(hex("00810000 00000001 0d960d96 00000e10"), udp3478), {
    kind: "mapped",
    externalPort: 3478,
    lifetimeSeconds: 3_600,
  });
  deepEqual(decodeAddress(hex("00800000 00000001 c6336407")), {
    kind: "address",
    ip: "198.51.100.7",
  });
  deepEqual(decodeAddress(hex("00800003 00000001")), {
    kind: "refused",
    why: "it has no connection itself",
  });
});

Deno.test("any bytes at all are an answer or none, and never an exception", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
    decodePcpMap(bytes, request);
    decodeNatPmpMap(bytes, udp3478);
    decodeAddress(bytes);
  }));
});

/** A router on the loopback address: `answer` says what it makes of a datagram. */
function fakeRouter(answer: (request: Uint8Array) => Uint8Array | undefined) {
  const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  const heard: Uint8Array[] = [];
  void (async () => {
    for await (const [bytes, from] of socket) {
      heard.push(bytes);
      const reply = answer(bytes);
      if (reply) await socket.send(Uint8Array.from(reply), from);
    }
  })();
  const { port } = socket.addr as Deno.NetAddr;
  const at = { local: "127.0.0.1", router: "127.0.0.1", port };
  return {
    heard,
    pcp: (): Client => pcpClient(at, nonce),
    natPmp: (): Client => natPmpClient(at),
    [Symbol.dispose]: () => socket.close(),
  };
}

/** Answers a PCP request with what it asked for, at the external port `portOf` makes of it. */
function grantPcp(asked: Uint8Array, portOf: (port: number) => number): Uint8Array<ArrayBuffer> {
  const answer = new Uint8Array(60);
  answer.set(asked);
  answer[1] = 0x81;
  answer.fill(0, 8, 24);
  const view = new DataView(answer.buffer);
  view.setUint16(42, portOf(view.getUint16(40)));
  answer.set([198, 51, 100, 7], 56);
  return answer;
}

Deno.test("what a PCP router maps is granted, with the router's address", async () => {
  using router = fakeRouter((bytes) => grantPcp(bytes, (port) => port));
  deepEqual(await router.pcp().map([tcp8080, udp3478]), {
    kind: "granted",
    grant: {
      protocol: "PCP",
      router: "127.0.0.1",
      externalIp: "198.51.100.7",
      mapped: [tcp8080, udp3478],
      missing: [],
      lifetimeSeconds: 600,
    },
  });
});

Deno.test("a mapping at another port is given back and said to be missing", async () => {
  using router = fakeRouter((bytes) => grantPcp(bytes, (port) => port === 8080 ? 8081 : port));
  const asked = await router.pcp().map([tcp8080, udp3478]);
  deepEqual(asked?.kind === "granted" && [asked.grant.mapped, asked.grant.missing], [
    [udp3478],
    [{ ...tcp8080, why: "the port is taken" }],
  ]);
  const lifetimes = router.heard.map((bytes) =>
    new DataView(bytes.buffer, bytes.byteOffset).getUint32(4)
  );
  deepEqual(lifetimes, [600, 0, 600]);
});

Deno.test("a router that refuses everything is named with its reason", async () => {
  using router = fakeRouter(() => hex("0082 0002 00000001"));
  deepEqual(await router.natPmp().map([tcp8080]), {
    kind: "refused",
    whys: ["127.0.0.1 (NAT-PMP): it does not allow it"],
  });
});

Deno.test("a request that is lost is sent again, and silence is no answer", async () => {
  let lost = 1;
  using forgetful = fakeRouter((bytes) => lost-- > 0 ? undefined : grantPcp(bytes, (port) => port));
  equal((await forgetful.pcp().map([udp3478]))?.kind, "granted");
  equal(forgetful.heard.length, 2);
  using silent = fakeRouter(() => undefined);
  equal(await silent.natPmp().map([udp3478, tcp8080]), undefined);
  equal(silent.heard.length, 2);
});

Deno.test("a machine that has lost its address asks nobody, and goes on", async () => {
  const client = natPmpClient({ local: "203.0.113.99", router: "203.0.113.1", port: 5351 });
  equal(await client.map([udp3478]), undefined);
  await client.unmap([udp3478]);
});
