/** The server wants to know who asks. */
export class LoginNeeded extends Error {}

/**
 * Fresh ICE servers of this server.
 *
 * @param {string | undefined} token
 * @returns {Promise<RTCIceServer[]>}
 */
export async function freshIceServers(token) {
  const answer = await fetch("/api/ice", {
    headers: token ? { authorization: `Bearer ${token}` } : {},
    cache: "no-store",
  });
  if (answer.status === 401) throw new LoginNeeded();
  return (await bodyOf(answer)).iceServers;
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

const TIMEOUT_MS = 8_000;

/**
 * Enters a room of its own over the WebSocket, and leaves it.
 *
 * @param {string | undefined} token
 * @returns {Promise<{ openMs: number, joinMs: number }>} from the start; rejects with the reason
 */
export function visitRoom(token) {
  const started = performance.now();
  const elapsed = () => Math.round(performance.now() - started);
  // The token goes as a subprotocol: an address would end up in logs.
  const socket = new WebSocket("/ws", token ? [`hearth.token.${token}`] : []);
  let openMs = 0;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => end(`Nothing came for ${TIMEOUT_MS / 1000} s.`), TIMEOUT_MS);
    /** @param {string} [failure] */
    const end = (failure) => {
      clearTimeout(timer);
      socket.onclose = null;
      socket.close();
      if (failure === undefined) resolve({ openMs, joinMs: elapsed() });
      else reject(new Error(failure));
    };
    socket.onopen = () => {
      openMs = elapsed();
      socket.send(JSON.stringify({ type: "join", room: randomName(8), from: randomName(12) }));
    };
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (message.type === "error") end(`${message.message} (${message.code})`);
      if (message.type !== "joined") return;
      socket.send(JSON.stringify({ type: "leave" }));
      end();
    };
    socket.onclose = ({ code, reason }) =>
      end(openMs ? `It ended with ${code}: ${reason || "no reason given"}.` : "It did not open.");
  });
}

/** @param {number} length */
function randomName(length) {
  const letters = "ABCDEFGHJKMNPQRSTUVWXYZ";
  return [...crypto.getRandomValues(new Uint8Array(length))]
    .map((byte) => letters[byte % letters.length]).join("");
}
