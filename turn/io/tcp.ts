/** TCP clients: how many there may be, how long they may stay, and what they may leave undone. */
import type { ClientAddress, ServerAddress } from "../address.ts";
import { flowKey, type Source, sourceOf } from "../core/mod.ts";
import type { NetAddrs } from "./net_addr.ts";
import { pause } from "./pause.ts";
import { type Preface, readPreface } from "./preface.ts";
import { TcpConnection, type TcpEnd } from "./tcp_connection.ts";

export interface TcpLimits {
  readonly connections: number;
  /** For each source: an IPv4 address or an IPv6 /64. */
  readonly connectionsPerAddress: number;
  /**
   * How long a connection may stay without an allocation, and a frame without its end; at most twice
   * that, since connections are looked at once in this time.
   */
  readonly idleMs: number;
  /** Bytes that may wait for a slow reader. */
  readonly bufferBytes: number;
}

export interface TcpCounters {
  tcpAccepted: number;
  /** Connections beyond the number in all, ended as soon as they came. */
  tcpRefused: number;
  /** Connections beyond the number for their address, ended likewise. */
  tcpRefusedToAddress: number;
  tcpAcceptFailures: number;
  /** Frames of data that were lost, since their reader was too slow. */
  tcpLostFrames: number;
  /** Connections whose reader left no room even for answers. */
  tcpSlowReaders: number;
  /** Connections that stayed too long without an allocation or the end of a frame. */
  tcpIdle: number;
  /** Streams that were neither STUN nor ChannelData, or had a frame that is too long. */
  tcpUnreadable: number;
}

/** What the server of these connections does with them. */
export interface TcpOwner {
  frame(connection: TcpConnection, bytes: Uint8Array): void;
  gone(connection: TcpConnection): void;
  hasAllocation(connection: TcpConnection): boolean;
  /** `deadline()` may be earlier now. */
  deadlineChanged(): void;
  /** Connections cannot be accepted, and are waited for: the first time in a row. */
  cannotAccept(why: string): void;
}

interface Watch {
  readonly due: number;
  /** Whether it had an allocation when it was last looked at. */
  readonly hadAllocation: boolean;
}

/** Waiting after a failed accept: descriptors that ran out come back when something ends. */
const ACCEPT_PAUSE_MS = 200;
/** Our own TLS introduces its clients at once; another program on this machine may not. */
const INTRODUCTION_MS = 5_000;
const MOST_STRANGERS = 256;

export class TcpClients {
  #limits: TcpLimits;
  readonly #counters: TcpCounters;
  readonly #names: NetAddrs;
  readonly #owner: TcpOwner;
  readonly #clock: () => number;
  readonly #closing = new AbortController();
  readonly #listeners: Deno.TcpListener[] = [];
  readonly #perSource = new Map<Source, number>();
  /** When each is looked at next; all wait equally long, so the first is due first. */
  readonly #watched = new Map<TcpConnection, Watch>();
  readonly #running = new Set<Promise<void>>();
  /** Connections from inside that have not said yet whose they are. */
  readonly #strangers = new Set<Deno.TcpConn>();

  constructor(
    limits: TcpLimits,
    counters: TcpCounters,
    names: NetAddrs,
    owner: TcpOwner,
    clock: () => number,
  ) {
    this.#limits = limits;
    this.#counters = counters;
    this.#names = names;
    this.#owner = owner;
    this.#clock = clock;
  }

  /** Takes other limits; buffers of connections that are open keep their size. */
  limit(limits: TcpLimits): void {
    this.#limits = limits;
  }

  /** Connections now. */
  get size(): number {
    return this.#watched.size;
  }

