/** Hears what routers tell everybody in the network (RFC 6886 §3.2.1, RFC 6887 §14.1). */
import { isAnnouncement } from "../core/mod.ts";

const GROUP = "224.0.0.1";

/**
 * Calls `hear` with the address of whoever announces. `port` is 5350, and tests have their own.
 * Where it cannot be opened nothing is heard: renewals find out the same, later. Answers the function
 * that stops it.
 */
export function listenForAnnouncements(port: number, hear: (from: string) => void): () => void {
  let socket: Deno.DatagramConn;
  try {
    const at = { transport: "udp", hostname: "0.0.0.0", port, reuseAddress: true } as const;
    socket = Deno.listenDatagram(at);
  } catch {
    return () => {};
  }
  void read(socket, hear);
  return () => socket.close();
}

async function read(socket: Deno.DatagramConn, hear: (from: string) => void): Promise<void> {
  // Every machine is in this group by itself, but some systems give to sockets that have joined.
  await socket.joinMulticastV4(GROUP, "0.0.0.0").catch(() => {});
  try {
    for await (const [bytes, from] of socket) {
      if (isAnnouncement(bytes)) hear((from as Deno.NetAddr).hostname);
    }
  } catch {
    // It was closed meanwhile, or the network is down: renewals find out the same.
  }
}
