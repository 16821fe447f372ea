import type { ClientAddress, ServerAddress } from "../address.ts";
import type { FiveTuple, FlowKey } from "../core/mod.ts";
import type { UdpSocket } from "./udp_socket.ts";

/** A five-tuple that knows how its client is reached: every one that this driver gives to the core. */
export interface Client extends FiveTuple {
  /** Bytes are lent. */
  send(bytes: Uint8Array): void;
  end(): void;
}

/** A client that speaks by UDP. */
export class UdpClient implements Client {
  readonly transport = "udp";
  readonly #socket: UdpSocket;
  readonly #to: Deno.NetAddr;

  /** `to`: the source as the socket named it, and so as the same socket reaches it. */
  constructor(
    socket: UdpSocket,
    to: Deno.NetAddr,
    readonly client: ClientAddress,
    readonly server: ServerAddress,
    readonly key: FlowKey,
  ) {
    this.#socket = socket;
    this.#to = to;
  }

  send(bytes: Uint8Array): void {
    this.#socket.send(bytes, this.#to);
  }

  /** A UDP flow holds nothing that could end. */
  end(): void {}
}
