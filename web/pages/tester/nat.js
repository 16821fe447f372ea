/** What a browser can tell of the NAT in front of it, and what it cannot: results in, words out. */
import { isPrivate } from "./ice.js";

/** @typedef {import("./diagnosis.js").Candidate} Candidate */
/**
 * `connections` are the UDP candidates of two connections; `relayPort` tells which port of ours a
 * relay port of the server saw, where our packets reached it directly, beside those that its STUN
 * port saw.
 *
 * @typedef {{
 *   connections: readonly (readonly Candidate[])[],
 *   relayPort?: { seen: number, known: readonly number[] } | "not-reached",
 * }} Nat
 */

/**
 * What one sees who stands outside (RFC 8445 §5.1.1.2).
 *
 * @param {Nat} nat
 */
export const mappingsOf = ({ connections }) =>
  connections.map((candidates) =>
    candidates.filter(({ type, protocol, address }) =>
      type === "srflx" && protocol === "udp" && address !== null && !address.includes(":")
    )
  );

/**
 * Whether it is worth asking a relay port: a NAT shows only from outside, and the relay refuses
 * private addresses.
 *
 * @param {readonly Candidate[]} candidates
 */
export const isOutside = (candidates) =>
  mappingsOf({ connections: [candidates] })[0]?.some(({ address }) => !isPrivate(address ?? "")) ??
    false;

const HIDDEN =
  "A browser cannot find out which packets your NAT lets in (its filtering), for how " +
  "long it keeps a mapping, or whether two devices behind it reach one another through it.";

/**
 * @param {Nat | undefined} nat
 * @returns {string[]} sentences
 */
export function natWords(nat) {
  if (!nat) return ["Not tested: no STUN server is offered over UDP."];
  const mappings = mappingsOf(nat);
  const first = mappings[0]?.[0];
  if (!first) {
    return ["Nothing is known of a NAT: STUN has not answered over UDP and IPv4.", HIDDEN];
  }
  const addresses = [...new Set(mappings.flat().map(({ address }) => `${address}`))];
  const seen = addresses.join(" and ");
  if (addresses.every(isPrivate)) {
    return [
      `The server sees you as ${seen}, a private address: you are on its own network, and your ` +
      "router's NAT does not show from there. Test from elsewhere, such as a phone with Wi-Fi off.",
      HIDDEN,
    ];
  }
  return [
    addresses.length === 1
      ? `The server sees you as ${seen}, in each of ${mappings.length} connections.`
      : `The server sees you as ${seen}: your provider's NAT gives each connection another of its ` +
        "addresses, which makes direct connections fail.",
    portWords(nat),
    mappingWords(nat.relayPort),
    HIDDEN,
  ];
}

/** @param {Nat} nat */
function portWords(nat) {
  const keeps = mappingsOf(nat).every((mapped, at) =>
    mapped.every(({ port }) =>
      nat.connections[at]?.some((own) =>
        own.type === "host" && own.protocol === "udp" && own.port === port
      )
    )
  );
  return keeps
    ? "Your ports are seen as they are: there is no NAT, or one that keeps port numbers, as routers " +
      "at home mostly do."
    : "A NAT gives your connections other ports than their own.";
}

/** @param {Nat["relayPort"]} relayPort */
function mappingWords(relayPort) {
  if (relayPort === undefined || relayPort === "not-reached") {
    return "Whether the mapping is the same towards everybody cannot be told: that takes a second " +
      "port of the server, and its relay ports cannot be reached directly from here.";
  }
  return relayPort.known.includes(relayPort.seen)
    ? "Two ports of the server see the same port of yours (endpoint-independent mapping, as far as " +
      "one server can tell): direct connections to most players can work."
    : "Two ports of the server see different ports of yours (a symmetric NAT): direct connections " +
      "to players behind such NATs fail, and the relay carries their data.";
}
