import type { Family, PeerAddress } from "../address.ts";
import type { Relay } from "../core/mod.ts";
import type { Udp, UdpSocket } from "./udp.ts";

/** A datagram that came to a relay's socket. */
export type FromPeer = (relay: Relay, peer: PeerAddress, bytes: Uint8Array, now: number) => void;

/** The sockets behind relayed transport addresses. */
export class RelaySockets {
  readonly #hosts: ReadonlyMap<Family, string>;
  readonly #udp: Udp;
  readonly #fromPeer: FromPeer;
  readonly #open = new Map<Relay, UdpSocket>();
  readonly #closing = new Set<Promise<void>>();

  /** `hosts`: the local address that relays of each family are bound to. */
  constructor(
    hosts: ReadonlyMap<Family, string>,
    udp: Udp,
    fromPeer: FromPeer,
  ) {
    this.#hosts = hosts;
    this.#udp = udp;
    this.#fromPeer = fromPeer;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Binds the relay's port, or throws what the system says. */
  open(relay: Relay): void {
    const hostname = this.#hosts.get(relay.family);
    if (hostname === undefined) {
      throw new Deno.errors.NotSupported(`no listener is for IPv${relay.family}`);
    }
    const { port } = relay.address;
    const socket = this.#udp.open(() => Deno.listenDatagram({ transport: "udp", hostname, port }));
    this.#open.set(relay, socket);
    socket.receive((bytes, from, now) => {
      this.#fromPeer(relay, from as PeerAddress, bytes, now);
    }, { thrifty: true });
  }

  send(relay: Relay, peer: PeerAddress, bytes: Uint8Array): void {
    this.#open.get(relay)?.send(bytes, peer);
  }

  close(relay: Relay): void {
    const socket = this.#open.get(relay);
    if (!socket) return;
    this.#open.delete(relay);
    const closing = socket.close().finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }

  /** Resolves when every socket that was closed has let go of its port. */
  async closeAll(): Promise<void> {
    for (const relay of this.#open.keys()) this.close(relay);
    await Promise.all(this.#closing);
  }
}
