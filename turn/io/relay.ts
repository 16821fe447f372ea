import type { Family, PeerAddress } from "../address.ts";
import type { Relay } from "../core/mod.ts";
import type { NetAddrs } from "./net_addr.ts";
import { type SendBuffers, type UdpCounters, UdpSocket } from "./udp_socket.ts";

/** A datagram that came to a relay's socket. */
export type FromPeer = (relay: Relay, peer: PeerAddress, bytes: Uint8Array) => void;

/** The sockets behind relayed transport addresses. */
export class RelaySockets {
  readonly #hosts: ReadonlyMap<Family, string>;
  readonly #names: NetAddrs;
  readonly #buffers: SendBuffers;
  readonly #counters: UdpCounters;
  readonly #fromPeer: FromPeer;
  readonly #open = new Map<Relay, UdpSocket>();
  readonly #closing = new Set<Promise<void>>();

  /** `hosts`: the local address that relays of each family are bound to. */
  constructor(
    hosts: ReadonlyMap<Family, string>,
    names: NetAddrs,
    buffers: SendBuffers,
    counters: UdpCounters,
    fromPeer: FromPeer,
  ) {
    this.#hosts = hosts;
    this.#names = names;
    this.#buffers = buffers;
    this.#counters = counters;
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
    const conn = Deno.listenDatagram({ transport: "udp", hostname, port });
    const socket = new UdpSocket(conn, this.#buffers, this.#counters);
    this.#open.set(relay, socket);
    socket.receive((bytes, from) => {
      this.#fromPeer(relay, this.#names.read<PeerAddress>(from), bytes);
    }, { thrifty: true });
  }

  send(relay: Relay, peer: PeerAddress, bytes: Uint8Array): void {
    this.#open.get(relay)?.send(bytes, this.#names.write(peer));
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