  /** Accepts until closed: nothing that fails here ends it. */
  listen(listener: Deno.TcpListener, index: number): void {
    this.#listeners.push(listener);
    this.#keep(this.#accept(listener, (conn) => {
      const client = this.#names.read<ClientAddress>(conn.remoteAddr);
      this.#admit(conn, { client, server: this.#names.read<ServerAddress>(conn.localAddr) }, index);
    }));
  }

  /** As `listen`, for what this program's TLS passes on; `token` is its word. */
  listenInside(listener: Deno.TcpListener, index: number, token: string): void {
    this.#listeners.push(listener);
    this.#keep(this.#accept(listener, (conn) => this.#keep(this.#introduce(conn, index, token))));
  }

  async #introduce(conn: Deno.TcpConn, index: number, token: string): Promise<void> {
    if (this.#strangers.size >= MOST_STRANGERS) return conn.close();
    this.#strangers.add(conn);
    const sendAway = () => this.#strangers.delete(conn) && conn.close();
    const tooLate = setTimeout(sendAway, INTRODUCTION_MS);
    const read = await readPreface(conn, token, this.#names);
    clearTimeout(tooLate);
    if (!read) sendAway();
    else if (this.#strangers.delete(conn)) this.#admit(conn, read.preface, index, read.rest);
  }

  async #accept(listener: Deno.TcpListener, admit: (conn: Deno.TcpConn) => void): Promise<void> {
    let isFailing = false;
    while (!this.#closing.signal.aborted) {
      const accepted = await listener.accept().catch((error: unknown) => String(error));
      if (typeof accepted !== "string") {
        isFailing = false;
        admit(accepted);
      } else if (!this.#closing.signal.aborted) {
        this.#counters.tcpAcceptFailures++;
        if (!isFailing) this.#owner.cannotAccept(accepted);
        isFailing = true;
        await pause(ACCEPT_PAUSE_MS, this.#closing.signal);
      }
    }
  }

  #admit(
    conn: Deno.TcpConn,
    { client, server }: Preface,
    index: number,
    first?: Uint8Array,
  ): void {
    const source = sourceOf(client.ip);
    const others = this.#perSource.get(source) ?? 0;
    if (others >= this.#limits.connectionsPerAddress) {
      this.#counters.tcpRefusedToAddress++;
      return conn.close();
    }
    if (this.size >= this.#limits.connections) {
      this.#counters.tcpRefused++;
      return conn.close();
    }
    try {
      conn.setNoDelay(true);
      conn.setKeepAlive(true);
    } catch {
      // Some systems say here that the client has already gone.
      conn.close();
      return;
    }
    this.#counters.tcpAccepted++;
    this.#perSource.set(source, others + 1);
    const connection = new TcpConnection(
      conn,
      this.#limits.bufferBytes,
      this.#lost,
      client,
      server,
      flowKey(index, "tcp", client),
    );
    this.#watched.set(connection, {
      due: this.#clock() + this.#limits.idleMs,
      hadAllocation: false,
    });
    this.#owner.deadlineChanged();
    this.#keep(connection.run(this.#handlers, this.#clock, first));
  }

  readonly #lost = () => void this.#counters.tcpLostFrames++;

  readonly #handlers = {
    frame: (connection: TcpConnection, bytes: Uint8Array) => this.#owner.frame(connection, bytes),
    ended: (connection: TcpConnection, why: TcpEnd) => {
      this.#count(why);
      this.#watched.delete(connection);
      const source = sourceOf(connection.client.ip);
      const left = (this.#perSource.get(source) ?? 1) - 1;
      if (left === 0) this.#perSource.delete(source);
      else this.#perSource.set(source, left);
      this.#owner.gone(connection);
    },
  };

  #count(why: TcpEnd): void {
    if (why === "slow-reader") this.#counters.tcpSlowReaders++;
    else if (why === "idle" || why === "half-frame") this.#counters.tcpIdle++;
    else if (why !== "by-client" && why !== "by-server") this.#counters.tcpUnreadable++;
  }

  /** When `wake` is next needed; Infinity where nobody is connected. */
  deadline(): number {
    for (const { due } of this.#watched.values()) return due;
    return Infinity;
  }

  /** Ends what stayed too long, and looks at the others again later. */
  wake(now: number): void {
    const { idleMs } = this.#limits;
    for (const [connection, { due, hadAllocation }] of this.#watched) {
      if (due > now) return;
      const hasAllocation = this.#owner.hasAllocation(connection);
      this.#watched.delete(connection);
      this.#watched.set(connection, { due: now + idleMs, hadAllocation: hasAllocation });
      const { halfSince } = connection;
      if (halfSince !== undefined && now - halfSince >= idleMs) connection.end("half-frame");
      else if (!hasAllocation && !hadAllocation) connection.end("idle");
    }
  }

  /** Ends everything and resolves when nothing is left. */
  async close(): Promise<void> {
    this.#closing.abort();
    for (const listener of this.#listeners) listener.close();
    for (const connection of this.#watched.keys()) connection.end();
    for (const conn of this.#strangers) conn.close();
    this.#strangers.clear();
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** What this throws is a bug, and is thrown on. */
  #keep(running: Promise<void>): void {
    const kept = running.finally(() => this.#running.delete(kept));
    this.#running.add(kept);
  }
}
