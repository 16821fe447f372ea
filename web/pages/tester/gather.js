// @ts-check
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="esnext" />

/** @typedef {import("./diagnosis.js").Candidate} Candidate */

/** Beyond this nobody waits: a TURN server that never answers keeps gathering open for 40 s. */
export const GATHER_CAP_MS = 12_000;

/**
 * Gathers candidates and tells of each as it comes. `relay` settles at the first relay candidate, or
 * without one when nothing more is to be expected; `ended` when gathering completes or the cap is
 * reached.
 *
 * @param {RTCIceServer[]} iceServers
 * @param {RTCIceTransportPolicy} iceTransportPolicy
 * @param {{
 *   onCandidate: (candidate: Candidate) => void,
 *   onError: (error: RTCPeerConnectionIceErrorEvent) => void,
 * }} tell
 * @returns {{ relay: Promise<Candidate | undefined>, ended: Promise<"complete" | "cap"> }}
 */
export function gather(iceServers, iceTransportPolicy, { onCandidate, onError }) {
  const started = performance.now();
  const pc = new RTCPeerConnection({ iceServers, iceTransportPolicy });
  /** @type {PromiseWithResolvers<Candidate | undefined>} */
  const relay = Promise.withResolvers();
  /** @type {PromiseWithResolvers<"complete" | "cap">} */
  const ended = Promise.withResolvers();
  /** @param {"complete" | "cap"} how */
  const end = (how) => {
    clearTimeout(timer);
    pc.onicecandidate = pc.onicecandidateerror = null;
    pc.close();
    relay.resolve(undefined);
    ended.resolve(how);
  };
  const timer = setTimeout(() => end("cap"), GATHER_CAP_MS);
  pc.onicecandidateerror = onError;
  pc.onicecandidate = ({ candidate }) => {
    if (!candidate) return end("complete");
    if (candidate.candidate === "") return;
    const seen = readCandidate(candidate, performance.now() - started);
    onCandidate(seen);
    if (seen.type === "relay") relay.resolve(seen);
  };
  pc.createDataChannel("gather");
  pc.setLocalDescription();
  return { relay: relay.promise, ended: ended.promise };
}

/**
 * @param {RTCIceCandidate & { relayProtocol?: string | null }} candidate
 * @param {number} ms since gathering began
 * @returns {Candidate}
 */
function readCandidate(candidate, ms) {
  const { type, protocol, relayProtocol = null, address, port, priority } = candidate;
  return { type, protocol, relayProtocol, address, port, priority, ms };
}
