/** Another player of the room, as this client reaches it. */
import {
  type Data,
  HearthError,
  type OwnPeerConnection,
  type Path,
  type PathStats,
  type Peer,
  type PeerEvents,
} from "./api.ts";
import {
  compareGenerations,
  decodeFrame,
  EchoMeter,
  encodeFrame,
  HEADER_BYTES,
  type Link,
  LossMeter,
  measured,
  type Message,
  observe,
  Pair,
  pathOf,
  type PeerView,
  Receiver,
  Sender,
  type Signal,
  trying,
  UNACKNOWLEDGED_BYTES,
} from "./core/mod.ts";
import { Emitter } from "./emitter.ts";
import type { Configuration, PeerConnection } from "./environment.ts";
import { readPath } from "./path_report.ts";
import { Wire } from "./wire.ts";

/** What a peer needs of its room. */
export interface PeerPort {
  now(): number;
  connect(): PeerConnection | undefined;
  signal(to: string, signal: Signal): void;
  /** Whether the server's limits let it go now; what `isLoose` leaves some of them to the rest. */
  relay(to: string, bytes: Uint8Array<ArrayBuffer>, isLoose: boolean): boolean;
  /** Something waits for the next `tick`. */
  wake(): void;
  /** WebRTC to the peer, which was open, is so no longer. */
  broken(): void;
  /** Another than it was has this id now. What came goes to the one that takes its place. */
  replace(): RemotePeer;
  /** Names this player's stay in the room. */
  readonly stay: number;
  readonly maxDataBytes: number;
}

/** Above this a channel is given nothing more, in bytes. */
const CHANNEL_BYTES = 262_144;

export class RemotePeer extends Emitter<PeerEvents> implements Peer {
  readonly id: string;
  readonly name: string | undefined;
  /** As the server told of it last. */
  view: PeerView;
  readonly #polite: boolean;
  readonly #port: PeerPort;
  readonly #pair: Pair;
  readonly #sender = new Sender();
  readonly #receiver = new Receiver();
  readonly #loss = new LossMeter();
  readonly #echo = new EchoMeter();
  #looseSent = 0;
  #wire: Wire | undefined;
  #link: Link = { kind: "absent" };
  #rtt: number | undefined;
  #gone = false;

