/** `sockaddr_in` and `sockaddr_in6`: ip(7) and ipv6(7). The family is in the machine's byte order. */
import {
  address,
  type AddressKey,
  type Family,
  type Ip,
  type Ip4,
  readIp,
  type TransportAddress,
  writeIp,
} from "../../address.ts";
import { RecentMap } from "../recent.ts";

export const SOCKET_ADDRESS_LENGTH_IP4 = 16;
/** The longer of the two. */
export const SOCKET_ADDRESS_LENGTH = 28;

const AF_INET = 2;
const AF_INET6 = 10;
const REMEMBERED = 8_192;

/** Writes an address as a socket of `family` takes it, and returns its length. */
export function writeSocketAddress(
  view: DataView,
  offset: number,
  family: Family,
  { ip, port }: TransportAddress,
): number {
  view.setUint16(offset + 2, port);
  if (family === 4 && typeof ip === "number") {
    view.setUint16(offset, AF_INET, true);
    view.setUint32(offset + 4, ip);
    return SOCKET_ADDRESS_LENGTH_IP4;
  }
  view.setUint16(offset, AF_INET6, true);
  // Flow label and scope: link-local addresses, which alone need one, are no peers.
  view.setUint32(offset + 4, 0);
  view.setUint32(offset + 24, 0);
  if (typeof ip === "number") {
    // IPv4-mapped, RFC 4291 §2.5.5.2.
    view.setUint32(offset + 8, 0);
    view.setUint32(offset + 12, 0);
    view.setUint32(offset + 16, 0xffff);
    view.setUint32(offset + 20, ip);
  } else {
    writeIp(ip, new Uint8Array(view.buffer), view.byteOffset + offset + 8);
  }
  return SOCKET_ADDRESS_LENGTH;
}

/** Undefined where the family is neither of the two. An IPv4-mapped address is unwrapped. */
export function readSocketAddress(view: DataView, offset: number): TransportAddress | undefined {
  const ip = readSocketIp(view, offset);
  return ip === undefined ? undefined : address(ip, view.getUint16(offset + 2));
}

/** The same, but gives those seen lately as the same objects. */
export class SocketAddresses {
  readonly #known = new RecentMap<AddressKey, TransportAddress>(REMEMBERED);

  read(view: DataView, offset: number): TransportAddress | undefined {
    const port = view.getUint16(offset + 2);
    const ip = readSocketIp(view, offset);
    if (ip === undefined) return undefined;
    if (typeof ip !== "number") return address(ip, port);
    const key = ip * 0x1_0000 + port;
    let known = this.#known.get(key);
    if (!known) this.#known.set(key, known = address(ip, port));
    return known;
  }
}

function readSocketIp(view: DataView, offset: number): Ip | undefined {
  const family = view.getUint16(offset, true);
  if (family === AF_INET) return view.getUint32(offset + 4) as Ip4;
  if (family !== AF_INET6) return undefined;
  const isMapped = view.getUint32(offset + 8) === 0 && view.getUint32(offset + 12) === 0 &&
    view.getUint32(offset + 16) === 0xffff;
  if (isMapped) return view.getUint32(offset + 20) as Ip4;
  return readIp(6, new Uint8Array(view.buffer), view.byteOffset + offset + 8);
}
