/** From what was seen to what it means and what to do. No page, no connection: results in, words out. */
import { isPrivate, nameOf, WAYS } from "./ice.js";

/** @typedef {import("./ice.js").Way} Way */
/** @typedef {{ type: string | null, protocol: string | null, relayProtocol: string | null,
 *   address: string | null, port: number | null, priority: number | null, ms: number }} Candidate */
/** @typedef {{ url: string, code: number, text: string }} IceError */
/**
 * One way to the relay. `channel` is what became of the loopback, where a relay was had.
 *
 * @typedef {{
 *   urls: string[],
 *   candidates: Candidate[],
 *   errors: IceError[],
 *   ended?: "complete" | "stopped",
 *   channel?: { rttMs: number, sent: number, lost: number } | { failure: string },
 * }} Path
 */
/**
 * `flow` is what came through the relay when as much as possible was sent, `over` one way.
 *
 * @typedef {{
 *   host: string,
 *   ownServer: boolean,
 *   signaling?: { openMs: number, joinMs: number } | { failure: string },
 *   nat?: import("./nat.js").Nat,
 *   flow?: { over: Way } & (import("./flow.js").Flow | { failure: string }),
 * } & Record<Way, Path>} Results `host` is where this page came from; `ownServer` whether its own
 *   relay was tested.
 */
/** @typedef {{ code: string, level: "good" | "note" | "bad", what: string, todo: string }} Finding */

/**
 * @param {Results} results
 * @returns {Finding[]} the worst first
 */
export function diagnose(results) {
  const findings = [
    ...signalingFindings(results),
    ...offerFindings(results),
    ...WAYS.flatMap(({ way }) => pathFindings(way, results)),
    ...relayAddressFindings(results),
    ...flowFindings(results),
  ];
  const bad = findings.filter(({ level }) => level === "bad");
  if (bad.length === 0) {
    findings.unshift({
      code: "all-well",
      level: "good",
      what: "Everything that was tested works from here.",
      todo: "",
    });
  }
  const rank = { bad: 0, good: 1, note: 2 };
  return findings.sort((a, b) => rank[a.level] - rank[b.level]);
}

/** @param {Candidate} candidate */
const isRelay = ({ type }) => type === "relay";

/** @param {Path} path */
export const hasRelay = ({ candidates }) => candidates.some(isRelay);

/**
 * Why a way is not tested, where it is not.
 *
 * @param {Way} way
 * @param {Pick<Results, "ownServer">} results
 */
export function notOffered(way, { ownServer }) {
  if (ownServer && way === "tls") {
    return "Not offered: this server has no certificate. With one, players whose network lets out " +
      "nothing but HTTPS connect too.";
  }
  if (ownServer && way === "ipv6") {
    return "Not offered: the relay of this server listens on no IPv6 address that players can " +
      "reach. HEARTH_TURN_HOST=0.0.0.0,:: makes it listen on those that the machine has.";
  }
  if (way === "ipv6") return "Not tested: give an IPv6 address, such as turn:[2001:db8::1]:3478.";
  return `Not offered: no server is named over ${nameOf(way)}.`;
}

/**
 * @param {Results} results
 * @returns {Finding[]}
 */
function signalingFindings({ signaling }) {
  if (!signaling || !("failure" in signaling)) return [];
  return [{
    code: "no-signaling",
    level: "bad",
    what: `No room could be entered: ${signaling.failure}`,
    todo:
      "If the server stands behind a reverse proxy, the proxy must pass WebSocket upgrades on " +
      "/ws. If the page's address is not the server's own, add it to HEARTH_ORIGINS.",
  }];
}

/**
 * @param {Results} results
 * @returns {Finding[]}
 */
function offerFindings(results) {
  if (WAYS.some(({ way }) => results[way].urls.length > 0)) return [];
  return [{
    code: "no-relay-offered",
    level: "bad",
    what: "The server names no STUN or TURN server.",
    todo: "Set HEARTH_PUBLIC_HOST to the name or address that players reach this server by.",
  }];
}

/**
 * @param {Way} way
 * @param {Results} results
 * @returns {Finding[]}
 */
function pathFindings(way, results) {
  const path = results[way];
  if (path.urls.length === 0) return [];
  if (hasRelay(path)) return channelFindings(way, path);
  const wantsRelay = path.urls.some((url) => /^turns?:/i.test(url));
  if (!wantsRelay && path.candidates.some(({ type }) => type === "srflx")) return [];
  const answered = path.errors.find(({ code }) => code >= 300 && code < 600);
  if (answered) return [refusal(way, answered)];
  if (path.errors.some(({ text }) => /lookup/i.test(text))) {
    return [{
      code: `${way}-no-name`,
      level: "bad",
      what: `The name in ${path.urls.join(", ")} could not be found.`,
      todo: "Check the spelling and the DNS entry.",
    }];
  }
  // IPv6 is no help to whoever has IPv4 alone.
  const working = WAYS
    .filter((other) => other.way !== way && other.way !== "ipv6" && hasRelay(results[other.way]))
    .map(({ name }) => name).join(" and ");
  return [{
    code: `${way}-no-answer`,
    // Whoever cannot use it has IPv4.
    level: way === "ipv6" ? "note" : "bad",
    what: `Nothing answers over ${nameOf(way)}: ${path.urls.join(", ")} was asked in vain` +
      (working ? `, though the server answers over ${working}.` : "."),
    todo: SILENCE[way](path.urls[0]?.match(/:(\d+)(?:\?|$)/)?.[1]) +
      (working ? ` Until then ${MEANWHILE[way](working)}` : ""),
  }];
}

