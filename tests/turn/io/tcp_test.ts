import { deepEqual, equal } from "node:assert/strict";
import { zeroCounters } from "../../../turn/io/counters.ts";
import { NetAddrs } from "../../../turn/io/net_addr.ts";
import { TcpClients, type TcpLimits } from "../../../turn/io/tcp.ts";
import type { TcpConnection } from "../../../turn/io/tcp_connection.ts";

const LIMITS: TcpLimits = {
  connections: 3,
  connectionsPerAddress: 2,
  idleMs: 1_000,
  bufferBytes: 10,
};

class FakeConn {
  readonly localAddr: Deno.NetAddr = { transport: "tcp", hostname: "192.0.2.1", port: 3478 };
  readonly remoteAddr: Deno.NetAddr;
  isClosed = false;
  isKeptAlive = false;
  written: Uint8Array[] = [];
  #reading: PromiseWithResolvers<number | null> | undefined;
  #arrived: Uint8Array[] = [];
  #buffer: Uint8Array = new Uint8Array();
  #stalled: PromiseWithResolvers<number> | undefined;

  constructor(hostname: string, readonly isSlow = false, readonly isReset = false) {
    this.remoteAddr = { transport: "tcp", hostname, port: 50_000 };
  }

  setNoDelay(): void {
    if (this.isReset) throw new Deno.errors.ConnectionReset();
  }
  setKeepAlive(on: boolean): void {
    this.isKeptAlive = on;
  }

  read(buffer: Uint8Array): Promise<number | null> {
    this.#buffer = buffer;
    this.#reading = Promise.withResolvers();
    this.#deliver();
    return this.#reading.promise;
  }

  write(bytes: Uint8Array): Promise<number> {
    if (this.isSlow) return (this.#stalled = Promise.withResolvers()).promise;
    this.written.push(bytes.slice(0, 3));
    return Promise.resolve(Math.min(3, bytes.length));
  }

  arrive(...bytes: number[]): void {
    this.#arrived.push(Uint8Array.from(bytes));
    this.#deliver();
  }

  finish(): void {
    this.#reading?.resolve(null);
  }

  close(): void {
    this.isClosed = true;
    this.#reading?.reject(new Error("closed"));
    this.#stalled?.reject(new Error("closed"));
  }

  #deliver(): void {
    const bytes = this.#reading && this.#arrived.shift();
    if (!bytes) return;
    this.#buffer.set(bytes);
    this.#reading?.resolve(bytes.length);
    this.#reading = undefined;
  }
}

/** Accepts what the test gives it; an error is thrown as the system's. */
class FakeListener {
  readonly addr: Deno.NetAddr = { transport: "tcp", hostname: "192.0.2.1", port: 3478 };
  #waiting = Promise.withResolvers<Deno.TcpConn>();
  #asked = Promise.withResolvers<void>();

  accept(): Promise<Deno.TcpConn> {
    this.#waiting = Promise.withResolvers();
    this.#asked.resolve();
    return this.#waiting.promise;
  }

  async offer(what: FakeConn | Error): Promise<void> {
    await this.#asked.promise;
    this.#asked = Promise.withResolvers();
    if (what instanceof Error) this.#waiting.reject(what);
    else this.#waiting.resolve(what as unknown as Deno.TcpConn);
  }

  close(): void {
    this.#waiting.reject(new Error("closed"));
  }
}

function setup(limits: Partial<TcpLimits> = {}) {
  const counters = zeroCounters();
  const listener = new FakeListener();
  const told: string[] = [];
  const allocated = new Set<TcpConnection>();
  const connections: TcpConnection[] = [];
  const frames: number[][] = [];
  let time = 0;
  const clients = new TcpClients(
    { ...LIMITS, ...limits },
    counters,
    new NetAddrs(),
    {
      frame: (connection, bytes) => {
        if (!connections.includes(connection)) connections.push(connection);
        frames.push([...bytes]);
      },
      gone: () => told.push("gone"),
      hasAllocation: (connection) => allocated.has(connection),
      deadlineChanged: () => {},
      cannotAccept: (why) => told.push(why),
    },
    () => time,
  );
  clients.listen(listener as unknown as Deno.TcpListener, 0);
  const connect = async (hostname = "198.51.100.7", isSlow = false) => {
    const conn = new FakeConn(hostname, isSlow);
    const seen = () => counters.tcpAccepted + counters.tcpRefused + counters.tcpRefusedToAddress;
    const before = seen();
    await listener.offer(conn);
    while (seen() === before) await Promise.resolve();
    return conn;
  };
  const wake = (now: number) => clients.wake(time = now);
  return { clients, counters, listener, told, allocated, connections, frames, connect, wake };
}

