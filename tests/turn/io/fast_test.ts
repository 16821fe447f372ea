/** What the fast driver adds to the plain one: the C library, and what can go wrong with it. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { address, type Ip, parseIp, type TransportAddress } from "../../../turn/address.ts";
import { openEngine } from "../../../turn/engines/mod.ts";
import { zeroCounters } from "../../../turn/io/counters.ts";
import { Descriptors } from "../../../turn/io/fast/descriptor.ts";
import { Inbox } from "../../../turn/io/fast/inbox.ts";
import { Libc, openLibc } from "../../../turn/io/fast/libc.ts";
import { FastUdp } from "../../../turn/io/fast/mod.ts";
import type { UdpSocket } from "../../../turn/io/udp.ts";
import { seeded } from "../../support/turn_harness.ts";
import { lacksFast, testConfig } from "./config.ts";

const ignore = lacksFast();

function openTestLibc(): Libc {
  const opened = openLibc();
  if (opened.kind === "unable") throw new Error(opened.reason);
  return opened.libc;
}

function listen(hostname = "127.0.0.1"): Deno.DatagramConn {
  return Deno.listenDatagram({ transport: "udp", hostname, port: 0 });
}

function addressOf(conn: Deno.DatagramConn): TransportAddress {
  const { hostname, port } = conn.addr as Deno.NetAddr;
  return address(parseIp(hostname) as Ip, port);
}

Deno.test({
  name: "without the permission plain sockets serve, and one sentence says why",
  permissions: { net: true, sys: true },
  async fn() {
    const opening = await openEngine(testConfig({ io: "fast" }), () => {});
    if (opening.kind === "unable") throw new Error(opening.reason);
    const { remarks } = opening.engine.listening;
    await opening.engine.close();
    equal(remarks.length, 1);
    match(remarks[0] ?? "", /HEARTH_TURN_IO=fast cannot be had: .*Plain sockets are used\.$/);
  },
});

Deno.test({
  name: "what the runtime may not reach, the C library does not reach for it",
  ignore,
  permissions: { net: ["127.0.0.1"], ffi: "inherit" },
  async fn() {
    const counters = zeroCounters();
    const udp = new FastUdp(openTestLibc(), counters, () => true);
    const socket = udp.open(listen);
    const receiving = socket.receive(() => {});
    for (let i = 0; i < 2; i++) socket.send(new Uint8Array(1), at("127.0.0.2", 9));
    equal(counters.udpSendFailures, 2);
    await socket.close();
    await receiving;
    await udp.close();
  },
});

function at(ip: string, port: number): TransportAddress {
  return address(parseIp(ip) as Ip, port);
}

Deno.test({
  name: "a descriptor is found where expected, elsewhere, and not once it is closed",
  ignore,
  fn() {
    const libc = openTestLibc();
    const descriptors = new Descriptors(libc);
    const open = libc.call.epoll_create1(0);
    const [a, b, dual] = [listen(), listen(), listen("::")];
    const found = [a, b, dual].map((conn) => descriptors.find(conn.addr as Deno.NetAddr, -1));
    equal(new Set(found).size, 3);
    for (const [i, conn] of [a, b, dual].entries()) {
      const { addr } = conn as { addr: Deno.NetAddr };
      equal(descriptors.find(addr, found[i] ?? -1), found[i]);
      equal(descriptors.find(addr, found[(i + 1) % 3] ?? -1), found[i], "a wrong guess misleads");
    }
    a.close();
    // The number is free, and the next socket's.
    equal(descriptors.next(open), found[0]);
    const c = listen();
    equal(descriptors.find(c.addr as Deno.NetAddr, found[0] ?? -1), found[0]);
    for (const conn of [b, c, dual]) conn.close();
    libc.call.close(open);
    libc.close();
  },
});

/** A C library that receives what a test writes into the system's half of `struct mmsghdr`. */
class FakeLibc {
  /** In the order in which `Messages` asks for addresses. */
  readonly buffers: ArrayBuffer[] = [];
  receives = 0;
  errno = 11;
  readonly call = { recvmmsg: () => this.receives };

  address(buffer: ArrayBuffer): bigint {
    return BigInt(this.buffers.push(buffer)) << 32n;
  }