  constructor(view: PeerView, port: PeerPort) {
    super();
    [this.id, this.name, this.#polite] = [view.id, view.name, view.polite];
    [this.view, this.#port] = [view, port];
    this.#pair = new Pair(port.stay);
    this.#connect(0);
  }

  get away(): boolean {
    return this.view.away ?? false;
  }
  get path(): Path {
    return pathOf(this.#link);
  }
  get stats(): PathStats {
    return { rtt: this.#rtt, loss: this.#loss.loss };
  }
  get connection(): OwnPeerConnection | undefined {
    return this.#wire?.connection as OwnPeerConnection | undefined;
  }
  get bufferedAmount(): number {
    return this.#sender.bytes;
  }
  /** An offer waits for its answer: it may have gone into a connection that was dead. */
  get isOffering(): boolean {
    return this.#wire?.connection.signalingState === "have-local-offer";
  }
  /** Whether `tick` has something to do. */
  get pending(): boolean {
    return !this.#sender.idle || this.#receiver.ack !== undefined;
  }

  send(data: Data): void {
    const bytes = this.#checked(data);
    if (!this.#sender.push(typeof data === "string" ? "text" : "bytes", bytes)) {
      throw new HearthError(
        "queue-full",
        `${UNACKNOWLEDGED_BYTES} bytes wait for ${this.id} already: send again when bufferedAmount is lower.`,
      );
    }
    this.#flush();
    this.#port.wake();
  }

  sendUnreliable(data: Data): boolean {
    const kind = typeof data === "string" ? "loose-text" : "loose-bytes";
    const message = { kind, seq: this.#looseSent + 1, data: this.#checked(data) } as const;
    if (!this.#put(message, this.#wire?.unreliable)) return false;
    this.#looseSent++;
    return true;
  }

  signal(signal: Signal): void {
    switch (this.#pair.judge(signal)) {
      case "stranger":
        return this.#port.replace().signal(signal);
      case "misled":
        return this.#introduce();
    }
    const ours = this.#wire?.generation;
    if (ours === undefined) return;
    const verdict = compareGenerations(signal.generation, ours);
    if (verdict === "newer") this.#connect(signal.generation);
    if (verdict !== "stale") this.#wire?.receive(signal);
  }

  /** Data, by whichever way it came. */
  data(bytes: Uint8Array<ArrayBuffer>): void {
    const frame = decodeFrame(bytes);
    if (!frame || this.#gone) return;
    switch (this.#pair.judge(frame)) {
      case "stranger":
        return this.#port.replace().data(bytes);
      case "misled":
        return this.#introduce();
    }
    switch (frame.kind) {
      case "ack":
        this.#sender.acknowledge(frame.seq, this.#port.now());
        return this.#flush();
      case "text":
      case "bytes":
        this.#port.wake();
        if (this.#receiver.accept(frame)) this.#deliver(frame, frame.kind === "text", true);
        return;
      case "loose-text":
      case "loose-bytes":
        this.#loss.count(frame.seq);
        return this.#deliver(frame, frame.kind === "loose-text", false);
      case "probe":
        return this.#answer(frame.seq);
      case "echo":
        if (this.#link.kind === "open") return;
        this.#rtt = this.#echo.answered(frame.seq, this.#port.now()) ?? this.#rtt;
        return;
    }
  }

  /** Soon after something was pending. */
  tick(): void {
    const onWire = this.#link.kind === "open";
    if (!onWire || this.#wire?.reliable.bufferedAmount === 0) {
      this.#sender.check(this.#port.now());
    }
    const { ack } = this.#receiver;
    if (ack && this.#put(ack, this.#wire?.reliable)) this.#receiver.acknowledged();
    this.#flush();
  }

  /** Every second. */
  check(): void {
    const now = this.#port.now();
    if (this.#link.kind === "trying" && now >= this.#link.retryAt) {
      this.#link = trying(this.#link.attempt + 1, now);
      this.#wire?.restart();
    }
    void this.#measure();
    if (this.#link.kind !== "open") this.#probe(now);
  }

  /** The network has changed, or the server asks for it. */
  restart(): void {
    this.#wire?.restart();
  }

  configure(configuration: Configuration): void {
    this.#wire?.connection.setConfiguration(configuration);
  }

  /** What the server tells of this peer now. */
  see(view: PeerView): void {
    const before = this.away;
    this.view = view;
    if (this.away !== before) this.emit("away", this.away);
  }

  close(): void {
    this.#gone = true;
    this.#wire?.close();
  }

  /** Lets the peer know who is here now: an acknowledgement names both ends. */
  #introduce(): void {
    this.#receiver.oweAck();
    this.#port.wake();
  }

  #probe(now: number): void {
    const seq = this.#echo.due(now);
    const asks = seq && this.#put({ kind: "probe", seq, data: new Uint8Array() }, undefined);
    if (asks) this.#echo.asked(now);
  }

  #answer(seq: number): void {
    if (!this.#echo.mayAnswer(this.#port.now())) return;
    this.#put({ kind: "echo", seq, data: new Uint8Array() }, undefined);
  }

  #deliver({ data }: Message, isText: boolean, reliable: boolean): void {
    this.#echo.heard();
    const own = isText ? new TextDecoder().decode(data) : data.slice();
    this.emit("message", { data: own, reliable });
  }

  #connect(generation: number): void {
    this.#wire?.close();
    this.#wire = undefined;
    const connection = this.#port.connect();
    if (!connection) return this.#setLink({ kind: "absent" });
    const wire = new Wire(connection, generation, this.#polite, {
      signal: (signal) => this.#port.signal(this.id, { ...this.#pair.ends, ...signal }),
      changed: () => this.#observe(wire),
      data: (bytes) => this.data(bytes),
    });
    this.#wire = wire;
    this.#setLink(trying(0, this.#port.now()));
    this.emit("connection", connection as OwnPeerConnection);
  }

  #observe(wire: Wire): void {
    if (this.#gone || wire !== this.#wire) return;
    const { connection: { connectionState }, reliable: { readyState } } = wire;
    if (readyState === "closed") return this.#connect(wire.generation + 1);
    const seen = { connectionState, channelState: readyState };
    this.#setLink(observe(this.#link, seen, this.#port.now()));
    if (this.#link.kind === "connected") void this.#measure();
    if (connectionState === "failed") wire.restart();
  }

  #setLink(link: Link): void {
    const [before, path] = [this.#link, this.path];
    this.#link = link;
    if ((before.kind === "open") !== (link.kind === "open")) {
      this.#sender.rewind();
      this.#rtt = undefined;
    }
    if (before.kind === "open" && link.kind === "trying") this.#port.broken();
    if (this.path !== path) this.emit("path", this.path);
    this.#flush();
  }

  async #measure(): Promise<void> {
    const wire = this.#wire;
    if (!wire || this.#link.kind === "trying") return;
    const report = await readPath(wire.connection);
    if (!report || this.#gone || wire !== this.#wire) return;
    this.#setLink(measured(this.#link, report.path));
    if (this.#link.kind === "open") this.#rtt = report.rtt;
  }

  #checked(data: Data): Uint8Array<ArrayBuffer> {
    if (this.#gone) throw new HearthError("peer-gone", `${this.id} has left the room.`);
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
    const most = this.#port.maxDataBytes - HEADER_BYTES;
    if (bytes.length <= most) return bytes;
    throw new HearthError("too-large", `${bytes.length} bytes to ${this.id}: at most ${most} go.`);
  }

  #flush(): void {
    const { reliable } = this.#wire ?? {};
    for (let next; (next = this.#sender.next) && this.#put(next, reliable);) {
      this.#sender.sent(this.#port.now());
    }
  }

  /** Sends by this channel where the link is open, by the server otherwise. */
  #put(message: Message, channel: Wire["reliable"] | undefined): boolean {
    if (this.#gone) return false;
    const frame = encodeFrame({ ...message, ...this.#pair.ends });
    if (this.#link.kind !== "open" || channel?.readyState !== "open") {
      return this.#port.relay(this.id, frame, message.kind.startsWith("loose"));
    }
    if (channel.bufferedAmount > CHANNEL_BYTES) return false;
    channel.send(frame);
    return true;
  }
}
