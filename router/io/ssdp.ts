/** Finds UPnP routers: SSDP M-SEARCH (UPnP Device Architecture 1.1 §1.3). */
import { openSocket } from "./exchange.ts";

const GROUP: Deno.NetAddr = { transport: "udp", hostname: "239.255.255.250", port: 1900 };

/** A device of version 2 answers to version 1 as well, save some that do not. */
const TARGETS = [1, 2].map((version) =>
  `urn:schemas-upnp-org:device:InternetGatewayDevice:${version}`
);

/** Routers answer within MX, which is a second; datagrams may get lost. */
const SENT_AT_MS = [0, 300];
const LISTEN_MS = 1_500;
/** Who else is there answers soon after the first. */
const AFTER_FIRST_MS = 200;
const MAX_FOUND = 4;

export interface FoundDevice {
  readonly router: string;
  /** Where its description is, on itself. */
  readonly location: URL;
}

/** Asks on the network of this address of ours. */
export async function findDevices(local: string): Promise<FoundDevice[]> {
  const socket = openSocket(local);
  if (!socket) return [];
  const found = new Map<string, FoundDevice>();
  const timers = SENT_AT_MS.map((ms) => setTimeout(search, ms, socket));
  const close = () => socket.close();
  let end = setTimeout(close, LISTEN_MS);
  try {
    for await (const [bytes, from] of socket) {
      const device = readAnswer(bytes, (from as Deno.NetAddr).hostname);
      if (!device || found.size >= MAX_FOUND) continue;
      if (found.size === 0) {
        clearTimeout(end);
        end = setTimeout(close, AFTER_FIRST_MS);
      }
      found.set(device.location.href, device);
    }
  } finally {
    for (const timer of [...timers, end]) clearTimeout(timer);
  }
  return Array.from(found.values());
}

function search(socket: Deno.DatagramConn): void {
  for (const target of TARGETS) {
    const request = [
      "M-SEARCH * HTTP/1.1",
      `HOST: ${GROUP.hostname}:${GROUP.port}`,
      'MAN: "ssdp:discover"',
      "MX: 1",
      `ST: ${target}`,
    ];
    const bytes = new TextEncoder().encode(request.join("\r\n") + "\r\n\r\n");
    // Without a network there is nobody to find.
    socket.send(bytes, GROUP).catch(() => {});
  }
}

/**
 * What answers may lead to itself alone: otherwise any machine of the network could have this one
 * fetch whatever it likes.
 */
export function readAnswer(bytes: Uint8Array, from: string): FoundDevice | undefined {
  const text = new TextDecoder().decode(bytes);
  if (!text.startsWith("HTTP/1.1 200")) return undefined;
  const location = text.match(/^location:[ \t]*(\S+)[ \t]*$/im)?.[1] ?? "";
  const url = URL.canParse(location) ? new URL(location) : undefined;
  return url?.protocol === "http:" && url.hostname === from
    ? { router: from, location: url }
    : undefined;
}
