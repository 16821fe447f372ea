import { formatIp } from "./address.ts";
import { decode, MessageWriter, Method } from "./stun/mod.ts";

/** Three requests, as RFC 8489 §6.2.1 spaces them, for somebody who waits. */
const WAITS_MS = [500, 1_000, 1_000];

/**
 * Asks a STUN server by UDP which address this machine comes from (RFC 8489 §3). Undefined where
 * nobody answers. `hostname`: an address or a name.
 */
export async function askBinding(
  { hostname, port }: { readonly hostname: string; readonly port: number },
  waitsMs: readonly number[] = WAITS_MS,
): Promise<string | undefined> {
  const [ip] = await resolve(hostname);
  if (ip === undefined) return undefined;
  const transactionId = crypto.getRandomValues(new Uint8Array(12));
  const request = new MessageWriter(new Uint8Array(64))
    .start("request", Method.BINDING, transactionId).fingerprint().finish().slice();
  const socket = Deno.listenDatagram({
    transport: "udp",
    hostname: ip.includes(":") ? "::" : "0.0.0.0",
    port: 0,
  });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const send = (attempt: number) => {
    const wait = waitsMs[attempt];
    if (wait === undefined) return socket.close();
    socket.send(request, { transport: "udp", hostname: ip, port }).catch(() => {});
    timer = setTimeout(send, wait, attempt + 1);
  };
  send(0);
  try {
    for await (const [bytes] of socket) {
      const mapped = mappedAddress(bytes, transactionId);
      if (mapped === undefined) continue;
      socket.close();
      return mapped;
    }
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

function mappedAddress(bytes: Uint8Array, transactionId: Uint8Array): string | undefined {
  const decoded = decode(bytes);
  if (decoded.kind !== "message" || decoded.message.class !== "success") return undefined;
  const { message } = decoded;
  if (message.transactionId.some((byte, index) => byte !== transactionId[index])) return undefined;
  const { mappedAddress: mapped } = message.attributes;
  return mapped && formatIp(mapped.ip);
}

async function resolve(hostname: string): Promise<string[]> {
  if (/^[\d.]+$|:/.test(hostname)) return [hostname];
  return await Deno.resolveDns(hostname, "A").catch(() => []);
}
