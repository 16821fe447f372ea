import type { Context, MiddlewareHandler } from "hono";
import { parseHost } from "../core/mod.ts";
import { fail } from "./answers.ts";
import type { Env } from "./env.ts";

/** A malformed Host is refused (RFC 9112 §3.2): the runtime lets it through. */
export const validHost: MiddlewareHandler<Env> = async (c, next) => {
  if (parseHost(hostOf(c))) return await next();
  return fail(c, 400, "bad-host", "The Host header is neither a host name nor an address.");
};

/** By what name the client reached us: HTTP/1 says it in a header, HTTP/2 in the URL alone. */
export function hostOf(c: Context): string {
  return c.req.header("host") ?? c.req.url.split("/")[2] ?? "";
}

/** The token of `Authorization: Bearer …` (RFC 6750 §2.1). Two such headers come joined: no match. */
export function bearerOf(c: Context): string | undefined {
  return /^Bearer +([\w~+/.-]+=*)$/i.exec(c.req.header("authorization") ?? "")?.[1];
}

/**
 * Whether a page that this server itself served asks: a browser puts the page's origin into every
 * request but GET and HEAD, and no page can choose it (Fetch §3.2).
 */
export function isOwnPage(c: Context<Env>): boolean {
  const origin = URL.parse(c.req.header("origin") ?? "");
  const protocols = c.env.secure ? ["https:"] : ["http:", "https:"];
  if (!origin || !protocols.includes(origin.protocol)) return false;
  return URL.parse(`${origin.protocol}//${hostOf(c)}`)?.host === origin.host;
}
