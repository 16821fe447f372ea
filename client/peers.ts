/** The other players in the room, and what is done to all of them. */
import type { IceServer, RtcOptions } from "./api.ts";
import type { PeerView, Signal } from "./core/mod.ts";
import type { Environment } from "./environment.ts";
import { RemotePeer } from "./peer.ts";

/** How soon what is pending is looked at again. */
const TICK_MS = 50;

/** What the peers need of their room. */
export interface PeersPort {
  readonly env: Environment;
  readonly rtc: RtcOptions | false;
  iceServers(): readonly IceServer[];
  /** Sends a signal of WebRTC to this peer. */
  signal(to: string, payload: Signal): void;
  /** Sends data through the server; answers false where it has to wait: see `PeerPort`. */
  relay(to: string, bytes: Uint8Array<ArrayBuffer>, isLoose: boolean): boolean;
  /** WebRTC to one of them, which was open, is so no longer. */
  broken(): void;
  joined(peer: RemotePeer): void;
  left(peer: RemotePeer, reason: string): void;
}

export class Peers {
  readonly #port: PeersPort;
  readonly #byId = new Map<string, RemotePeer>();
  #waking: (() => void) | undefined;
  #stay = 0;
  #maxDataBytes = 0;

  constructor(port: PeersPort) {
    this.#port = port;
  }

  get byId(): ReadonlyMap<string, RemotePeer> {
    return this.#byId;
  }

  /** How peers are met from now on: `stay` names this stay in the room. */
  enter(stay: number, maxDataBytes: number): void {
    [this.#stay, this.#maxDataBytes] = [stay, maxDataBytes];
  }

  get(id: string): RemotePeer | undefined {
    return this.#byId.get(id);
  }

  add(view: PeerView): RemotePeer {
    const { env, rtc, signal, relay, broken, iceServers } = this.#port;
    const peer: RemotePeer = new RemotePeer(view, {
      now: () => env.now(),
      connect: () =>
        rtc === false ? undefined : env.connection({ ...rtc, iceServers: iceServers() }),
      signal,
      relay,
      broken,
      wake: () => this.#wake(),
      replace: () => {
        this.remove(view.id, "lost");
        return this.add(peer.view);
      },
      stay: this.#stay,
      maxDataBytes: this.#maxDataBytes,
    });
    this.#byId.set(view.id, peer);
    this.#port.joined(peer);
    return peer;
  }

  remove(id: string, reason: string): void {
    const peer = this.#byId.get(id);
    if (!peer) return;
    this.#byId.delete(id);
    peer.close();
    this.#port.left(peer, reason);
  }

  /** Those whom `which` names, or all. */
  removeAll(reason: string, which: (id: string) => boolean = () => true): void {
    for (const id of [...this.#byId.keys()]) if (which(id)) this.remove(id, reason);
  }

  /** What is known of a peer now, whether it was there before or not. */
  see(view: PeerView): void {
    const peer = this.#byId.get(view.id);
    if (peer) peer.see(view);
    else this.add(view);
  }

  /** The ICE servers are others. */
  configure(): void {
    const { rtc, iceServers } = this.#port;
    if (rtc === false) return;
    for (const peer of this.#byId.values()) peer.configure({ ...rtc, iceServers: iceServers() });
  }

  restart(which: (peer: RemotePeer) => boolean = () => true): void {
    for (const peer of this.#byId.values()) if (which(peer)) peer.restart();
  }

  /** Call it every second. */
  check(): void {
    for (const peer of this.#byId.values()) peer.check();
  }

  close(): void {
    this.#waking?.();
    this.removeAll("closed");
  }

  #wake(): void {
    this.#waking ??= this.#port.env.after(TICK_MS, () => {
      this.#waking = undefined;
      for (const peer of this.#byId.values()) peer.tick();
      if ([...this.#byId.values()].some(({ pending }) => pending)) this.#wake();
    });
  }
}
