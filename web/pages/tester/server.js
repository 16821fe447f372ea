const TIMEOUT_MS = 8_000;

/** The server wants to know who asks. */
export class LoginNeeded extends Error {}

/** Nothing answers: it is down, or restarting, or cut off. */
export class NoAnswer extends Error {}

/**
 * Fresh ICE servers of this server.
 *
 * @param {string | undefined} token
 * @returns {Promise<{ iceServers: import("./ice.js").IceServer[], ipv6?: string }>} `ipv6` is its
 *   address there; rejects with `LoginNeeded` or `NoAnswer` among others
 */
export async function freshIceServers(token) {
  const answer = await fetch("/api/ice", {
    headers: token ? { authorization: `Bearer ${token}` } : {},
    cache: "no-store",
  }).catch(() => {
    throw new NoAnswer("The server does not answer.");
  });
  if (answer.status === 401) throw new LoginNeeded();
  return await bodyOf(answer);
}

/** Whether it serves: false as well while it stops, or hangs. */
export async function isReady() {
  const soon = AbortSignal.timeout(TIMEOUT_MS);
  return await fetch("/readyz", { cache: "no-store", signal: soon })
    .then(({ ok }) => ok, () => false);
}

/**
 * @param {string} login
 * @param {string} password
 * @returns {Promise<string>} the token
 */
export async function logIn(login, password) {
  const answer = await fetch("/api/login", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ login, password }),
  });
  return (await bodyOf(answer)).token;
}

/** @param {Response} answer */
async function bodyOf(answer) {
  const body = await answer.json().catch(() => undefined);
  if (answer.ok && body) return body;
  throw new Error(
    body?.error?.message ?? `${new URL(answer.url).pathname} answered ${answer.status}.`,
  );
}

/**
 * @typedef {{
 *   openMs: number,
 *   joinMs: number,
 *   lost: Promise<string>,
 *   leave: () => void,
 * }} Visit times from the start; `lost` says why where the server ends the connection
 */

/**
 * Enters a room of its own over the WebSocket, and stays until it leaves.
 *
 * @param {string | undefined} token
 * @returns {Promise<Visit>} rejects with the reason
 */
export function enterRoom(token) {
  const started = performance.now();
  const elapsed = () => Math.round(performance.now() - started);
  // The token goes as a subprotocol: an address would end up in logs.
  const socket = new WebSocket("/ws", token ? [`hearth.token.${token}`] : []);
  /** @type {PromiseWithResolvers<string>} */
  const lost = Promise.withResolvers();
  let openMs = 0;
  return new Promise((resolve, reject) => {
    /** @param {string} failure */
    const fail = (failure) => {
      clearTimeout(timer);
      socket.onclose = null;
      socket.close();
      reject(new Error(failure));
    };
    const timer = setTimeout(() => fail(`Nothing came for ${TIMEOUT_MS / 1000} s.`), TIMEOUT_MS);
    /** @param {CloseEvent} event */
    const endOf = ({ code, reason }) => `It ended with ${code}: ${reason || "no reason given"}.`;
    socket.onopen = () => {
      openMs = elapsed();
      socket.send(JSON.stringify({ type: "join", room: randomName(8), from: randomName(12) }));
    };
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (message.type === "error") fail(`${message.message} (${message.code})`);
      if (message.type !== "joined") return;
      clearTimeout(timer);
      socket.onmessage = null;
      socket.onclose = (event) => lost.resolve(endOf(event));
      const leave = () => {
        socket.onclose = null;
        if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ type: "leave" }));
        socket.close();
      };
      resolve({ openMs, joinMs: elapsed(), lost: lost.promise, leave });
    };
    socket.onclose = (event) => fail(openMs ? endOf(event) : "It did not open.");
  });
}

/** @param {number} length */
function randomName(length) {
  const letters = "ABCDEFGHJKMNPQRSTUVWXYZ";
  return [...crypto.getRandomValues(new Uint8Array(length))]
    .map((byte) => letters[byte % letters.length]).join("");
}
