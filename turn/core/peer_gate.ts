import { type Ip, parseIp, type PeerAddress } from "../address.ts";
import type { TurnConfig, Whereabouts } from "../config.ts";
import { type Cidr, cidr, contains } from "./cidr.ts";
import { embeddedIpv4 } from "./embedded_ipv4.ts";

/**
 * What may be done with a peer address: nothing; send from a relay's socket; or hand over to another
 * allocation of this server, and never to a socket.
 */
export type Verdict = "denied" | "direct" | "in-process";

/**
 * Where no player is. The ranges for documentation are open: they are nobody's network in earnest,
 * and a closed laboratory may use them as its internet.
 */
const DENIED_BY_DEFAULT = [
  "0.0.0.0/8", // this network, RFC 1122 §3.2.1.3
  "10.0.0.0/8", // private, RFC 1918
  "100.64.0.0/10", // carrier-grade NAT, RFC 6598
  "127.0.0.0/8", // loopback
  "169.254.0.0/16", // link-local, RFC 3927, and the metadata of clouds
  "172.16.0.0/12", // private
  "192.0.0.0/24", // protocol assignments, RFC 6890
  "192.88.99.0/24", // 6to4 relays, RFC 7526
  "192.168.0.0/16", // private
  "198.18.0.0/15", // benchmarking, RFC 2544
  "224.0.0.0/4", // multicast
  "240.0.0.0/4", // reserved, RFC 1112 §4, and 255.255.255.255
  "::/128", // unspecified
  "::1/128", // loopback
  "64:ff9b:1::/48", // a local NAT64, RFC 8215: only it knows where its IPv4 address lies
  "100::/64", // discard, RFC 6666
  "2001:2::/48", // benchmarking, RFC 5180
  "5f00::/16", // segment routing, RFC 9602
  "fc00::/7", // unique local, RFC 4193; fd00:ec2::254 is a cloud's metadata
  "fe80::/10", // link-local
  "fec0::/10", // site-local, RFC 3879
  "ff00::/8", // multicast
].map(cidr);

/**
 * The one place that decides about peer addresses: for CreatePermission, ChannelBind, Send and for
 * data coming in (RFC 8656 §21.2). Deny by default; `peerAllow` opens; `peerDeny` closes, and wins,
 * and so do the broadcast addresses of this machine's networks.
 */
export class PeerGate {
  #allow: readonly Cidr[] = [];
  #deny: readonly Cidr[] = [];
  #broadcast: ReadonlySet<Ip>;
  #external: readonly Ip[];
  #formerExternal: readonly Ip[] = [];
  #own: ReadonlySet<Ip>;

  /** A range or an address that cannot be read throws: the configuration was checked before. */
  constructor(
    config: Pick<
      TurnConfig,
      "peerAllow" | "peerDeny" | "ownIps" | "broadcastIps" | "externalIps"
    >,
  ) {
    this.configure(config);
    this.#broadcast = new Set(config.broadcastIps.map(ip));
    this.#external = config.externalIps.map(ip);
    this.#own = new Set([...config.ownIps.map(ip), ...this.#external]);
  }

  /** Takes other ranges. Who was let through before is judged again by the caller. */
  configure({ peerAllow, peerDeny }: Pick<TurnConfig, "peerAllow" | "peerDeny">): void {
    this.#allow = peerAllow.map(cidr);
    this.#deny = peerDeny.map(cidr);
  }

  /**
   * This machine is elsewhere now. The external addresses that it had before stay its own as well:
   * relayed addresses that were given out with them are in use.
   */
  move({ externalIps, ownIps, broadcastIps }: Whereabouts): void {
    const last = this.#external;
    this.#external = externalIps.map(ip);
    if (this.#external.join() !== last.join()) this.#formerExternal = last;
    this.#broadcast = new Set(broadcastIps.map(ip));
    this.#own = new Set([...ownIps.map(ip), ...this.#external, ...this.#formerExternal]);
  }

  /** Judges an address for a permission, where the port does not count (RFC 8656 §9). */
  judge(ip: Ip): Verdict {
    const asWritten = this.#judgeAsWritten(ip);
    const embedded = embeddedIpv4(ip);
    return embedded === undefined ? asWritten : stricter(asWritten, this.#judgeAsWritten(embedded));
  }

  /** Judges an address that data would go to or come from. Nothing is at port 0. */
  judgeAddress(peer: PeerAddress): Verdict {
    return peer.port === 0 ? "denied" : this.judge(peer.ip);
  }

  #judgeAsWritten(ip: Ip): Verdict {
    if (this.#broadcast.has(ip) || within(this.#deny, ip)) return "denied";
    if (within(this.#allow, ip)) return "direct";
    if (this.isOwn(ip)) return "in-process";
    return within(DENIED_BY_DEFAULT, ip) ? "denied" : "direct";
  }

  /** Whether this machine is reached by that address, here or from outside. */
  isOwn(ip: Ip): boolean {
    return this.#own.has(ip);
  }
}

function stricter(one: Verdict, other: Verdict): Verdict {
  if (one === "denied" || other === "denied") return "denied";
  return one === "in-process" ? one : other;
}

function within(ranges: readonly Cidr[], ip: Ip): boolean {
  return ranges.some((candidate) => contains(candidate, ip));
}

function ip(text: string): Ip {
  const parsed = parseIp(text);
  if (parsed === undefined) throw new Error(`Cannot read the address "${text}"`);
  return parsed;
}
