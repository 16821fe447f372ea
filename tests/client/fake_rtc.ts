/** RTCPeerConnections that meet in memory, over a network that a test breaks and mends. */
import type { Configuration, DataChannel, PeerConnection } from "../../client/environment.ts";
import type { Description } from "../../client/core/mod.ts";

export class FakeRtc {
  readonly connections: FakeConnection[] = [];
  path: "direct" | "relayed" = "direct";
  /** Whether connections come about. Those that exist stay until `fail`. */
  works = true;

  connect(configuration: Configuration): FakeConnection {
    const connection = new FakeConnection(this, this.connections.length, configuration);
    this.connections.push(connection);
    return connection;
  }

  /** Ends what is connected, as ICE does when consent is lost (RFC 7675), until it restarts. */
  fail(): void {
    this.works = false;
    for (const connection of this.connections) {
      if (connection.connectionState === "connected") connection.become("failed");
    }
  }
}

export class FakeConnection implements PeerConnection {
  signalingState = "stable";
  connectionState = "new";
  localDescription: Description | null = null;
  onnegotiationneeded: ((event: never) => unknown) | null = null;
  onicecandidate: PeerConnection["onicecandidate"] = null;
  onconnectionstatechange: ((event: never) => unknown) | null = null;
  readonly channels = new Map<string, FakeChannel>();
  /** Offers of its own that it took back for one of the other side. */
  rollbacks = 0;
  restarts = 0;
  #remote: number | undefined;
  #needsNegotiation = false;

  constructor(
    readonly rtc: FakeRtc,
    readonly id: number,
    public configuration: Configuration,
  ) {}

  createDataChannel(label: string): DataChannel {
    const channel = new FakeChannel(() => this.#other()?.channels.get(label));
    this.channels.set(label, channel);
    this.#need();
    return channel;
  }

  async setLocalDescription(): Promise<void> {
    await null;
    this.#mustBeOpen();
    const type = this.signalingState === "have-remote-offer" ? "answer" : "offer";
    this.localDescription = { type, sdp: `${this.id}` };
    this.signalingState = type === "offer" ? "have-local-offer" : "stable";
    if (type === "offer") this.#needsNegotiation = false;
    this.onicecandidate?.({ candidate: { toJSON: () => ({ candidate: `${this.id}` }) } });
    this.#settle();
  }

  async setRemoteDescription({ type, sdp }: Description): Promise<void> {
    await null;
    this.#mustBeOpen();
    if (type === "answer" && this.signalingState !== "have-local-offer") {
      throw new Error(`InvalidStateError: an answer in ${this.signalingState}`);
    }
    if (type === "offer" && this.signalingState === "have-local-offer") {
      this.rollbacks++;
      this.#needsNegotiation = true;
    }
    this.#remote = Number(sdp);
    this.signalingState = type === "offer" ? "have-remote-offer" : "stable";
    this.#settle();
  }

  async addIceCandidate(): Promise<void> {
    await null;
    if (this.#remote === undefined) throw new Error("InvalidStateError: no remote description");
  }

  setConfiguration(configuration: Configuration): void {
    this.configuration = configuration;
  }

  restartIce(): void {
    this.restarts++;
    this.#need();
  }

  getStats(): ReturnType<PeerConnection["getStats"]> {
    const candidateType = this.rtc.path === "relayed" ? "relay" : "host";
    return Promise.resolve([
      { type: "transport", id: "T", selectedCandidatePairId: "P" },
      { type: "candidate-pair", id: "P", localCandidateId: "L", currentRoundTripTime: 0.02 },
      { type: "local-candidate", id: "L", candidateType },
    ]);
  }

  /** Only the other side hears of it. */
  close(): void {
    const other = this.#other();
    [this.signalingState, this.connectionState] = ["closed", "closed"];
    for (const channel of this.channels.values()) channel.readyState = "closed";
    for (const channel of other?.channels.values() ?? []) channel.become("closed");
  }

  become(state: string): void {
    this.connectionState = state;
    this.onconnectionstatechange?.(undefined as never);
    if (state !== "connected") return;
    for (const channel of this.channels.values()) channel.become("open");
  }

  #other(): FakeConnection | undefined {
    const other = this.rtc.connections[this.#remote ?? -1];
    return other && other.#remote === this.id ? other : undefined;
  }

  #need(): void {
    this.#needsNegotiation = true;
    queueMicrotask(() => {
      if (!this.#needsNegotiation || this.signalingState !== "stable") return;
      this.#needsNegotiation = false;
      this.onnegotiationneeded?.(undefined as never);
    });
  }

  #settle(): void {
    if (this.signalingState !== "stable") return;
    if (this.#needsNegotiation) this.#need();
    const other = this.#other();
    if (!this.rtc.works || other?.signalingState !== "stable") return;
    for (const end of [this, other]) {
      if (end.connectionState !== "connected") end.become("connected");
    }
  }

  #mustBeOpen(): void {
    if (this.signalingState === "closed") throw new Error("InvalidStateError: closed");
  }
}

/** What is sent while its connection is down comes when it is up again, as SCTP has it. */
export class FakeChannel implements DataChannel {
  binaryType = "arraybuffer";
  readyState = "connecting";
  bufferedAmount = 0;
  /** Takes what is sent away. */
  deaf = false;
  onopen: ((event: never) => unknown) | null = null;
  onclose: ((event: never) => unknown) | null = null;
  onmessage: DataChannel["onmessage"] = null;

  constructor(readonly other: () => FakeChannel | undefined) {}

  send(data: Uint8Array<ArrayBuffer>): void {
    const { buffer } = data.slice();
    if (!this.deaf) queueMicrotask(() => this.other()?.onmessage?.({ data: buffer }));
  }

  become(state: string): void {
    if (state === this.readyState) return;
    this.readyState = state;
    if (state === "open") this.onopen?.(undefined as never);
    if (state === "closed") this.onclose?.(undefined as never);
  }
}