/** A ChannelData frame without data: the shortest there is. */
const FRAME = [0x40, 0, 0, 0];

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 0));
}

Deno.test("connections in all are refused beyond their limit, and admitted again below it", async () => {
  const { clients, counters, connect, told } = setup({ connectionsPerAddress: 99 });
  const [first] = [await connect(), await connect(), await connect()];
  equal(clients.size, 3);
  equal((await connect("203.0.113.9")).isClosed, true);
  equal(counters.tcpRefused, 1);
  first.finish();
  await until(() => told.length === 1);
  equal((await connect()).isClosed, false);
  equal(clients.size, 3);
  await clients.close();
  equal(clients.size, 0);
});

Deno.test("connections are counted for each IPv4 address, mapped or not, and each IPv6 /64", async () => {
  const { clients, counters, connect } = setup({ connections: 99 });
  await connect("198.51.100.7");
  await connect("::ffff:198.51.100.7");
  equal((await connect("198.51.100.7")).isClosed, true);
  equal((await connect("198.51.100.8")).isClosed, false);
  await connect("2001:db8:1:2::1");
  await connect("2001:db8:1:2:ffff::9");
  equal((await connect("2001:db8:1:2::3")).isClosed, true);
  equal((await connect("2001:db8:1:3::1")).isClosed, false);
  equal(counters.tcpRefusedToAddress, 2);
  equal(counters.tcpRefused, 0);
  await clients.close();
});

Deno.test("a connection without an allocation ends at the idle limit, and not before", async () => {
  const { clients, counters, connect, told, wake } = setup();
  const conn = await connect();
  equal(clients.deadline(), 1_000);
  wake(999);
  equal(conn.isClosed, false);
  wake(1_000);
  equal(conn.isClosed, true);
  await until(() => told.length === 1);
  equal(counters.tcpIdle, 1);
  equal(clients.deadline(), Infinity);
  await clients.close();
});

Deno.test("the system asks after a client that has fallen silent", async () => {
  const { clients, connect } = setup();
  equal((await connect()).isKeptAlive, true);
  await clients.close();
});

Deno.test("an allocation keeps its connection, and its end leaves a whole idle time", async () => {
  const { clients, allocated, connections, connect, wake } = setup();
  const conn = await connect();
  conn.arrive(...FRAME);
  await until(() => connections.length === 1);
  const [connection] = connections as [TcpConnection];
  allocated.add(connection);
  wake(1_000);
  wake(2_000);
  equal(conn.isClosed, false);
  allocated.delete(connection);
  wake(3_000);
  equal(conn.isClosed, false);
  wake(4_000);
  equal(conn.isClosed, true);
  await clients.close();
});

Deno.test("a frame that never ends is bounded by time even where there is an allocation", async () => {
  const { clients, counters, allocated, connections, connect, told, wake } = setup();
  const conn = await connect();
  conn.arrive(...FRAME, 0x40);
  await until(() => connections.length === 1 && connections[0]?.halfSince === 0);
  allocated.add(connections[0] as TcpConnection);
  wake(999);
  conn.arrive(0);
  await until(() => connections[0]?.halfSince === 0);
  wake(1_000);
  equal(conn.isClosed, true);
  await until(() => told.length === 1);
  equal(counters.tcpIdle, 1);
  await clients.close();
});

