import type { Context, Handler } from "hono";
import type { RefusedToken } from "../tokens.ts";
import type { Env } from "./env.ts";

type FaultStatus = 400 | 401 | 403 | 404 | 405 | 408 | 409 | 413 | 415 | 429 | 503 | 507;

/** How every refusal of `/api` looks. */
export function fail(c: Context, status: FaultStatus, code: string, message: string): Response {
  return c.json({ error: { code, message } }, status);
}

/** A refusal that ends by itself after `ms` milliseconds. */
export function failFor(
  c: Context,
  ms: number,
  status: FaultStatus,
  code: string,
  message: string,
): Response {
  const seconds = Math.ceil(ms / 1000);
  c.header("Retry-After", String(seconds));
  return fail(c, status, code, `${message} Try again in ${seconds} s.`);
}

/** A 401 says how to do better (RFC 6750 §3); `error` stands only where a token was shown. */
export function refuse(
  c: Context,
  realm: string,
  refusal: RefusedToken,
  shown: "shown" | "none",
): Response {
  const error = shown === "shown" ? ', error="invalid_token"' : "";
  c.header("WWW-Authenticate", `Bearer realm=${quoted(realm)}${error}`);
  return fail(c, 401, refusal.code, refusal.message);
}

export function only(allow: string): Handler<Env> {
  return (c) => {
    c.header("Allow", allow);
    return fail(c, 405, "wrong-method", `This path takes ${allow}.`);
  };
}

/** A quoted-string (RFC 9110 §5.6.4), in the ASCII that a header can carry. */
function quoted(text: string): string {
  return `"${text.replace(/[^ -~]/g, "?").replace(/["\\]/g, "\\$&")}"`;
}
