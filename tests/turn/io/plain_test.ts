import { deepEqual, equal, notEqual } from "node:assert/strict";
import { zeroCounters } from "../../../turn/io/counters.ts";
import { NetAddrs } from "../../../turn/io/net_addr.ts";
import { type Datagrams, MAX_IN_FLIGHT, PlainSocket, SendBuffers } from "../../../turn/io/plain.ts";
import { ReceiveBuffers } from "../../../turn/io/receive_buffers.ts";
import { peerAt } from "./real_client.ts";

const NAMED: Deno.NetAddr = { transport: "udp", hostname: "192.0.2.1", port: 9 };
const TO = peerAt(NAMED);

/** A socket whose sends and receives settle when the test says so. */
class FakeDatagrams implements Datagrams {
  readonly sends: { bytes: Uint8Array; settle: PromiseWithResolvers<number> }[] = [];
  readonly receives: {
    buffer: Uint8Array;
    settle: PromiseWithResolvers<[Uint8Array, Deno.Addr]>;
  }[] = [];
  #asked = Promise.withResolvers<void>();

  send(bytes: Uint8Array): Promise<number> {
    const settle = Promise.withResolvers<number>();
    this.sends.push({ bytes, settle });
    return settle.promise;
  }

  receive(buffer = new Uint8Array()): Promise<[Uint8Array<ArrayBuffer>, Deno.Addr]> {
    const settle = Promise.withResolvers<[Uint8Array, Deno.Addr]>();
    this.receives.push({ buffer, settle });
    this.#asked.resolve();
    this.#asked = Promise.withResolvers();
    return settle.promise as Promise<[Uint8Array<ArrayBuffer>, Deno.Addr]>;
  }

  /** Waits for the next receive and answers it. */
  async answer(with_: number | Error): Promise<number> {
    while (this.receives.length === 0) await this.#asked.promise;
    const [{ buffer, settle }] = this.receives.splice(0) as [FakeDatagrams["receives"][0]];
    if (typeof with_ === "number") settle.resolve([buffer.subarray(0, with_), NAMED]);
    else settle.reject(with_);
    return buffer.length;
  }

  close(): void {
    for (const { settle } of this.receives.splice(0)) settle.reject(new Error("closed"));
  }
}

function setup() {
  const datagrams = new FakeDatagrams();
  const counters = zeroCounters();
  const buffers = { send: new SendBuffers(), receive: new ReceiveBuffers() };
  const socket = new PlainSocket(datagrams, new NetAddrs(), buffers, counters);
  return { datagrams, counters, buffers, socket };
}

Deno.test("a buffer on its way out is never written to by a later send", async () => {
  const { datagrams, socket } = setup();
  const lent = new Uint8Array([1]);
  socket.send(lent, TO);
  lent[0] = 2;
  socket.send(lent, TO);
  deepEqual(datagrams.sends.map(({ bytes }) => bytes[0]), [1, 2]);
  datagrams.sends[0]?.settle.resolve(1);
  await datagrams.sends[0]?.settle.promise;
  socket.send(new Uint8Array([3]), TO);
  // The third took the buffer of the first, which was sent; the second still waits untouched.
  equal(datagrams.sends[2]?.bytes.buffer, datagrams.sends[0]?.bytes.buffer);
  equal(datagrams.sends[1]?.bytes[0], 2);
});

Deno.test("a datagram longer than usual is copied whole", () => {
  const { datagrams, socket } = setup();
  socket.send(new Uint8Array(60_000).fill(7), TO);
  equal(datagrams.sends[0]?.bytes.length, 60_000);
  equal(datagrams.sends[0]?.bytes[59_999], 7);
});

Deno.test("sends in flight are bounded; what comes beyond is dropped and counted", async () => {
  const { datagrams, counters, socket } = setup();
  for (let i = 0; i < MAX_IN_FLIGHT; i++) socket.send(new Uint8Array([i]), TO);
  equal(counters.udpSendOverflows, 0);
  socket.send(new Uint8Array([1]), TO);
  equal(counters.udpSendOverflows, 1);
  equal(datagrams.sends.length, MAX_IN_FLIGHT);
  datagrams.sends[0]?.settle.resolve(1);
  await datagrams.sends[0]?.settle.promise;
  socket.send(new Uint8Array([1]), TO);
  equal(datagrams.sends.length, MAX_IN_FLIGHT + 1);
});

