/** This page connected with itself, through the relay both ways. */
const OPEN_CAP_MS = 10_000;

/**
 * @typedef {{ near: RTCDataChannel, far: RTCDataChannel, close: () => void }} Relayed
 *   what `near` sends comes out of `far`; neither repeats what is lost
 */

/**
 * @param {RTCIceServer[]} iceServers
 * @param {AbortSignal} signal
 * @returns {Promise<Relayed>} rejects where no channel opens, or the signal fires
 */
export async function connectRelayed(iceServers, signal) {
  /** @type {RTCConfiguration} */
  const relayed = { iceServers, iceTransportPolicy: "relay" };
  const one = new RTCPeerConnection(relayed);
  const other = new RTCPeerConnection(relayed);
  const close = () => {
    for (const pc of [one, other]) {
      pc.onicecandidate = null;
      pc.close();
    }
  };
  try {
    trickle(one, other);
    trickle(other, one);
    const channel = one.createDataChannel("relayed", { ordered: false, maxRetransmits: 0 });
    const opening = bothOpen(channel, other, signal);
    // Whatever goes wrong first is what is told.
    opening.catch(() => {});
    await negotiate(one, other);
    return { near: channel, far: await opening, close };
  } catch (error) {
    close();
    throw error;
  }
}

/**
 * Offer and answer, between two connections of this page.
 *
 * @param {RTCPeerConnection} one
 * @param {RTCPeerConnection} other
 */
export async function negotiate(one, other) {
  await one.setLocalDescription();
  await other.setRemoteDescription(/** @type {RTCSessionDescription} */ (one.localDescription));
  await other.setLocalDescription();
  await one.setRemoteDescription(/** @type {RTCSessionDescription} */ (other.localDescription));
}

/**
 * @param {RTCPeerConnection} from
 * @param {RTCPeerConnection} to
 */
function trickle(from, to) {
  from.onicecandidate = ({ candidate }) => {
    if (candidate) to.addIceCandidate(candidate);
  };
}

/**
 * @param {RTCDataChannel} near
 * @param {RTCPeerConnection} other
 * @param {AbortSignal} signal
 * @returns {Promise<RTCDataChannel>} the far end
 */
function bothOpen(near, other, signal) {
  return new Promise((resolve, reject) => {
    /** @type {RTCDataChannel | undefined} */
    let far;
    const cap = setTimeout(
      () => reject(new Error(`No data passed in ${OPEN_CAP_MS / 1000} s.`)),
      OPEN_CAP_MS,
    );
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    const look = () => {
      if (near.readyState !== "open" || far?.readyState !== "open") return;
      clearTimeout(cap);
      resolve(far);
    };
    near.onopen = look;
    other.ondatachannel = ({ channel }) => {
      far = channel;
      far.onopen = look;
      look();
    };
  });
}
