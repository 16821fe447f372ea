/** Undefined where this machine has that address no longer. */
export function openSocket(local: string): Deno.DatagramConn | undefined {
  try {
    return Deno.listenDatagram({ transport: "udp", hostname: local, port: 0 });
  } catch {
    return undefined;
  }
}

/** One socket that asks one question at a time, again where no answer comes. */
export class Exchange implements Disposable {
  readonly #socket: Deno.DatagramConn;
  #hear: (bytes: Uint8Array, from: Deno.NetAddr) => void = () => {};

  constructor(socket: Deno.DatagramConn) {
    this.#socket = socket;
    void this.#read();
  }

  /**
   * Sends after each wait anew (milliseconds) until `decode` makes something of a datagram from
   * there. Undefined where nothing came.
   */
  ask<T>(
    to: Deno.NetAddr,
    request: Uint8Array<ArrayBuffer>,
    waits: readonly number[],
    decode: (bytes: Uint8Array) => T | undefined,
  ): Promise<T | undefined> {
    const { promise, resolve } = Promise.withResolvers<T | undefined>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const send = (attempt: number) => {
      const wait = waits[attempt];
      if (wait === undefined) return resolve(undefined);
      // A network that is down is as silent as a router that does not answer.
      this.#socket.send(request, to).catch(() => {});
      timer = setTimeout(send, wait, attempt + 1);
    };
    this.#hear = (bytes, from) => {
      if (from.hostname !== to.hostname || from.port !== to.port) return;
      const answer = decode(bytes);
      if (answer !== undefined) resolve(answer);
    };
    send(0);
    return promise.finally(() => {
      clearTimeout(timer);
      this.#hear = () => {};
    });
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }

  async #read(): Promise<void> {
    try {
      for await (const [bytes, from] of this.#socket) this.#hear(bytes, from as Deno.NetAddr);
    } catch {
      // Windows reports a closed port here; the waits above end without an answer then.
    }
  }
}
