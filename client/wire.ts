/** One RTCPeerConnection and its two channels, driven by perfect negotiation. */
import { type Description, type Signal, takes } from "./core/mod.ts";
import type { DataChannel, PeerConnection } from "./environment.ts";

type Told = { readonly description: Description } | { readonly candidate: unknown };
/** A signal as its wire knows it: whose it is, the peer adds. */
export type WireSignal = Told & { readonly generation: number };

export interface WireEvents {
  signal(signal: WireSignal): void;
  changed(): void;
  data(bytes: Uint8Array<ArrayBuffer>): void;
}

export class Wire {
  /** Both sides make both channels, by these ids, so nothing has to be announced. */
  readonly reliable: DataChannel;
  readonly unreliable: DataChannel;
  readonly #standing = { makingOffer: false, settingAnswer: false };
  #ignoring = false;
  /** The other side has described itself. */
  #met = false;
  #closed = false;
  /** Signals are carried out one after the other. */
  #work: Promise<void> = Promise.resolve();

  constructor(
    readonly connection: PeerConnection,
    readonly generation: number,
    readonly polite: boolean,
    readonly events: WireEvents,
  ) {
    this.reliable = this.#channel("reliable", { negotiated: true, id: 0 });
    const loose = { negotiated: true, id: 1, ordered: false, maxRetransmits: 0 };
    this.unreliable = this.#channel("unreliable", loose);
    connection.onnegotiationneeded = () => void this.#offer();
    connection.onicecandidate = ({ candidate }) => {
      if (candidate) this.#say({ candidate: candidate.toJSON() });
    };
    connection.onconnectionstatechange = () => this.events.changed();
  }

  /** Carries out what the other side said. */
  receive(signal: Signal): void {
    this.#work = this.#work.then(() => this.#carryOut(signal)).catch(() => {
      // A description of a connection that has moved on: the retry starts over.
    });
  }

  /** A new ICE session; where an offer of ours was perhaps lost, that offer again. */
  restart(): void {
    const { connection } = this;
    if (connection.signalingState === "have-local-offer" && connection.localDescription) {
      this.#say({ description: connection.localDescription });
    } else connection.restartIce();
  }

  close(): void {
    this.#closed = true;
    this.connection.close();
  }

  #channel(label: string, options: object): DataChannel {
    const channel = this.connection.createDataChannel(label, options);
    channel.binaryType = "arraybuffer";
    channel.onopen = channel.onclose = () => this.#closed || this.events.changed();
    channel.onmessage = ({ data }) => {
      if (!this.#closed && data instanceof ArrayBuffer) this.events.data(new Uint8Array(data));
    };
    return channel;
  }

  #say(signal: Told): void {
    if (!this.#closed) this.events.signal({ generation: this.generation, ...signal });
  }

  /**
   * The first offer is the impolite side's alone: Chromium (156) cannot take one back whose data
   * channels stand behind media for one where they do not ("Failed to start SCTP transport").
   */
  async #offer(): Promise<void> {
    if (this.polite && !this.#met) return;
    try {
      this.#standing.makingOffer = true;
      await this.connection.setLocalDescription();
      const description = this.connection.localDescription;
      if (description) this.#say({ description });
    } catch {
      // Closed meanwhile, or overtaken by the other side's offer.
    } finally {
      this.#standing.makingOffer = false;
    }
  }

  async #carryOut(signal: Signal): Promise<void> {
    const { connection, polite } = this;
    if (this.#closed) return;
    if ("candidate" in signal) {
      return await connection.addIceCandidate(signal.candidate).catch((error: unknown) => {
        if (!this.#ignoring) throw error;
      });
    }
    const { description } = signal;
    const standing = { ...this.#standing, polite, signalingState: connection.signalingState };
    this.#ignoring = !takes(description, standing);
    if (this.#ignoring) return;
    this.#met = true;
    this.#standing.settingAnswer = description.type === "answer";
    try {
      await connection.setRemoteDescription(description);
    } finally {
      this.#standing.settingAnswer = false;
    }
    if (description.type !== "offer") return;
    await connection.setLocalDescription();
    const answer = connection.localDescription;
    if (answer) this.#say({ description: answer });
  }
}
