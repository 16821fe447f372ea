import { BlockList, isIP } from "node:net";

/** Who sent a request. */
export interface Caller {
  /** The client's IP address: the connection's own, or what a trusted proxy says. */
  readonly remoteAddress: string;
  /** Whether the client speaks TLS, as a trusted proxy says; nobody else can know. */
  readonly secure: boolean;
}

/** Whether somebody speaks for another here: a proxy does, and whoever would be taken for one. */
export function isForwarded(headers: Headers): boolean {
  // `has` would make a list of all headers, which a WebSocket's request keeps as long as it is open.
  return headers.get("x-forwarded-for") !== null || headers.get("forwarded") !== null;
}

/** Tells the client from the connection's address and the request's headers. */
export type WhoCalls = (address: string, headers: Headers) => Caller;

/** More hops than any chain of proxies has: what comes before them is not looked at. */
const MOST_HOPS = 32;

/**
 * Believes `X-Forwarded-For`, `Forwarded` (RFC 7239) and `X-Forwarded-Proto` of proxies in these
 * ranges (CIDRs) and of nobody else. Each proxy writes down at the end of the list whom it heard, so
 * the client is the last one there that is no trusted proxy: what stands before it is what the
 * client wrote itself.
 */
export function trusting(ranges: readonly string[]): WhoCalls {
  const trusted = new BlockList();
  for (const range of ranges) {
    const [address = "", prefix] = range.split("/");
    trusted.addSubnet(address, Number(prefix), familyOf(address));
  }
  const trusts = (ip: string) => trusted.check(ip, familyOf(ip));
  return (address, headers) => {
    const peer = bare(address);
    if (isIP(peer) === 0 || !trusts(peer)) return { remoteAddress: address, secure: false };
    const [forwardedFor, forwarded] = [headers.get("x-forwarded-for"), headers.get("forwarded")];
    // Commas stand in no value that we look at.
    const elements = forwarded?.split(",");
    const said = [forwardedFor?.split(","), elements?.map((element) => parameter(element, "for"))]
      .filter((hops) => hops !== undefined).map((hops) => lastUntrusted(hops, peer, trusts));
    const protocol = headers.get("x-forwarded-proto")?.split(",").at(-1) ??
      parameter(elements?.at(-1) ?? "", "proto");
    return {
      // A proxy writes one of the two. Where they differ one is the client's, and who knows which.
      remoteAddress: new Set(said).size === 1 ? said[0] ?? peer : peer,
      secure: protocol.trim().toLowerCase() === "https",
    };
  };
}

function lastUntrusted(
  hops: readonly string[],
  peer: string,
  trusts: (ip: string) => boolean,
): string {
  let heard = peer;
  for (const hop of hops.slice(-MOST_HOPS).toReversed()) {
    const ip = addressIn(hop.trim());
    // `unknown`, a made-up name (RFC 7239 §6.3) or rubbish: it came through the hop before.
    if (ip === undefined) return heard;
    heard = ip;
    if (!trusts(ip)) return heard;
  }
  return heard;
}

/** `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:4711`. */
function addressIn(node: string): string | undefined {
  const [, inBrackets, v4, alone] =
    /^(?:\[([0-9a-f:.]+)\](?::\d{1,5})?|(\d+\.\d+\.\d+\.\d+)(?::\d{1,5})?|([0-9a-f:.]+))$/i
      .exec(node) ?? [];
  const ip = inBrackets ?? v4 ?? alone ?? "";
  return isIP(ip) === 0 ? undefined : bare(ip);
}

/** Without a zone; an IPv4 address as such where a dual-stack socket maps it (RFC 4291 §2.5.5.2). */
function bare(address: string): string {
  return address.replace(/%.*$/, "").replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, "");
}

/** A parameter's value, without its quotes; empty where it is missing or stands twice. */
function parameter(element: string, name: string): string {
  const values = element.split(";").map((pair) => pair.trim().split("="))
    .filter(([key]) => key?.toLowerCase() === name).map(([, value = ""]) => value);
  const [value = ""] = values.length === 1 ? values : [];
  return value.replace(/^"(.*)"$/, "$1");
}

function familyOf(ip: string): "ipv4" | "ipv6" {
  return isIP(ip) === 6 ? "ipv6" : "ipv4";
}
