/** As much data as the relay lets through, for some seconds, and how much of it was lost. */
import { connectRelayed } from "./relayed.js";

/** @typedef {{ seconds: number, bitsPerSecond: number, loss: number }} FlowSample `loss` is a share. */
/** @typedef {{ seconds: number, bytes: number, sent: number, lost: number }} Flow */

/** One datagram with the headers of SCTP, DTLS and TURN around it, on any path. */
const MESSAGE_BYTES = 1_100;
/** What may wait in the browser: enough for a pause of its thread, and soon sent. */
const WAITING_BYTES = 256 * 1_024;
const SAMPLE_MS = 200;
/** How long after the last message one may still arrive, and how long a silence is no end. */
const PATIENCE_MS = 2_000;

/**
 * The browser's own congestion control sets the pace: it is fed while little waits to be sent.
 *
 * @param {RTCIceServer[]} iceServers
 * @param {number} seconds
 * @param {(sample: FlowSample) => void} onSample each 200 ms
 * @param {{ signal: AbortSignal, stop: AbortSignal }} ends `signal` makes it fail, `stop` ends it
 *   early, with what was seen
 * @returns {Promise<Flow>} rejects where no channel opens, or nothing comes through any more
 */
export async function measureFlow(iceServers, seconds, onSample, { signal, stop }) {
  const { near, far, close } = await connectRelayed(iceServers, signal);
  try {
    return await flow(near, far, { seconds, onSample, signal, stop });
  } finally {
    close();
  }
}

/**
 * @param {RTCDataChannel} near
 * @param {RTCDataChannel} far
 * @param {{ seconds: number, onSample: (sample: FlowSample) => void, signal: AbortSignal,
 *   stop: AbortSignal }} how
 * @returns {Promise<Flow>}
 */
function flow(near, far, { seconds, onSample, signal, stop }) {
  const began = performance.now();
  const message = new DataView(new ArrayBuffer(MESSAGE_BYTES));
  let sent = 0;
  let received = 0;
  let heardAt = began;
  /** One past the highest number that came. */
  let reached = 0;
  let before = { at: began, received, reached };
  /** @type {number | undefined} when the last was sent */
  let endedAt;

  const feed = () => {
    while (endedAt === undefined && near.bufferedAmount < WAITING_BYTES) {
      message.setUint32(0, sent++);
      near.send(message);
    }
  };
  /** @param {number} now */
  const sample = (now) => {
    const came = received - before.received;
    const due = reached - before.reached;
    onSample({
      seconds: (now - began) / 1_000,
      bitsPerSecond: came * MESSAGE_BYTES * 8_000 / (now - before.at),
      // Out of order, what is late for one sample is too much in the next.
      loss: due > 0 ? Math.max(0, 1 - came / due) : 0,
    });
    before = { at: now, received, reached };
  };

  return new Promise((resolve, reject) => {
    /** @param {() => void} settle */
    const end = (settle) => {
      clearInterval(timer);
      near.onbufferedamountlow = near.onclose = far.onmessage = null;
      settle();
    };
    /** @param {Error} why */
    const fail = (why) => end(() => reject(why));
    const tick = () => {
      const now = performance.now();
      if (endedAt === undefined) sample(now);
      if (endedAt === undefined && (now - began >= seconds * 1_000 || stop.aborted)) endedAt = now;
      const isThrough = endedAt !== undefined &&
        (received === sent || now - heardAt >= PATIENCE_MS);
      if (isThrough && received > 0) {
        const lasted = (Number(endedAt) - began) / 1_000;
        const lost = sent - received;
        return end(() => resolve({ seconds: lasted, bytes: received * MESSAGE_BYTES, sent, lost }));
      }
      if (now - heardAt >= PATIENCE_MS) {
        fail(new Error(`Nothing has come through for ${PATIENCE_MS / 1_000} s.`));
      }
    };
    const timer = setInterval(tick, SAMPLE_MS);
    signal.addEventListener("abort", () => fail(signal.reason), { once: true });
    near.onclose = () => fail(new Error("The connection ended while data was under way."));
    far.binaryType = "arraybuffer";
    far.onmessage = ({ data }) => {
      received++;
      heardAt = performance.now();
      reached = Math.max(reached, new DataView(data).getUint32(0) + 1);
    };
    near.bufferedAmountLowThreshold = WAITING_BYTES / 2;
    near.onbufferedamountlow = feed;
    feed();
  });
}
