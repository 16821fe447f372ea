import type { Context } from "hono";
import type { Env } from "./env.ts";

/**
 * The cookie that a page's refresh token is kept in. No script reads it, and no other site's page
 * sends it. Under TLS it has the prefix with which nobody else, no other host of the domain either,
 * can set it (draft-ietf-httpbis-rfc6265bis §4.1.3.2); that prefix asks for the path `/`.
 */
function shapeOf(c: Context<Env>): { readonly name: string; readonly attributes: string } {
  return c.env.secure
    ? { name: "__Host-hearth-refresh", attributes: "Path=/; Secure" }
    : { name: "hearth-refresh", attributes: "Path=/api" };
}

export function setRefreshCookie(c: Context<Env>, token: string, seconds: number): void {
  const { name, attributes } = shapeOf(c);
  c.header(
    "Set-Cookie",
    `${name}=${token}; ${attributes}; HttpOnly; SameSite=Strict; Max-Age=${seconds}`,
  );
}

/** Two of that name, one of them planted for another path or domain, are as good as none. */
export function refreshCookieOf(c: Context<Env>): string | undefined {
  const { name } = shapeOf(c);
  const held = (c.req.header("cookie") ?? "").split(";").map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  return held.length === 1 ? held[0] : undefined;
}
