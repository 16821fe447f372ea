import type { ClientAddress, ServerAddress } from "../address.ts";
import type { FlowKey } from "../core/mod.ts";
import {
  beginsChannelData,
  type FrameFault,
  FrameReader,
  messageType,
  Method,
} from "../stun/mod.ts";
import type { Client } from "./client.ts";

/** Why a connection ended; a stream that broke ended by itself. */
export type TcpEnd =
  | "by-client"
  | "by-server"
  | "slow-reader"
  | "idle"
  | "half-frame"
  | FrameFault;

const READ_BYTES = 16_384;
/** Room for a few answers beyond a queue that is full of data. */
const ANSWER_BYTES = 8_192;
const DATA_INDICATION = messageType("indication", Method.DATA);

/** What a connection tells its listener. */
export interface TcpHandlers {
  frame(connection: TcpConnection, bytes: Uint8Array): void;
  /** Once, when nothing more will come. */
  ended(connection: TcpConnection, why: TcpEnd): void;
}

/** One client's TCP connection: frames in, and a bounded queue of bytes out. */
export class TcpConnection implements Client {
  readonly transport = "tcp";
  readonly #conn: Deno.TcpConn;
  readonly #maxQueued: number;
  readonly #lost: () => void;
  readonly #reader = new FrameReader();
  #queue: Uint8Array[] = [];
  #queued = 0;
  #writing: Promise<void> | undefined;
  #end: TcpEnd | undefined;
  /** When the frame began that is still incomplete. */
  #halfSince: number | undefined;

  /** `maxQueued`: bytes that may wait for a slow reader; `lost` is told of each frame beyond them. */
  constructor(
    conn: Deno.TcpConn,
    maxQueued: number,
    lost: () => void,
    readonly client: ClientAddress,
    readonly server: ServerAddress,
    readonly key: FlowKey,
  ) {
    this.#conn = conn;
    this.#maxQueued = maxQueued;
    this.#lost = lost;
  }

  get halfSince(): number | undefined {
    return this.#halfSince;
  }

  /**
   * Queues a copy. Where the reader is so slow that the queue is full, data is lost, as on any
   * crowded path; answers are owed, and who takes not even these loses its connection.
   */
  send(bytes: Uint8Array): void {
    if (this.#end !== undefined) return;
    const beyond = this.#queued + bytes.length - this.#maxQueued;
    if (beyond > 0 && isData(bytes)) return this.#lost();
    if (beyond > ANSWER_BYTES) return this.end("slow-reader");
    this.#queued += bytes.length;
    this.#queue.push(bytes.slice());
    this.#writing ??= this.#write();
  }

  end(why: TcpEnd = "by-server"): void {
    if (this.#end !== undefined) return;
    this.#end = why;
    this.#queue = [];
    this.#conn.close();
  }

  /**
   * Reads frames until the connection ends, and resolves when nothing of it is left. `first`: what
   * was read of it before.
   */
  async run(handlers: TcpHandlers, clock: () => number, first?: Uint8Array): Promise<void> {
    if (first) this.#take(first, handlers, clock());
    const buffer = new Uint8Array(READ_BYTES);
    while (this.#end === undefined) {
      const length = await this.#conn.read(buffer).catch(() => null);
      if (length === null) this.end("by-client");
      else this.#take(buffer.subarray(0, length), handlers, clock());
    }
    handlers.ended(this, this.#end);
    await this.#writing;
  }

  #take(chunk: Uint8Array, handlers: TcpHandlers, now: number): void {
    for (const frame of this.#reader.push(chunk)) {
      this.#halfSince = undefined;
      handlers.frame(this, frame);
      if (this.#end !== undefined) return;
    }
    if (this.#reader.fault) this.end(this.#reader.fault);
    this.#halfSince = this.#reader.held === 0 ? undefined : this.#halfSince ?? now;
  }

  /** Writes all that waits, what came together in one call, until nothing does. */
  async #write(): Promise<void> {
    try {
      while (this.#queue.length > 0) {
        const bytes = joined(this.#queue);
        this.#queue = [];
        for (let at = 0; at < bytes.length;) at += await this.#conn.write(bytes.subarray(at));
        this.#queued -= bytes.length;
      }
    } catch {
      this.end("by-client");
    } finally {
      this.#writing = undefined;
    }
  }
}

function isData(frame: Uint8Array): boolean {
  const [first = 0, second = 0] = frame;
  return beginsChannelData(first) || (first << 8 | second) === DATA_INDICATION;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [first] = parts;
  if (parts.length === 1 && first) return first;
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
