/** A relay port of the server, which sees our NAT from another place than its STUN port does. */
import { negotiate } from "./relayed.js";

/** @typedef {import("./nat.js").Nat} Nat */

const REACH_CAP_MS = 5_000;

/**
 * Sends to a relay port without a relay of one's own, and asks who was seen there.
 *
 * @param {RTCIceServer[]} stun
 * @param {RTCIceServer[]} turn
 * @param {AbortSignal} signal
 * @returns {Promise<NonNullable<Nat["relayPort"]>>}
 */
export async function reachRelayPort(stun, turn, signal) {
  const near = new RTCPeerConnection({ iceServers: stun });
  const far = new RTCPeerConnection({ iceServers: turn, iceTransportPolicy: "relay" });
  /** @type {number[]} */
  const known = [];
  try {
    near.onicecandidate = ({ candidate }) => {
      if (candidate?.type !== "srflx") return;
      known.push(candidate.port ?? 0);
      far.addIceCandidate(candidate);
    };
    far.onicecandidate = ({ candidate }) => {
      if (candidate) near.addIceCandidate(candidate);
    };
    near.createDataChannel("reach");
    const connecting = connected(far, signal);
    await negotiate(near, far);
    if (!await connecting) return "not-reached";
    const seen = await remotePort(far);
    return seen === undefined ? "not-reached" : { seen, known };
  } finally {
    for (const pc of [near, far]) {
      pc.onicecandidate = pc.onconnectionstatechange = null;
      pc.close();
    }
  }
}

/**
 * @param {RTCPeerConnection} pc
 * @param {AbortSignal} signal
 * @returns {Promise<boolean>}
 */
function connected(pc, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), REACH_CAP_MS);
    signal.addEventListener("abort", () => resolve(false), { once: true });
    pc.onconnectionstatechange = () => {
      if (pc.connectionState !== "connected" && pc.connectionState !== "failed") return;
      clearTimeout(timer);
      resolve(pc.connectionState === "connected");
    };
  });
}

/**
 * Where the packets of the pair in use come from. Its address is hidden, its port is not.
 *
 * @param {RTCPeerConnection} pc
 * @returns {Promise<number | undefined>}
 */
async function remotePort(pc) {
  const stats = await pc.getStats();
  for (const report of stats.values()) {
    if (report.type !== "candidate-pair" || report.state !== "succeeded") continue;
    return stats.get(report.remoteCandidateId)?.port;
  }
  return undefined;
}
