/** Addresses as the runtime writes them, to and from those of the core. */
import {
  address,
  type AddressKey,
  formatIp,
  type Ip,
  type Ip4,
  parseIp,
  type TransportAddress,
} from "../address.ts";
import { RecentMap } from "./recent.ts";

const REMEMBERED = 4_096;
/** What an IPv4 address begins with where an IPv6 socket names it (RFC 4291 §2.5.5.2). */
const IPV4_MAPPED = "\0\0\0\0\0\0\0\0\0\0\xff\xff";

/** Translates without making text, or reading it, for each packet. */
export class NetAddrs {
  readonly #ip4Prefix: string;
  readonly #ips = new RecentMap<string, Ip>(REMEMBERED);
  readonly #texts = new RecentMap<AddressKey, Deno.NetAddr>(REMEMBERED);

  /** `mapsIp4`: for an IPv6 socket, which names IPv4 addresses as IPv4-mapped ones. */
  constructor({ mapsIp4 = false } = {}) {
    this.#ip4Prefix = mapsIp4 ? "::ffff:" : "";
  }

  /** A source that the runtime names; an IPv4 address that a dual-stack socket wraps is unwrapped. */
  read<Role extends TransportAddress>({ hostname, port }: Deno.NetAddr): Role {
    let ip = this.#ips.get(hostname);
    if (ip === undefined) this.#ips.set(hostname, ip = readHostname(hostname));
    return address<Role>(ip, port);
  }

  /** A destination for `DatagramConn.send`. */
  write(to: TransportAddress): Deno.NetAddr {
    let text = this.#texts.get(to.key);
    if (text === undefined) {
      const prefix = typeof to.ip === "number" ? this.#ip4Prefix : "";
      text = { transport: "udp", hostname: prefix + formatIp(to.ip), port: to.port };
      this.#texts.set(to.key, text);
    }
    return text;
  }
}

function readHostname(hostname: string): Ip {
  const ip = parseIp(hostname);
  if (ip === undefined) {
    throw new TypeError(`The runtime named an address that is none: ${hostname}`);
  }
  return typeof ip === "string" && ip.startsWith(IPV4_MAPPED) ? embeddedIp4(ip) : ip;
}

function embeddedIp4(ip: string): Ip4 {
  let value = 0;
  for (let i = 12; i < 16; i++) value = value * 256 + ip.charCodeAt(i);
  return value as Ip4;
}
