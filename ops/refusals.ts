/** What a player's refused request at the relay comes to, in a sentence for the host. */
import { BlockList, isIPv6 } from "node:net";

/** A refusal, as the relay reports it. */
export interface Refused {
  readonly user?: string;
  readonly claims?: { readonly user: string; readonly expiresAt?: number };
  /** `address:port` */
  readonly client: string;
  readonly code: number;
  readonly why: string;
  readonly limit?: string;
  readonly peer?: string;
}

/** What the host's own network and settings say about peers. */
export interface PeerPlaces {
  /** CIDRs that `HEARTH_PEER_DENY` closes. */
  readonly peerDeny: readonly string[];
  /** This machine's networks, as CIDRs, and their broadcast addresses. */
  readonly networks: readonly string[];
  readonly broadcast: readonly string[];
}

/** A sentence with its values apart: `{name}` stands for one of them. */
export interface Sentence {
  readonly template: string;
  readonly values: Readonly<Record<string, string>>;
}

/**
 * The sentence, or undefined where nothing went wrong: a request without credentials, or with a
 * nonce that is stale, only asks for a new nonce. `now`: Unix seconds.
 */
export function tellRefused(
  refused: Refused,
  places: PeerPlaces,
  now: number,
): Sentence | undefined {
  const { user, claims, code } = refused;
  const name = user ?? claims?.user;
  if (name === undefined || code === 438) return undefined;
  const { template, values } = claims
    ? tellStranger(refused.why, claims, now)
    : tellPlayer(refused, places);
  return {
    template: `{user}: TURN ${code}, ${template}`,
    values: { user: plainName(name), ...values },
  };
}

/** Whom commands call `alice` the tokens and credentials call `user.alice`. */
function plainName(user: string): string {
  return user.replace(/^user\./, "");
}

function tellStranger(
  why: string,
  { expiresAt }: NonNullable<Refused["claims"]>,
  now: number,
): Sentence {
  if (expiresAt === undefined) {
    return sentence(`${why}; HEARTH_TURN_USERS has the lasting users and their passwords`);
  }
  if (expiresAt > now) {
    return sentence(
      `${why}; it was revoked, or signed with another secret than HEARTH_TURN_SECRET`,
    );
  }
  const ended = new Date(expiresAt * 1_000);
  return sentence(
    "its credential ended at {ended}; a client that stays takes new ICE servers before that",
    // A name may claim any number.
    { ended: Number.isNaN(ended.getTime()) ? "?" : ended.toISOString().replace(/\.000Z$/, "Z") },
  );
}

function tellPlayer({ client, code, why, limit, peer }: Refused, places: PeerPlaces): Sentence {
  if (peer !== undefined) return tellPeer(peer, places);
  if (code === 403) {
    const address = client.replace(/:\d+$/, "");
    return sentence("{address} is banned; `user bans` lists bans, `user unban` lifts one", {
      address,
    });
  }
  if (limit !== undefined) {
    const variable = `HEARTH_TURN_${limit.replaceAll(/[A-Z]/g, "_$&").toUpperCase()}`;
    return sentence(`${why}; ${variable} is that limit`);
  }
  if (code === 508) return sentence(`${why}; HEARTH_RELAY_PORTS says which ports there are`);
  return sentence(why);
}

function sentence(template: string, values: Sentence["values"] = {}): Sentence {
  return { template, values };
}

/** Where a peer that nobody is relayed to may be, and whether a host might want to open that. */
const PLACES: readonly { readonly ranges: readonly string[]; readonly is: string }[] = [
  { ranges: ["127.0.0.0/8", "::1/128"], is: "is a loopback address: this machine itself" },
  {
    ranges: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"],
    is: "is in a private network; if it is yours, open it with HEARTH_PEER_ALLOW={range}",
  },
  {
    ranges: ["100.64.0.0/10"],
    is:
      "is behind a carrier's NAT or in a VPN; if it is yours, open it with HEARTH_PEER_ALLOW={range}",
  },
  { ranges: ["169.254.0.0/16", "fe80::/10"], is: "is link-local: it counts on one cable alone" },
  { ranges: ["224.0.0.0/4", "ff00::/8"], is: "is a multicast address" },
];

function tellPeer(peer: string, { peerDeny, networks, broadcast }: PeerPlaces): Sentence {
  const places = [
    { ranges: peerDeny, is: "is closed by HEARTH_PEER_DENY={range}" },
    { ranges: broadcast.map((ip) => `${ip}/32`), is: "is the broadcast address of a LAN" },
    { ranges: networks, is: "is on the host's LAN; open it with HEARTH_PEER_ALLOW={range}" },
    ...PLACES,
  ];
  for (const { ranges, is } of places) {
    const range = ranges.find((each) => contains(each, peer));
    if (range === undefined) continue;
    return sentence(`peer {peer} ${is}`, is.includes("{range}") ? { peer, range } : { peer });
  }
  return sentence("peer {peer} is no player's address", { peer });
}

function contains(range: string, ip: string): boolean {
  const [address = "", prefix] = range.split("/");
  const list = new BlockList();
  list.addSubnet(address, Number(prefix), isIPv6(address) ? "ipv6" : "ipv4");
  return list.check(ip, isIPv6(ip) ? "ipv6" : "ipv4");
}
