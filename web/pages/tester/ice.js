/** What can be said about ICE servers and candidates without a connection. */

/** @typedef {"udp" | "tcp"} Transport */
/** @typedef {{ urls: string | string[], username?: string, credential?: string }} IceServer */

/**
 * The servers' addresses that are reached over one transport.
 *
 * @param {readonly IceServer[]} servers
 * @param {Transport} transport
 * @returns {IceServer[]}
 */
export function over(transport, servers) {
  return servers
    .map((server) => ({
      ...server,
      urls: [server.urls].flat().filter((url) => transportOf(url) === transport),
    }))
    .filter(({ urls }) => urls.length > 0);
}

/**
 * RFC 7065 §3.1: UDP where a `turn:` address names no transport; `turns:` and `stuns:` are TCP then.
 *
 * @param {string} url
 * @returns {Transport}
 */
function transportOf(url) {
  const named = url.match(/[?&]transport=(udp|tcp)\b/i)?.[1]?.toLowerCase();
  return named === "tcp" || (named === undefined && /^(turns|stuns):/i.test(url)) ? "tcp" : "udp";
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
