import assert from "node:assert/strict";
import { LONG_MS, Meter } from "../../bench/load/meter.ts";
import * as stun from "../../bench/load/stun.ts";
import { listen, TurnClient } from "../../bench/load/turn_client.ts";
import { parseUclient } from "../../bench/measure.ts";
import { Child } from "../../bench/process.ts";
import { buildC } from "../../bench/servers.ts";
import { lacks } from "../support/needs.ts";

Deno.test("a duplicate counts once, and what was never sent not at all", () => {
  const meter = new Meter(3);
  for (const number of [0, 1, 1, 3, -1]) meter.arrived(number, performance.now());
  const { sent, received } = meter.result();
  assert.deepEqual({ sent, received }, { sent: 3, received: 2 });
});

Deno.test("a meter is complete when all have arrived", () => {
  const meter = new Meter(2);
  meter.arrived(1, 0);
  assert.equal(meter.complete, false);
  meter.arrived(0, 0);
  assert.equal(meter.complete, true);
});

Deno.test("those that took long are counted apart", () => {
  const meter = new Meter(3);
  const now = performance.now();
  meter.arrived(0, now - 2 * LONG_MS);
  // As if sent later than now: no time passes for it, however slow this machine is.
  meter.arrived(1, now + 60_000);
  meter.arrived(2, now - 3 * LONG_MS);
  assert.equal(meter.result().long, 2);
});

Deno.test("a run in which nothing came back is no measurement", () => {
  assert.throws(() => new Meter(5).result(), /Nothing came back of 5 sent/);
});

Deno.test("an XOR'd address reads as it was written (RFC 8489 §14.2)", () => {
  const address = { hostname: "203.0.113.254", port: 65_535 };
  assert.deepEqual(stun.addressOf(stun.xorAddress(address)), address);
});

Deno.test("the XOR'd address of RFC 5769 §2.2 is read", () => {
  const value = Uint8Array.of(0x00, 0x01, 0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43);
  assert.deepEqual(stun.addressOf(value), { hostname: "192.0.2.1", port: 32_853 });
});

Deno.test("attributes are padded to four bytes and found again", () => {
  const name = new TextEncoder().encode("bench");
  const nonce = Uint8Array.of(7);
  const message = stun.request(
    stun.ALLOCATE,
    new Map([[stun.Attribute.USERNAME, name], [stun.Attribute.NONCE, nonce]]),
    new Uint8Array(16),
  );
  assert.equal(message.length, 20 + (4 + 8) + (4 + 4) + 24);
  const attributes = stun.attributesOf(message);
  assert.deepEqual(attributes.get(stun.Attribute.USERNAME), name);
  assert.deepEqual(attributes.get(stun.Attribute.NONCE), nonce);
  assert.equal(attributes.get(stun.Attribute.MESSAGE_INTEGRITY)?.length, 20);
});

Deno.test("an error answer's code is read (RFC 8489 §14.8)", () => {
  const value = Uint8Array.of(0, 0, 4, 37);
  assert.equal(stun.errorCode(new Map([[stun.Attribute.ERROR_CODE, value]])), 437);
  assert.equal(stun.errorCode(new Map()), undefined);
});

Deno.test("a client whose port still has an allocation takes another (RFC 8656 §7.4)", async () => {
  const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  const relayed = { hostname: "127.0.0.1", port: 50_000 };
  const [error, success] = [0x0113, 0x0103];
  const text = new TextEncoder();
  const answers = [
    stun.request(error, new Map([[stun.Attribute.ERROR_CODE, Uint8Array.of(0, 0, 4, 37)]])),
    stun.request(
      error,
      new Map([
        [stun.Attribute.ERROR_CODE, Uint8Array.of(0, 0, 4, 1)],
        [stun.Attribute.REALM, text.encode("game")],
        [stun.Attribute.NONCE, text.encode("n")],
      ]),
    ),
    stun.request(
      success,
      new Map([[stun.Attribute.XOR_RELAYED_ADDRESS, stun.xorAddress(relayed)]]),
    ),
  ];
  const allocation = TurnClient.allocate(socket.addr as Deno.NetAddr);
  const ports: number[] = [];
  for (const answer of answers) {
    const [, from] = await socket.receive();
    ports.push((from as Deno.NetAddr).port);
    await socket.send(answer, from);
  }
  const { client, relayed: given } = await allocation;
  client.close();
  socket.close();
  assert.deepEqual(given, relayed);
  assert.notEqual(ports[0], ports[1]);
  assert.equal(ports[1], ports[2]);
});

Deno.test("the last totals of turnutils_uclient count", () => {
  const printed = [
    "1: : start_mclient: msz=50, tot_send_msgs=31, tot_recv_msgs=29, tot_send_bytes ~ 4960",
    "9: : start_mclient: tot_send_msgs=30000, tot_recv_msgs=29998",
    "9: : Total transmit time is 9",
  ].join("\n");
  assert.deepEqual(parseUclient(printed), { sent: 30_000, received: 29_998 });
});

Deno.test("a turnutils_uclient that received nothing is quoted", () => {
  assert.throws(() => parseUclient("0: : Cannot complete Allocation\n"), /Cannot complete/);
});

Deno.test({
  name: "of datagrams that are lost none counts, and of those that come twice one",
  ignore: lacks("gcc"),
  async fn() {
    await using scope = new AsyncDisposableStack();
    const { signal } = new AbortController();
    const program = await buildC("load/datagrams.c", scope, signal);
    const server = listen("127.0.0.1");
    const serving = (async () => {
      const buffer = new Uint8Array(2_048);
      for (;;) {
        const [datagram, from] = await server.receive(buffer);
        const number = new DataView(buffer.buffer).getUint32(8, true);
        for (let copy = 0; copy < (number % 10 === 3 ? 0 : 2); copy++) {
          await server.send(datagram.slice(), from);
        }
      }
    })().catch(() => {});
    const { port } = server.addr as Deno.NetAddr;
    const lent = [listen("127.0.0.1"), listen("127.0.0.1")];
    const clients = lent.flatMap(({ addr }) => [(addr as Deno.NetAddr).port, 0]);
    for (const socket of lent) socket.close();
    await using tool = new Child(program, [port, 200, 0.5, ...clients].map(String));
    assert.equal(await tool.line(), "ready");
    await tool.say("go");
    const { sent, received, longest } = JSON.parse(await tool.line());
    await tool.end();
    server.close();
    await serving;
    assert.deepEqual({ sent, received }, { sent: 100, received: 90 });
    assert.ok(longest > 0);
  },
});
