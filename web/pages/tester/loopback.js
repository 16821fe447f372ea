import { connectRelayed } from "./relayed.js";

const MESSAGES = 40;
const EVERY_MS = 25;
/** How long after the last message an echo still counts. */
const PATIENCE_MS = 1_000;

/**
 * Sends messages to and fro over a channel that passes the relay both ways.
 *
 * @param {RTCIceServer[]} iceServers
 * @param {AbortSignal} signal
 * @returns {Promise<{ rttMs: number, sent: number, lost: number }>} the median round trip of two
 *   passes through the relay; rejects where no channel opens
 */
export async function measureLoopback(iceServers, signal) {
  const { near, far, close } = await connectRelayed(iceServers, signal);
  try {
    far.onmessage = ({ data }) => far.send(data);
    return await ping(near, signal);
  } finally {
    close();
  }
}

/**
 * @param {RTCDataChannel} channel
 * @param {AbortSignal} signal
 * @returns {Promise<{ rttMs: number, sent: number, lost: number }>}
 */
function ping(channel, signal) {
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
    /** @param {Error} why */
    const fail = (why) => {
      clearInterval(timer);
      reject(why);
    };
    channel.onmessage = ({ data }) => {
      const index = Number(data);
      roundTrips.set(index, performance.now() - (sentAt[index] ?? NaN));
      if (roundTrips.size === MESSAGES) finish();
    };
    channel.onclose = () => fail(new Error("The connection ended while data was under way."));
    signal.addEventListener("abort", () => fail(signal.reason), { once: true });
    const timer = setInterval(() => {
      channel.send(`${sentAt.push(performance.now()) - 1}`);
      if (sentAt.length < MESSAGES) return;
      clearInterval(timer);
      setTimeout(finish, PATIENCE_MS);
    }, EVERY_MS);
  });
}
