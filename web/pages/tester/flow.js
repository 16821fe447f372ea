/** As much data as the relay lets through, for some seconds, and how much of it was lost. */
import { connectRelayed } from "./relayed.js";

/** @typedef {{ seconds: number, bitsPerSecond: number, loss: number }} FlowSample `loss` is a share. */
/** @typedef {{ seconds: number, bytes: number, sent: number, lost: number }} Flow */

/** One datagram with the headers of SCTP, DTLS and TURN around it, on any path. */
const MESSAGE_BYTES = 1_100;
/** What may wait in the browser: enough for a pause of its thread, and soon sent. */
const WAITING_BYTES = 128 * 1_024;
const SAMPLE_MS = 200;
/**
 * How long a silence is no end while data is sent: a sender whose whole window was lost waits
 * twice as long after each attempt (RFC 9260 §6.3.3), and a relay of a busy machine may pause.
 */
const PATIENCE_MS = 10_000;
/** What still waits at the end may take this long to arrive… */
const DRAIN_MS = 5_000;
/** …and is lost where nothing more has come for so long. */
const QUIET_MS = 2_000;

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

/** @param {number} silentMs */
function nothingCame(silentMs) {
  return new Error(`Nothing has come through for ${Math.round(silentMs / 1_000)} s.`);
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
  /** When the feeding ended, and what had come by then. @type {{ at: number, received: number } | undefined} */
  let fed;

  const feed = () => {
    while (!fed && near.bufferedAmount < WAITING_BYTES) {
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
      const silentMs = now - heardAt;
      if (!fed) {
        sample(now);
        if (silentMs >= PATIENCE_MS) return fail(nothingCame(silentMs));
        if (now - began >= seconds * 1_000 || stop.aborted) fed = { at: now, received };
      }
      if (!fed) return;
      const drainedMs = now - fed.at;
      const isQuiet = received > 0 && silentMs >= QUIET_MS;
      if (!(received === sent || isQuiet || drainedMs >= DRAIN_MS)) return;
      if (received === 0) return fail(nothingCame(silentMs));
      const bytes = fed.received * MESSAGE_BYTES;
      const lasted = (fed.at - began) / 1_000;
      // What never left the browser was not lost on the way.
      const left = sent - Math.ceil(near.bufferedAmount / MESSAGE_BYTES);
      const lost = Math.max(0, left - received);
      end(() => resolve({ seconds: lasted, bytes, sent: left, lost }));
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
