/** From what was seen to what it means and what to do. No page, no connection: results in, words out. */
import { isPrivate } from "./ice.js";

/** @typedef {import("./ice.js").Transport} Transport */
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
 * @typedef {{
 *   host: string,
 *   ownServer: boolean,
 *   signaling?: { openMs: number, joinMs: number } | { failure: string },
 *   udp: Path,
 *   tcp: Path,
 * }} Results `host` is where this page came from; `ownServer` whether its own relay was tested.
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
    ...pathFindings("udp", results.udp, results),
    ...pathFindings("tcp", results.tcp, results),
    ...relayAddressFindings(results),
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
function offerFindings({ udp, tcp }) {
  if (udp.urls.length + tcp.urls.length > 0) return [];
  return [{
    code: "no-relay-offered",
    level: "bad",
    what: "The server names no STUN or TURN server.",
    todo: "Set HEARTH_PUBLIC_HOST to the name or address that players reach this server by.",
  }];
}

/**
 * @param {Transport} transport
 * @param {Path} path
 * @param {Results} results
 * @returns {Finding[]}
 */
function pathFindings(transport, path, results) {
  if (path.urls.length === 0) return [];
  const name = transport.toUpperCase();
  if (hasRelay(path)) return channelFindings(transport, path);
  const wantsRelay = path.urls.some((url) => /^turns?:/i.test(url));
  if (!wantsRelay && path.candidates.some(({ type }) => type === "srflx")) return [];
  const answered = path.errors.find(({ code }) => code >= 300 && code < 600);
  if (answered) return [refusal(transport, answered)];
  if (path.errors.some(({ text }) => /lookup/i.test(text))) {
    return [{
      code: `${transport}-no-name`,
      level: "bad",
      what: `The name in ${path.urls.join(", ")} could not be found.`,
      todo: "Check the spelling and the DNS entry.",
    }];
  }
  const other = hasRelay(results[transport === "udp" ? "tcp" : "udp"]);
  const port = path.urls[0]?.match(/:(\d+)(?:\?|$)/)?.[1] ?? "3478";
  return [{
    code: `${transport}-no-answer`,
    level: "bad",
    what: `Nothing answers over ${name}: ${path.urls.join(", ")} was asked in vain` +
      (other ? `, though the server answers over ${transport === "udp" ? "TCP" : "UDP"}.` : "."),
    todo: `Forward ${name} port ${port} on the router to this server and let it through the ` +
      `server's firewall; check that the server is running. Or the network you are on blocks ` +
      `${name}: try from another, such as a phone's.` +
      (other && transport === "udp"
        ? " Until then players connect over TCP, which is slower."
        : "") +
      (other && transport === "tcp"
        ? " Until then players whose network blocks UDP stay out."
        : ""),
  }];
}

/**
 * The server answered and said no (RFC 8656 §18, RFC 8489 §14.8).
 *
 * @param {Transport} transport
 * @param {IceError} error
 * @returns {Finding}
 */
function refusal(transport, { url, code, text }) {
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
    code: `${transport}-refused-${code}`,
    level: "bad",
    what: `${url} refuses with ${code}${text ? ` (${text})` : ""}.`,
    todo,
  };
}

/**
 * @param {Transport} transport
 * @param {Path} path
 * @returns {Finding[]}
 */
function channelFindings(transport, { channel }) {
  const name = transport.toUpperCase();
  if (!channel) return [];
  if ("failure" in channel) {
    return [{
      code: `${transport}-no-data`,
      level: "bad",
      what: `The relay gives out addresses over ${name} but carries no data: ${channel.failure}`,
      todo: "Two allocations of one server could not reach one another. On Hearth see " +
        "HEARTH_PEER_DENY; on another server allow its own address as a peer and open its relay ports.",
    }];
  }
  if (channel.lost === 0) return [];
  return [{
    code: `${transport}-loss`,
    level: "note",
    what: `${channel.lost} of ${channel.sent} messages were lost over ${name}.`,
    todo: "A few are usual on Wi-Fi. If it stays so on a cable, look at the server's upstream.",
  }];
}

/**
 * @param {Results} results
 * @returns {Finding[]}
 */
function relayAddressFindings({ host, ownServer, udp, tcp }) {
  const relays = [...udp.candidates, ...tcp.candidates].filter(isRelay);
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
