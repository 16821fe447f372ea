/** The result as text to send to somebody who helps. Never holds a user name, password or token. */
import { notOffered } from "./diagnosis.js";
import { nameOf, WAYS } from "./ice.js";
import { natWords } from "./nat.js";

/** @typedef {import("./diagnosis.js").Results} Results */
/** @typedef {import("./diagnosis.js").Finding} Finding */
/** @typedef {import("./diagnosis.js").Path} Path */

/**
 * @param {Results} results
 * @param {readonly Finding[]} findings
 * @param {string} browser
 */
export function report(results, findings, browser) {
  return [
    `Hearth tester at ${results.host}`,
    browser,
    "",
    ...findings.map(({ level, what, todo }) => `[${level}] ${what} ${todo}`.trim()),
    "",
    signalingLine(results.signaling),
    ...WAYS.flatMap(({ way, name }) => pathLines(name, results[way], notOffered(way, results))),
    "NAT:",
    ...natWords(results.nat).map((words) => `  ${words}`),
    ...(results.flow ? [`Throughput: ${flowText(results.flow)}`] : []),
  ].join("\n");
}

/** @param {Results["signaling"]} signaling */
function signalingLine(signaling) {
  if (!signaling) return "WebSocket: not tested";
  return "failure" in signaling
    ? `WebSocket: ${signaling.failure}`
    : `WebSocket: open after ${signaling.openMs} ms, in a room after ${signaling.joinMs} ms`;
}

/**
 * @param {string} name
 * @param {Path} path
 * @param {string} whyNot
 */
function pathLines(name, { urls, candidates, errors, ended, channel }, whyNot) {
  if (urls.length === 0) return [`${name}: ${whyNot}`];
  return [
    `${name}: ${urls.join(", ")} (gathering ${ended})`,
    ...candidates.map((c) =>
      `  ${
        Math.round(c.ms)
      } ms ${c.type} ${c.protocol} ${c.address}:${c.port} priority ${c.priority}`
    ),
    ...errors.map(({ url, code, text }) => `  error ${code} ${url} ${text}`),
    ...(channel ? [`  loopback: ${channelText(channel)}`] : []),
  ];
}

/** @param {NonNullable<Path["channel"]>} channel */
export function channelText(channel) {
  return "failure" in channel
    ? channel.failure
    : `round trip ${channel.rttMs.toFixed(1)} ms (median), ${channel.lost} of ${channel.sent} lost`;
}

/** @param {number} bitsPerSecond */
export const rateText = (bitsPerSecond) => `${(bitsPerSecond / 1e6).toFixed(1)} Mbit/s`;

/** @param {NonNullable<Results["flow"]>} flow */
export function flowText(flow) {
  if ("failure" in flow) return flow.failure;
  const { over, seconds, bytes, sent, lost } = flow;
  const share = (100 * lost / Math.max(sent, 1)).toFixed(2);
  return `${rateText(bytes * 8 / Math.max(seconds, 0.001))} through the relay over ${
    nameOf(over)
  } ` +
    `for ${seconds.toFixed(1)} s; ${share} % lost (${lost} of ${sent} messages)`;
}