Deno.test("a stream that always stands within some frame is well while frames end", async () => {
  const { clients, allocated, connections, frames, connect, wake } = setup();
  const conn = await connect();
  conn.arrive(...FRAME, 0x40);
  await until(() => frames.length === 1);
  allocated.add(connections[0] as TcpConnection);
  wake(900);
  conn.arrive(0, 0, 0, 0x40);
  await until(() => frames.length === 2);
  wake(1_000);
  equal(conn.isClosed, false);
  await clients.close();
});

Deno.test("a stream that is not TURN ends, and is counted", async () => {
  const { clients, counters, connect, told } = setup();
  const conn = await connect();
  conn.arrive(0x16, 3, 1); // the first bytes of TLS
  await until(() => told.length === 1);
  equal(conn.isClosed, true);
  equal(counters.tcpUnreadable, 1);
  await clients.close();
});

for (
  const [name, type] of [["ChannelData", [0x40, 0]], ["Data indications", [0, 0x17]]] as const
) {
  Deno.test(`${name} for a slow reader: what fits waits, one byte beyond is lost and counted`, async () => {
    const { clients, counters, connections, connect } = setup();
    const conn = await connect("198.51.100.7", true);
    conn.arrive(...FRAME);
    await until(() => connections.length === 1);
    const [connection] = connections as [TcpConnection];
    const data = (length: number) =>
      Uint8Array.from({ length }, (_, i) => (i < 2 ? type[i] ?? 0 : 0));
    connection.send(data(6));
    connection.send(data(4));
    equal(counters.tcpLostFrames, 0);
    connection.send(data(2));
    equal(counters.tcpLostFrames, 1);
    connection.send(data(6));
    equal(counters.tcpLostFrames, 2);
    equal(conn.isClosed, false);
    await clients.close();
  });
}

Deno.test("answers to a slow reader have 8 KiB beyond its data; one byte more ends the connection", async () => {
  const { clients, counters, connections, connect, told } = setup();
  const conn = await connect("198.51.100.7", true);
  conn.arrive(...FRAME);
  await until(() => connections.length === 1);
  const [connection] = connections as [TcpConnection];
  connection.send(Uint8Array.of(0x40, 0, 0, 0, 0, 0, 0, 0, 0, 0));
  const answer = new Uint8Array(2_048);
  answer[0] = 1;
  for (let sent = 0; sent < 4; sent++) connection.send(answer);
  equal(conn.isClosed, false);
  connection.send(answer.subarray(0, 1));
  equal(conn.isClosed, true);
  await until(() => told.length === 1);
  equal(counters.tcpSlowReaders, 1);
  equal(counters.tcpLostFrames, 0);
  connection.send(answer);
  await clients.close();
});

Deno.test("writes go out whole and in order, however little the system takes at once", async () => {
  const { clients, connections, connect } = setup();
  const conn = await connect();
  conn.arrive(...FRAME);
  await until(() => connections.length === 1);
  const [connection] = connections as [TcpConnection];
  const lent = new Uint8Array([1, 2, 3, 4]);
  connection.send(lent);
  lent.fill(9);
  connection.send(new Uint8Array([5, 6]));
  await until(() => conn.written.flatMap((part) => [...part]).length === 6);
  deepEqual(conn.written.flatMap((part) => [...part]), [1, 2, 3, 4, 5, 6]);
  // What was written no longer counts: the queue has all its room again.
  connection.send(new Uint8Array(10));
  equal(conn.isClosed, false);
  await clients.close();
});

Deno.test("an accept that fails is told once, waited for, and goes on", async () => {
  const { clients, counters, listener, told, connect } = setup();
  await listener.offer(new Error("Too many open files (os error 24)"));
  await listener.offer(new Error("Too many open files (os error 24)"));
  equal((await connect()).isClosed, false);
  deepEqual(told, ["Error: Too many open files (os error 24)"]);
  equal(counters.tcpAcceptFailures, 2);
  await clients.close();
});

Deno.test("a client that has gone before it was admitted harms nobody", async () => {
  const { clients, listener, connect } = setup();
  const gone = new FakeConn("198.51.100.7", false, true);
  await listener.offer(gone);
  equal((await connect()).isClosed, false);
  equal(gone.isClosed, true);
  equal(clients.size, 1);
  await clients.close();
});