/** What to do where nothing answers at a port. @type {Record<Way, (port?: string) => string>} */
const SILENCE = {
  udp: (port = "3478") => forward("UDP", port),
  tcp: (port = "3478") => forward("TCP", port),
  tls: (port = "5349") =>
    `${
      forward("TCP", port)
    } If the port is open, the certificate may be one that this browser does ` +
    "not trust: for a relay it cannot be waved through as for a page, so one of the server's own " +
    "making must be installed on the device.",
  ipv6: (port = "3478") =>
    "The network that you are on may have no IPv6, which is no fault and which a browser does not " +
    `tell. If it has, let UDP port ${port} through to the server's IPv6 address: routers keep it ` +
    "closed until a rule opens it, though nothing is forwarded.",
};

/** @param {string} transport @param {string} port */
const forward = (transport, port) =>
  `Forward ${transport} port ${port} on the router to this server and let it through the server's ` +
  `firewall; check that the server is running. Or the network you are on blocks ${transport}: try ` +
  "from another, such as a phone's.";

/** @type {Record<Way, (working: string) => string>} */
const MEANWHILE = {
  udp: () => "players connect over TCP, which is slower.",
  tcp: (working) =>
    working.includes("TLS")
      ? "players whose network blocks UDP connect over TLS."
      : "players whose network blocks UDP stay out.",
  tls: () => "players whose network lets out nothing but HTTPS stay out.",
  ipv6: () => "players connect over IPv4.",
};

/**
 * The server answered and said no (RFC 8656 §18, RFC 8489 §14.8).
 *
 * @param {Way} way
 * @param {IceError} error
 * @returns {Finding}
 */
function refusal(way, { url, code, text }) {
  const todo = new Map([
    [
      401,
      "If the user name and password are time-limited, check the server's clock, and that the one " +
      "who signed them has the same HEARTH_TURN_SECRET. Otherwise check both for typing errors.",
    ],
    [403, "The server's policy forbids it: see its log."],
    [437, "An old allocation stands in the way: run the test again."],
    [438, "The nonce grew old between two messages: check the server's clock."],
    [
      486,
      "Too many allocations are open: close other tabs and games, wait ten minutes, try again.",
    ],
    [508, "The server has no relay port left: widen HEARTH_RELAY_PORTS."],
  ]).get(code) ?? "See the server's log.";
  return {
    code: `${way}-refused-${code}`,
    level: "bad",
    what: `${url} refuses with ${code}${text ? ` (${text})` : ""}.`,
    todo,
  };
}

/**
 * @param {Way} way
 * @param {Path} path
 * @returns {Finding[]}
 */
function channelFindings(way, { channel }) {
  const name = nameOf(way);
  if (!channel) return [];
  if ("failure" in channel) {
    return [{
      code: `${way}-no-data`,
      level: "bad",
      what: `The relay gives out addresses over ${name} but carries no data: ${channel.failure}`,
      todo: "Two allocations of one server could not reach one another. On Hearth see " +
        "HEARTH_PEER_DENY; on another server allow its own address as a peer and open its relay ports.",
    }];
  }
  if (channel.lost === 0) return [];
  return [{
    code: `${way}-loss`,
    level: "note",
    what: `${channel.lost} of ${channel.sent} messages were lost over ${name}.`,
    todo: "A few are usual on Wi-Fi. If it stays so on a cable, look at the server's upstream.",
  }];
}

/**
 * @param {Results} results
 * @returns {Finding[]}
 */
function relayAddressFindings({ host, ownServer, ...results }) {
  const relays = WAYS.flatMap(({ way }) => results[way].candidates).filter(isRelay);
  const hidden = relays.find(({ address }) => address !== null && isPrivate(address));
  if (!hidden) return [];
  const outside = !isPrivate(host);
  return [{
    code: "private-relay",
    level: outside && !ownServer ? "bad" : "note",
    what: `The relay's address is ${hidden.address}, which means nothing outside its own network.`,
    todo:
      "Two players who both use this relay still meet. For all others set HEARTH_EXTERNAL_IP to " +
      "the public address of the server (what a page such as your router's status shows).",
  }];
}

/** More than a path of good quality loses when it is filled. */
const MUCH_LOSS = 0.02;

/**
 * @param {Results} results
 * @returns {Finding[]}
 */
function flowFindings({ flow }) {
  if (!flow) return [];
  if ("failure" in flow) {
    return [{
      code: "flow-broken",
      level: "bad",
      what: `The measurement over ${nameOf(flow.over)} broke off: ${flow.failure}`,
      todo: "If the server is running, the network lost its way to it: run the test again.",
    }];
  }
  const { sent, lost } = flow;
  if (lost <= sent * MUCH_LOSS) return [];
  return [{
    code: "flow-loss",
    level: "note",
    what: `${(100 * lost / sent).toFixed(1)} % was lost while as much as possible was sent over ` +
      `${nameOf(flow.over)}.`,
    todo: "A game sends far less. If games lose as much, look at the Wi-Fi and at the server's " +
      "upstream; the server also drops what is above HEARTH_TURN_BYTES_PER_SECOND.",
  }];
}
