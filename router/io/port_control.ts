/** PCP and NAT-PMP: one port of the router, two versions of a datagram. */
import {
  decodeAddress,
  decodeNatPmpMap,
  decodePcpMap,
  encodeAddressRequest,
  encodeNatPmpMap,
  encodePcpMap,
  parseIpv4,
} from "../core/mod.ts";
import { type Client, mapAll, unmapAll, type Wire } from "./client.ts";
import { Exchange, openSocket } from "./exchange.ts";

export interface RouterAddress {
  /** This machine's address, as the router sees it. */
  readonly local: string;
  readonly router: string;
  /** 5351 (RFC 6886 §3, RFC 6887 §19); tests have their own. */
  readonly port: number;
}

/** Shorter than RFC 6886 §3.1 has it: most routers do not answer, and a home's network is quick. */
const WAITS_MS = [250, 500];

/** `nonce`: 12 bytes. */
export function pcpClient(at: RouterAddress, nonce: Uint8Array): Client {
  const local = parseIpv4(at.local) ?? 0;
  return client(at, (exchange, to) => ({
    protocol: "PCP",
    router: at.router,
    mapOne(port, lifetimeSeconds) {
      const request = { ...port, local, nonce, lifetimeSeconds };
      return exchange.ask(
        to,
        encodePcpMap(request),
        WAITS_MS,
        (bytes) => decodePcpMap(bytes, request),
      );
    },
  }));
}

export function natPmpClient(at: RouterAddress): Client {
  return client(at, (exchange, to) => ({
    protocol: "NAT-PMP",
    router: at.router,
    mapOne: (port, lifetimeSeconds) =>
      exchange.ask(
        to,
        encodeNatPmpMap(port, lifetimeSeconds),
        WAITS_MS,
        (bytes) => decodeNatPmpMap(bytes, port),
      ),
    async externalIp() {
      const answer = await exchange.ask(to, encodeAddressRequest(), WAITS_MS, decodeAddress);
      return answer?.kind === "address" ? answer.ip : undefined;
    },
  }));
}

/** Each question has a socket of its own, as this machine's address may have changed meanwhile. */
function client(
  { local, router, port }: RouterAddress,
  wireOn: (exchange: Exchange, to: Deno.NetAddr) => Wire,
): Client {
  const to: Deno.NetAddr = { transport: "udp", hostname: router, port };
  const withWire = async <T>(use: (wire: Wire) => Promise<T>): Promise<T | undefined> => {
    const socket = openSocket(local);
    if (!socket) return undefined;
    using exchange = new Exchange(socket);
    return await use(wireOn(exchange, to));
  };
  return {
    map: (ports) => withWire((wire) => mapAll(wire, ports)),
    unmap: (ports) => withWire((wire) => unmapAll(wire, ports)),
  };
}
