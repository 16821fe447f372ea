/** Another player of the room. */
import {
  compareGenerations,
  decodeFrame,
  encodeFrame,
  HEADER_BYTES,
  type Link,
  observe,
  type Path,
  pathOf,
  type PeerView,
  Receiver,
  Sender,
  type Signal,
  trying,
  UNACKNOWLEDGED_BYTES,
} from "./core/mod.ts";
import { Emitter } from "./emitter.ts";
import type { PeerConnection } from "./environment.ts";
import { HearthError } from "./error.ts";
import { Wire } from "./peer_connection.ts";

export type Data = string | Uint8Array<ArrayBuffer>;

export interface PeerEvents {
  /** Data as it was sent. `reliable` tells by which of the two. */
  message: { readonly data: Data; readonly reliable: boolean };
  path: Path;
  /** Whether the peer's connection to the server is lost. */
  away: boolean;
}

/** Measured by the browser on a direct or relayed path. */
export interface PathStats {
  /** Seconds. */
  readonly rtt: number | undefined;
  /** The part of ICE checks that were not answered, 0 to 1. */
  readonly loss: number | undefined;
}

/** What a peer needs of its room. */
export interface PeerPort {
  now(): number;
  connect(): PeerConnection | undefined;
  signal(to: string, signal: Signal): void;
  /** Whether the server's limits let it go now. */
  relay(to: string, bytes: Uint8Array<ArrayBuffer>): boolean;
  readonly maxDataBytes: number;
}

/** Above this a channel is given nothing more, in bytes. */
const CHANNEL_BYTES = 262_144;
const STATS_EVERY_MS = 1_000;

export class Peer extends Emitter<PeerEvents> {
  readonly id: string;
  readonly name: string | undefined;
  readonly #port: PeerPort;
  readonly #polite: boolean;
  readonly #sender = new Sender();
  readonly #receiver = new Receiver();
  #wire: Wire | undefined;
  #link: Link = { kind: "absent" };
  #stats: PathStats = { rtt: undefined, loss: undefined };
  #measuredAt = -Infinity;
  #away: boolean;
  #gone = false;