Deno.test("a send that fails is counted and makes room again", async () => {
  const { datagrams, counters, socket } = setup();
  socket.send(new Uint8Array([1]), TO);
  datagrams.sends[0]?.settle.reject(new Error("Network is unreachable"));
  await datagrams.sends[0]?.settle.promise.catch(() => {});
  equal(counters.udpSendFailures, 1);
  socket.send(new Uint8Array([1]), TO);
  equal(datagrams.sends.length, 2);
});

Deno.test("a receive error ends nothing", async () => {
  const { datagrams, counters, socket } = setup();
  const got: number[] = [];
  socket.receive((bytes) => got.push(bytes.length));
  await datagrams.answer(new Deno.errors.ConnectionRefused("from an earlier send"));
  await datagrams.answer(5);
  await datagrams.answer(new Deno.errors.ConnectionReset());
  await datagrams.answer(0);
  await socket.close();
  deepEqual(got, [5, 0]);
  equal(counters.udpReceiveFailures, 2);
});

Deno.test("errors without end do not spin, and closing ends the waiting", async () => {
  const { datagrams, counters, socket } = setup();
  socket.receive(() => {});
  for (let i = 0; i < 17; i++) await datagrams.answer(new Error("broken"));
  // The loop pauses now: it asks for nothing until its time is over.
  equal(datagrams.receives.length, 0);
  await socket.close();
  equal(counters.udpReceiveFailures, 17);
});

Deno.test("a thrifty socket grows its buffer at the first datagram that does not fit", async () => {
  const { datagrams, counters, socket } = setup();
  const got: number[] = [];
  socket.receive((bytes) => got.push(bytes.length), { thrifty: true });
  const small = await datagrams.answer(2_048);
  await datagrams.answer(small);
  const large = await datagrams.answer(60_000);
  await socket.close();
  equal(small, 2_049);
  equal(large, 65_536);
  deepEqual(got, [2_048, 60_000]);
  equal(counters.udpTruncated, 1);
});

Deno.test("closing waits for sends under way", async () => {
  const { datagrams, socket } = setup();
  socket.send(new Uint8Array([1]), TO);
  let isClosed = false;
  const closed = socket.close().then(() => isClosed = true);
  await Promise.resolve();
  equal(isClosed, false);
  datagrams.sends[0]?.settle.resolve(1);
  await closed;
});

Deno.test("what a handler throws is a bug, and is thrown on", async () => {
  const { datagrams, socket } = setup();
  socket.receive(() => {
    throw new Error("a bug");
  });
  const thrown = new Promise((resolve) => {
    addEventListener("unhandledrejection", (event) => {
      event.preventDefault();
      resolve(event.reason.message);
    }, { once: true });
  });
  await datagrams.answer(1);
  equal(await thrown, "a bug");
});

Deno.test("a buffer that waits is nobody else's, and is another's once its socket is closed", async () => {
  const { buffers, ...one } = setup();
  const receive = (datagrams: FakeDatagrams) => {
    new PlainSocket(datagrams, new NetAddrs(), buffers, one.counters)
      .receive(() => {}, { thrifty: true });
    return datagrams.receives[0]?.buffer.byteOffset;
  };
  one.socket.receive(() => {}, { thrifty: true });
  const first = one.datagrams.receives[0]?.buffer.byteOffset;
  notEqual(receive(new FakeDatagrams()), first);
  await one.socket.close();
  equal(receive(new FakeDatagrams()), first);
});

Deno.test("receive buffers overlap nowhere, are used again, and go when none is in use", () => {
  const buffers = new ReceiveBuffers();
  const taken = Array.from({ length: 20_000 }, () => buffers.take());
  const slabs = [...new Set(taken.map(({ buffer }) => buffer))];
  equal(slabs.length, 2);
  const places = taken.map(({ buffer, byteOffset }) => `${slabs.indexOf(buffer)} ${byteOffset}`);
  equal(new Set(places).size, taken.length);
  for (const { byteOffset, length } of taken) equal(byteOffset % length, 0);
  const [first, ...others] = taken;
  for (const buffer of others) buffers.giveBack(buffer);
  equal(buffers.take().buffer, slabs[0], "one is in use still");
  for (const buffer of taken.slice(0, 2)) buffers.giveBack(buffer);
  notEqual(buffers.take().buffer, first?.buffer);
});
