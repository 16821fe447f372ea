/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />
/** The worker's entry: sends to systemd's socket what it is told to, and may do nothing else. */

/** The first message says where to; each after it is one datagram. */
export interface NotifyAddresses {
  /** systemd's socket. */
  readonly to: string;
  /** Where ours is bound: a datagram comes from somewhere. */
  readonly from: string;
}

/** What it tells. */
export interface Failure {
  readonly why: string;
}

let send: ((text: string) => Promise<number>) | undefined;

self.onmessage = async ({ data }: MessageEvent<NotifyAddresses | string>) => {
  try {
    if (typeof data === "string") await send?.(data);
    else send = open(data);
  } catch (error) {
    const failure: Failure = { why: error instanceof Error ? error.message : String(error) };
    self.postMessage(failure);
  }
};

function open({ to, from }: NotifyAddresses): (text: string) => Promise<number> {
  // One that a crash left would be in the way.
  try {
    Deno.removeSync(from);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const socket = Deno.listenDatagram({ transport: "unixpacket", path: from });
  const address: Deno.UnixAddr = { transport: "unixpacket", path: to };
  return (text) => socket.send(new TextEncoder().encode(text), address);
}
