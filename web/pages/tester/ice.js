/** What can be said about ICE servers and candidates without a connection. */

/** @typedef {"udp" | "tcp" | "tls" | "ipv6"} Way */
/** @typedef {{ urls: string | string[], username?: string, credential?: string }} IceServer */

/** The ways from a browser to a relay, as people call them. @type {readonly { way: Way, name: string }[]} */
export const WAYS = [
  { way: "udp", name: "UDP" },
  { way: "tcp", name: "TCP" },
  { way: "tls", name: "TLS" },
  { way: "ipv6", name: "IPv6" },
];

/** @param {Way} wanted */
export const nameOf = (wanted) => WAYS.find(({ way }) => way === wanted)?.name ?? wanted;

/**
 * The servers' addresses that are reached one way. By name a browser takes whichever family it
 * likes, so IPv6 is asked by address.
 *
 * @param {Way} way
 * @param {readonly IceServer[]} servers
 * @param {string} [ipv6] the servers' address there
 * @returns {IceServer[]}
 */
export function over(way, servers, ipv6) {
  if (way === "ipv6") return ipv6 === undefined ? [] : over("udp", servers).map(movedTo(ipv6));
  return keep(servers, (url) => wayOf(url) === way);
}

/**
 * Those that only tell an address, and relay nothing.
 *
 * @param {readonly IceServer[]} servers
 */
export function stunOnly(servers) {
  return keep(servers, (url) => /^stun:/i.test(url));
}

/**
 * @param {readonly IceServer[]} servers
 * @param {(url: string) => boolean} fits
 * @returns {(IceServer & { urls: string[] })[]}
 */
function keep(servers, fits) {
  return servers
    .map((server) => ({ ...server, urls: [server.urls].flat().filter(fits) }))
    .filter(({ urls }) => urls.length > 0);
}

/** @param {string} ipv6 @returns {(server: IceServer) => IceServer} */
function movedTo(ipv6) {
  return (server) => ({
    ...server,
    urls: [server.urls].flat().map((url) =>
      url.replace(/^(\w+:)(\[[^\]]*\]|[^:?]*)/, (_, scheme) => `${scheme}[${ipv6}]`)
    ),
  });
}

/**
 * RFC 7065 §3.1: UDP where a `turn:` address names no transport. `turns:` and `stuns:` are TLS over
 * TCP; over UDP they would be DTLS, which no browser speaks.
 *
 * @param {string} url
 * @returns {Way}
 */
function wayOf(url) {
  if (/^(turns|stuns):/i.test(url)) return "tls";
  return /[?&]transport=tcp\b/i.test(url) ? "tcp" : "udp";
}

/**
 * What a person typed, as servers to test: an address without a transport is tried over both.
 *
 * @param {string} typed
 * @param {string} username
 * @param {string} credential
 * @returns {IceServer[]}
 */
export function typedServers(typed, username, credential) {
  const url = /^(turns?|stuns?):/i.test(typed) ? typed : `turn:${typed}`;
  if (/^stuns?:/i.test(url)) return [{ urls: [url] }];
  const urls = /[?&]transport=/i.test(url) || /^turns:/i.test(url)
    ? [url]
    : [`${url}?transport=udp`, `${url}?transport=tcp`];
  return [{ urls, username, credential }];
}

/**
 * The parts of a candidate's priority (RFC 8445 §5.1.2.1).
 *
 * @param {number} priority
 */
export function splitPriority(priority) {
  return {
    type: priority >>> 24,
    local: (priority >>> 8) & 0xffff,
    component: 256 - (priority & 0xff),
  };
}

/** Networks that the internet cannot reach: RFC 1122, 1918, 3927, 6598; RFC 4193, 4291. */
const PRIVATE = [
  /^(0|10|127)\./,
  /^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./,
  /^169\.254\./,
  /^172\.(1[6-9]|2\d|3[01])\./,
  /^192\.168\./,
  /^::1?$/,
  /^f[cd][0-9a-f]{2}:/i,
  /^fe[89ab][0-9a-f]:/i,
];

/**
 * Whether an address means something on its own network only.
 *
 * @param {string} host
 */
export function isPrivate(host) {
  const bare = host.replace(/^\[|\]$/g, "");
  return bare === "localhost" || PRIVATE.some((pattern) => pattern.test(bare));
}
