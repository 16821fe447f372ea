/** Who is logged in here, and requests in that name. */

/** The server answered that it will not. */
export class Refused extends Error {
  /** @param {number} status @param {string} message */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** Set while a login may hold: without it, asking would be refused for sure. */
const MARK = "hearth-host";

/** In memory only; the refresh token is in a cookie that no script reads. @type {string | undefined} */
let token;

/** @param {string} login @param {string} password */
export async function logIn(login, password) {
  await begin("/api/login", { login, password });
}

/** Goes on with the login of an earlier visit. Answers whether there is one. */
export async function resume() {
  if (!localStorage.getItem(MARK)) return false;
  try {
    await begin("/api/refresh");
    return true;
  } catch (error) {
    if (!isEnd(error)) throw error;
    forget();
    return false;
  }
}

export async function logOut() {
  await ask("/api/logout", { method: "POST" });
  forget();
}

export function forget() {
  token = undefined;
  localStorage.removeItem(MARK);
}

/** Whether the login or the role is over. @param {unknown} error */
export function isEnd(error) {
  return error instanceof Refused && (error.status === 401 || error.status === 403);
}

/** @param {string} path below /api/admin */
export async function get(path) {
  return await (await ask(`/api/admin/${path}`)).json();
}

/** @param {string} path below /api/admin @param {object} [body] */
export async function post(path, body) {
  const answer = await ask(`/api/admin/${path}`, { method: "POST", ...json(body) });
  const text = await answer.text();
  return text === "" ? undefined : JSON.parse(text);
}

/**
 * In the name of who is logged in; the access token is renewed where it is too old.
 *
 * @param {string} path
 * @param {RequestInit} [init]
 */
export async function ask(path, init = {}) {
  const send = () =>
    fetch(path, {
      ...init,
      headers: { ...init.headers, authorization: `Bearer ${token}` },
      cache: "no-store",
    });
  const answer = await send();
  if (answer.status !== 401) return await good(answer);
  await begin("/api/refresh");
  return await good(await send());
}

/** @param {string} path @param {object} [body] */
async function begin(path, body) {
  const answer = await good(await fetch(path, { method: "POST", ...json(body) }));
  ({ token } = await answer.json());
  localStorage.setItem(MARK, "yes");
}

/** @param {object | undefined} body */
function json(body) {
  return body
    ? { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }
    : {};
}

/** @param {Response} answer */
async function good(answer) {
  if (answer.ok) return answer;
  const body = await answer.json().catch(() => undefined);
  throw new Refused(answer.status, body?.error?.message ?? `The server answered ${answer.status}.`);
}
