import type { ClientAddress, ServerAddress } from "../address.ts";
import type { FiveTuple, FlowKey } from "../core/mod.ts";
import type { UdpSocket } from "./udp.ts";

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

  constructor(
    socket: UdpSocket,
    readonly client: ClientAddress,
    readonly server: ServerAddress,
    readonly key: FlowKey,
  ) {
    this.#socket = socket;
  }

  send(bytes: Uint8Array): void {
    this.#socket.send(bytes, this.client);
  }

  /** A UDP flow holds nothing that could end. */
  end(): void {}
}
