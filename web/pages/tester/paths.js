/** Each part of a test, shown as it goes and kept in the results. */
import { find } from "../dom.js";
import { hasRelay, notOffered } from "./diagnosis.js";
import { gather, GATHER_CAP_MS } from "./gather.js";
import { nameOf, stunOnly } from "./ice.js";
import { measureLoopback } from "./loopback.js";
import { isOutside, natWords } from "./nat.js";
import { reachRelayPort } from "./relay_port.js";
import { channelText } from "./report.js";
import { clearPath, showCandidate, showChannel, showError, showNat, showVerdict } from "./view.js";

/** @typedef {import("./ice.js").Way} Way */
/** @typedef {import("./ice.js").IceServer} IceServer */
/** @typedef {import("./diagnosis.js").Path} Path */
/** @typedef {import("./diagnosis.js").Results} Results */

/**
 * Looks for a relay one way, and sends data through it.
 *
 * @param {Way} way
 * @param {IceServer[]} servers
 * @param {Results} results
 * @param {AbortSignal} signal
 */
export async function testPath(way, servers, results, signal) {
  const section = `#${way}`;
  const path = results[way];
  clearPath(way);
  if (servers.length === 0) return showVerdict(section, "off", notOffered(way, results));
  const cap = `at most ${GATHER_CAP_MS / 1000} s`;
  showVerdict(section, "waiting", `Waiting for an answer from ${path.urls.join(", ")} (${cap})…`);
  const gathering = gather(servers, way === "udp" || way === "ipv6" ? "all" : "relay", {
    onCandidate(candidate) {
      path.candidates.push(candidate);
      showCandidate(way, candidate);
    },
    onError(error) {
      path.errors.push(error);
      showError(way, error);
    },
  }, signal);
  if (await gathering.relay) {
    showVerdict(section, "ok", "The relay answered.");
    await testChannel(way, servers, path, signal);
    gathering.stop();
  }
  path.ended = await gathering.ended;
  if (hasRelay(path)) return;
  const reached = path.urls.every((url) => /^stuns?:/i.test(url)) &&
    path.candidates.some(({ type }) => type === "srflx");
  if (reached) return showVerdict(section, "ok", "STUN answered.");
  const why = path.ended === "stopped" ? "nobody answered in time" : "nothing more to wait for";
  showVerdict(section, "failed", `No relay: ${why}.`);
}

/**
 * @param {Way} way
 * @param {IceServer[]} servers
 * @param {Path} path
 * @param {AbortSignal} signal
 */
async function testChannel(way, servers, path, signal) {
  showChannel(way, "waiting", `Sending data through it over ${nameOf(way)}…`);
  path.channel = await measureLoopback(servers, signal).catch((error) => ({
    failure: wordsOf(error),
  }));
  showChannel(way, "failure" in path.channel ? "failed" : "ok", channelText(path.channel));
  if ("failure" in path.channel) return;
  const { dataset } = find(`#${way} .channel`);
  dataset.rttMs = `${path.channel.rttMs}`;
  dataset.sent = `${path.channel.sent}`;
  dataset.lost = `${path.channel.lost}`;
}

/**
 * Looks at the NAT with a second connection and, from outside, by a relay port; after UDP, whose
 * candidates are the first connection.
 *
 * @param {IceServer[]} servers those over UDP
 * @param {Results} results
 * @param {AbortSignal} signal
 */
export async function testNat(servers, results, signal) {
  const stun = stunOnly(servers);
  if (stun.length > 0) {
    showVerdict("#nat", "waiting", "Looking…");
    /** @type {import("./diagnosis.js").Candidate[]} */
    const second = [];
    const gathering = gather(stun, "all", {
      onCandidate: (candidate) => second.push(candidate),
      onError() {},
    }, signal);
    await gathering.ended;
    const connections = [results.udp.candidates, second];
    results.nat = hasRelay(results.udp) && isOutside(results.udp.candidates)
      ? { connections, relayPort: await reachRelayPort(stun, servers, signal) }
      : { connections };
  }
  showVerdict("#nat", stun.length > 0 ? "ok" : "off", "");
  showNat(natWords(results.nat));
}

/** @param {unknown} error */
export const wordsOf = (error) => error instanceof Error ? error.message : String(error);
