/** @typedef {import("./diagnosis.js").Candidate} Candidate */
/** @typedef {import("./diagnosis.js").IceError} IceError */

/** Beyond this nobody waits: a TURN server that never answers keeps gathering open for 40 s. */
export const GATHER_CAP_MS = 12_000;

/**
 * Gathers candidates and tells of each as it comes. `relay` settles at the first relay candidate, or
 * without one when nothing more is to be expected; `ended` when gathering completes, or at the cap,
 * or at `stop`, or when the signal fires.
 *
 * @param {RTCIceServer[]} iceServers
 * @param {RTCIceTransportPolicy} iceTransportPolicy
 * @param {{
 *   onCandidate: (candidate: Candidate) => void,
 *   onError: (error: IceError) => void,
 * }} tell
 * @param {AbortSignal} signal
 * @returns {{
 *   relay: Promise<Candidate | undefined>,
 *   ended: Promise<"complete" | "stopped">,
 *   stop: () => void,
 * }}
 */
export function gather(iceServers, iceTransportPolicy, { onCandidate, onError }, signal) {
  const started = performance.now();
  const pc = new RTCPeerConnection({ iceServers, iceTransportPolicy });
  /** @type {PromiseWithResolvers<Candidate | undefined>} */
  const relay = Promise.withResolvers();
  /** @type {PromiseWithResolvers<"complete" | "stopped">} */
  const ended = Promise.withResolvers();
  /** @param {"complete" | "stopped"} how */
  const end = (how) => {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
    pc.onicecandidate = pc.onicecandidateerror = null;
    pc.close();
    relay.resolve(undefined);
    ended.resolve(how);
  };
  const stop = () => end("stopped");
  const timer = setTimeout(stop, GATHER_CAP_MS);
  signal.addEventListener("abort", stop);
  pc.onicecandidateerror = ({ url, errorCode, errorText }) =>
    onError({ url, code: errorCode, text: errorText });
  pc.onicecandidate = ({ candidate }) => {
    if (!candidate) return end("complete");
    if (candidate.candidate === "") return;
    const seen = readCandidate(candidate, performance.now() - started);
    onCandidate(seen);
    if (seen.type === "relay") relay.resolve(seen);
  };
  pc.createDataChannel("gather");
  pc.setLocalDescription();
  return { relay: relay.promise, ended: ended.promise, stop };
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
