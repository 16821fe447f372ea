/** The result as text to send to somebody who helps. Never holds a user name, password or token. */

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
    ...pathLines("UDP", results.udp),
    ...pathLines("TCP", results.tcp),
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
 */
function pathLines(name, { urls, candidates, errors, ended, channel }) {
  if (urls.length === 0) return [`${name}: not tested`];
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