  /** @internal */
  constructor(view: PeerView, port: PeerPort) {
    super();
    [this.id, this.name, this.#polite] = [view.id, view.name, view.polite];
    this.#away = view.away ?? false;
    this.#port = port;
    this.#connect(0);
  }

  /** How data goes now: between the players, through a TURN relay, or through the server's socket. */
  get path(): Path {
    return pathOf(this.#link);
  }
  get stats(): PathStats {
    return this.#stats;
  }
  get away(): boolean {
    return this.#away;
  }
  /** The RTCPeerConnection, for media; undefined without WebRTC. A new one after a lost channel. */
  get connection(): PeerConnection | undefined {
    return this.#wire?.connection;
  }
  /** Bytes given to `send` that the peer has not acknowledged. */
  get bufferedAmount(): number {
    return this.#sender.bytes;
  }

  /**
   * Sends so that it comes once and in order. Throws a HearthError: `too-large`, `queue-full` where
   * 1 MiB waits already (try again when `bufferedAmount` is lower), `peer-gone`.
   */
  send(data: Data): void {
    const bytes = this.#checked(data);
    if (!this.#sender.push(typeof data === "string" ? "text" : "bytes", bytes)) {
      throw new HearthError(
        "queue-full",
        `${UNACKNOWLEDGED_BYTES} bytes wait for ${this.id} already: send again when bufferedAmount is lower.`,
      );
    }
    this.#flush();
  }

  /** Sends at most once, in any order. Answers false where it was dropped here at once. */
  sendUnreliable(data: Data): boolean {
    const kind = typeof data === "string" ? "loose-text" : "loose-bytes";
    const frame = encodeFrame({ kind, seq: 0, data: this.#checked(data) });
    const channel = this.#wire?.unreliable;
    if (this.#link.kind !== "open" || channel?.readyState !== "open") {
      return this.#port.relay(this.id, frame);
    }
    if (channel.bufferedAmount > CHANNEL_BYTES) return false;
    channel.send(frame);
    return true;
  }

  /** @internal */
  signal(signal: Signal): void {
    const ours = this.#wire?.generation;
    if (ours === undefined) return;
    const verdict = compareGenerations(signal.generation, ours);
    if (verdict === "newer") this.#connect(signal.generation);
    if (verdict !== "stale") this.#wire?.receive(signal);
  }

  /** @internal Data, by whichever way it came. */
  data(bytes: Uint8Array<ArrayBuffer>): void {
    const frame = decodeFrame(bytes);
    if (!frame || this.#gone) return;
    const { kind } = frame;
    if (kind === "ack") {
      this.#sender.acknowledge(frame.seq, this.#port.now());
      return this.#flush();
    }
    const reliable = kind === "text" || kind === "bytes";
    if (reliable && !this.#receiver.accept(frame)) return;
    const isText = kind === "text" || kind === "loose-text";
    const data = isText ? new TextDecoder().decode(frame.data) : frame.data.slice();
    this.emit("message", { data, reliable });
  }

  /** @internal Several times a second. */
  tick(): void {
    const now = this.#port.now();
    const onWire = this.#link.kind === "open";
    if (!onWire || this.#wire?.reliable.bufferedAmount === 0) this.#sender.check(now);
    const { ack } = this.#receiver;
    if (ack && this.#put(ack)) this.#receiver.acknowledged();
    this.#flush();
    if (this.#link.kind === "trying" && now >= this.#link.retryAt) {
      this.#link = trying(this.#link.attempt + 1, now);
      this.#wire?.restart();
    }
    if (onWire && now - this.#measuredAt >= STATS_EVERY_MS) void this.#measure(now);
  }

  /** @internal The network has changed, or the server asks for it. */
  restart(): void {
    this.#wire?.restart();
  }

  /** @internal */
  setAway(away: boolean): void {
    this.#away = away;
    this.emit("away", away);
  }

  /** @internal */
  close(): void {
    this.#gone = true;
    this.#wire?.close();
  }

  #connect(generation: number): void {
    this.#wire?.close();
    const connection = this.#port.connect();
    if (!connection) return;
    const wire = new Wire(connection, generation, this.#polite, {
      signal: (signal) => this.#port.signal(this.id, signal),
      changed: () => this.#observe(wire),
      data: (bytes) => this.data(bytes),
    });
    this.#wire = wire;
    this.#setLink(trying(0, this.#port.now()));
  }

  #observe(wire: Wire): void {
    if (this.#gone || wire !== this.#wire) return;
    const { connection: { connectionState }, reliable: { readyState } } = wire;
    if (readyState === "closed") return this.#connect(wire.generation + 1);
    const before = this.#link;
    this.#setLink(observe(before, { connectionState, channelState: readyState }, this.#port.now()));
    if (connectionState === "failed") wire.restart();
  }

  #setLink(link: Link): void {
    const [before, path] = [this.#link, this.path];
    this.#link = link;
    if ((before.kind === "open") !== (link.kind === "open")) this.#sender.rewind();
    if (link.kind === "open" && before.kind !== "open") void this.#measure(this.#port.now());
    else if (this.path !== path) this.emit("path", this.path);
    this.#flush();
  }

  #checked(data: Data): Uint8Array<ArrayBuffer> {
    if (this.#gone) throw new HearthError("peer-gone", `${this.id} has left the room.`);
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
    const most = this.#port.maxDataBytes - HEADER_BYTES;
    if (bytes.length <= most) return bytes;
    throw new HearthError("too-large", `${bytes.length} bytes to ${this.id}: at most ${most} go.`);
  }

  #flush(): void {
    for (let next = this.#sender.next; next && this.#put(next); next = this.#sender.next) {
      this.#sender.sent(this.#port.now());
    }
  }

  #put(frame: Uint8Array<ArrayBuffer>): boolean {
    if (this.#gone) return false;
    const channel = this.#wire?.reliable;
    if (this.#link.kind !== "open" || channel?.readyState !== "open") {
      return this.#port.relay(this.id, frame);
    }
    if (channel.bufferedAmount > CHANNEL_BYTES) return false;
    channel.send(frame);
    return true;
  }

  /** Reads the candidate pair in use (W3C WebRTC Statistics §8.7 and 8.8). */
  async #measure(now: number): Promise<void> {
    this.#measuredAt = now;
    const wire = this.#wire;
    if (!wire) return;
    const reports = new Map<unknown, Record<string, unknown>>();
    (await wire.connection.getStats()).forEach((report) => reports.set(report["id"], report));
    if (this.#gone || wire !== this.#wire || this.#link.kind !== "open") return;
    const all = [...reports.values()];
    const transport = all.find(({ type }) => type === "transport");
    const pair = reports.get(transport?.["selectedCandidatePairId"]) ??
      all.find((report) => report["type"] === "candidate-pair" && report["nominated"]);
    if (!pair) return;
    const relayed = ["localCandidateId", "remoteCandidateId"].some((end) =>
      reports.get(pair[end])?.["candidateType"] === "relay"
    );
    const number = (value: unknown) => typeof value === "number" ? value : undefined;
    const [asked, answered] = [number(pair["requestsSent"]), number(pair["responsesReceived"])];
    const loss = asked && answered !== undefined ? Math.max(0, 1 - answered / asked) : undefined;
    this.#stats = { rtt: number(pair["currentRoundTripTime"]), loss };
    const path = relayed ? "relayed" : "direct";
    const changed = this.#link.path !== path || !this.#told;
    this.#link = { kind: "open", path };
    this.#told = true;
    if (changed) this.emit("path", path);
  }
  #told = false;
}