  /** What the system writes for datagram `i`: a length, flags, and an address. */
  write(i: number, { length = 4, flags = 0, nameLength = 16, family = 2 }): void {
    const [, names, , headers] = this.buffers.map((buffer) => new DataView(buffer));
    names?.setUint16(i * 32, family, true);
    names?.setUint16(i * 32 + 2, 1_000 + i);
    headers?.setUint32(i * 64 + 8, nameLength, true);
    headers?.setUint32(i * 64 + 48, flags, true);
    headers?.setUint32(i * 64 + 56, length, true);
  }
}

Deno.test("lengths, families and names that cannot be are dropped, whoever wrote them", () => {
  const libc = new FakeLibc();
  const counters = zeroCounters();
  const inbox = new Inbox(libc as unknown as Libc, counters);
  const bad = [
    { length: 65_537 },
    { length: 0xffff_ffff },
    { flags: 0x20 },
    { family: 1 },
    { nameLength: 0 },
    { nameLength: 300 },
  ];
  const good = [{ length: 0 }, { length: 65_536 }, { family: 10, nameLength: 28 }];
  for (const [i, message] of [...bad, ...good].entries()) libc.write(i, message);
  libc.receives = bad.length + good.length;
  const got: [number, number][] = [];
  inbox.drain(0, (bytes, { port }) => got.push([bytes.length, port]), { isOpen: true }, 0);
  deepEqual(got, [[0, 1_006], [65_536, 1_007], [4, 1_008]]);
  equal(counters.udpTruncated, 3);

  // More than was asked for is a bug of somebody's, and no memory of others.
  libc.receives = 65;
  let thrown = false;
  try {
    inbox.drain(0, () => {}, { isOpen: true }, 0);
  } catch (error) {
    thrown = error instanceof RangeError;
  }
  ok(thrown);
});

Deno.test({
  name: "sockets that open and close under load never take one another's datagrams",
  ignore,
  async fn() {
    const seed = Math.floor(Math.random() * 2 ** 31);
    console.log(`seed ${seed}`);
    const chance = seeded(seed);
    const random = (below: number) => Math.floor(chance() * below);
    const counters = zeroCounters();
    const udp = new FastUdp(openTestLibc(), counters, () => true);
    const live = new Map<number, { socket: UdpSocket; at: TransportAddress }>();
    let [next, arrived, strays] = [1, 0, 0];
    const add = () => {
      const id = next++;
      let conn: Deno.DatagramConn | undefined;
      const socket = udp.open(() => conn = listen());
      socket.receive((bytes) => {
        // Each datagram begins with the number of the socket it was sent to.
        const to = bytes.length < 4
          ? id
          : new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
        if (to === id && live.has(id)) arrived++;
        else strays++;
        if (random(40) === 0) void remove(id);
      });
      live.set(id, { socket, at: addressOf(conn as unknown as Deno.DatagramConn) });
    };
    const closing: Promise<unknown>[] = [];
    const remove = (id: number) => {
      const gone = live.get(id);
      live.delete(id);
      if (gone) closing.push(gone.socket.close());
    };
    for (let i = 0; i < 20; i++) add();
    for (let turn = 0; turn < 300; turn++) {
      const ids = [...live.keys()];
      for (let i = 0; i < 20; i++) {
        const from = live.get(ids[random(ids.length)] ?? 0);
        const id = ids[random(ids.length)] ?? 0;
        const to = live.get(id);
        const bytes = new Uint8Array(random(30) === 0 ? random(70_000) : random(1_500));
        if (bytes.length >= 4) new DataView(bytes.buffer).setUint32(0, id);
        if (from && to) from.socket.send(bytes, to.at);
        // Nobody's, an impossible port, and no route from the loopback.
        from?.socket.send(bytes.subarray(0, 100), at("127.0.0.1", random(2)));
        from?.socket.send(bytes.subarray(0, 100), at("198.51.100.1", 9));
      }
      // Descriptors of others come and go in between, and take the numbers that are free.
      const others = [listen(), listen()];
      if (random(2) === 0) remove(ids[random(ids.length)] ?? 0);
      for (const other of others) other.close();
      while (live.size < 20) add();
      await new Promise((resolve) => setImmediate(resolve));
    }
    for (const id of [...live.keys()]) remove(id);
    await Promise.all(closing);
    await udp.close();
    equal(strays, 0);
    ok(arrived > 1_000, `only ${arrived} arrived`);
    ok(next > 100, `only ${next} sockets were opened`);
    ok(counters.udpSendFailures > 0);
  },
});
