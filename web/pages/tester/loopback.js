const OPEN_CAP_MS = 10_000;
const MESSAGES = 40;
const EVERY_MS = 25;
/** How long after the last message an echo still counts. */
const PATIENCE_MS = 1_000;

/**
 * Connects this page with itself, through the relay both ways, and sends messages to and fro over a
 * channel that does not repeat what is lost.
 *
 * @param {RTCIceServer[]} iceServers
 * @returns {Promise<{ rttMs: number, sent: number, lost: number }>} the median round trip of two
 *   passes through the relay; rejects where no channel opens
 */
export async function measureLoopback(iceServers) {
  /** @type {RTCConfiguration} */
  const relayed = { iceServers, iceTransportPolicy: "relay" };
  const near = new RTCPeerConnection(relayed);
  const far = new RTCPeerConnection(relayed);
  try {
    trickle(near, far);
    trickle(far, near);
    const channel = near.createDataChannel("loopback", { ordered: false, maxRetransmits: 0 });
    far.ondatachannel = (event) => {
      event.channel.onmessage = ({ data }) => event.channel.send(data);
    };
    await near.setLocalDescription();
    await far.setRemoteDescription(/** @type {RTCSessionDescription} */ (near.localDescription));
    await far.setLocalDescription();
    await near.setRemoteDescription(/** @type {RTCSessionDescription} */ (far.localDescription));
    await opened(channel);
    return await ping(channel);
  } finally {
    for (const pc of [near, far]) {
      pc.onicecandidate = null;
      pc.close();
    }
  }
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

/** @param {RTCDataChannel} channel */
function opened(channel) {
  return new Promise((resolve, reject) => {
    channel.onopen = resolve;
    const failure = new Error(`No data passed in ${OPEN_CAP_MS / 1000} s.`);
    setTimeout(() => reject(failure), OPEN_CAP_MS);
  });
}

/**
 * @param {RTCDataChannel} channel
 * @returns {Promise<{ rttMs: number, sent: number, lost: number }>}
 */
function ping(channel) {
  /** @type {number[]} */
  const sentAt = [];
  /** @type {Map<number, number>} */
  const roundTrips = new Map();
  return new Promise((resolve, reject) => {
    const finish = () => {
      if (roundTrips.size === 0) return reject(new Error("No message came back."));
      const sorted = [...roundTrips.values()].sort((a, b) => a - b);
      const rttMs = sorted[sorted.length >> 1] ?? NaN;
      resolve({ rttMs, sent: MESSAGES, lost: MESSAGES - roundTrips.size });
    };
    channel.onmessage = ({ data }) => {
      const index = Number(data);
      roundTrips.set(index, performance.now() - (sentAt[index] ?? NaN));
      if (roundTrips.size === MESSAGES) finish();
    };
    channel.onclose = () => {
      clearInterval(timer);
      reject(new Error("The connection ended while data was under way."));
    };
    const timer = setInterval(() => {
      channel.send(`${sentAt.push(performance.now()) - 1}`);
      if (sentAt.length < MESSAGES) return;
      clearInterval(timer);
      setTimeout(finish, PATIENCE_MS);
    }, EVERY_MS);
  });
}
