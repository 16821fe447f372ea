import type { Ip, Ip4, Ip6 } from "../address.ts";
import { type Cidr, cidr, contains } from "./cidr.ts";

/** The ranges of IPv6 whose addresses stand for an IPv4 address, and at which byte they hold it. */
const EMBEDDINGS: readonly { readonly range: Cidr; readonly at: number; readonly mask: number }[] =
  [
    embedding("::ffff:0:0/96", 12), // IPv4-mapped, RFC 4291 §2.5.5.2
    embedding("::ffff:0:0:0/96", 12), // IPv4-translated, RFC 2765 §2.1
    embedding("::/96", 12), // IPv4-compatible, RFC 4291 §2.5.5.1
    embedding("64:ff9b::/96", 12), // NAT64's well-known prefix, RFC 6052 §2.1
    embedding("2002::/16", 2), // 6to4, RFC 3056 §2
    embedding("2001::/32", 12, 0xffff_ffff), // Teredo, RFC 4380 §4: the client's, inverted
  ];

const UNSPECIFIED_AND_LOOPBACK = cidr("::/127");

function embedding(text: string, at: number, mask = 0) {
  return { range: cidr(text), at, mask };
}

/**
 * The IPv4 address that an IPv6 address stands for, which is what it must be judged by: whoever
 * delivers it (this host, a NAT64, a relay router) will deliver it there.
 */
export function embeddedIpv4(ip: Ip): Ip4 | undefined {
  // RFC 4291 §2.5.5.1: the unspecified address and loopback lie in ::/96 and are not IPv4's.
  if (typeof ip === "number" || contains(UNSPECIFIED_AND_LOOPBACK, ip)) return undefined;
  const found = EMBEDDINGS.find(({ range }) => contains(range, ip));
  return found && ((ip4At(ip, found.at) ^ found.mask) >>> 0) as Ip4;
}

function ip4At(ip: Ip6, at: number): number {
  return [0, 1, 2, 3].reduce((value, i) => value * 256 + ip.charCodeAt(at + i), 0);
}
