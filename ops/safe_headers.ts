import type { Caller } from "./forwarding.ts";

/** What no answer is without, unless it says otherwise itself: the pages have rules of their own. */
const SAFE = [
  ["x-content-type-options", "nosniff"],
  ["x-frame-options", "DENY"],
  ["referrer-policy", "no-referrer"],
  ["content-security-policy", "default-src 'none'; frame-ancestors 'none'"],
] as const;

const YEAR_SECONDS = 365 * 86_400;

/**
 * Adds the headers by which a browser keeps our answers from being taken for something else, and,
 * where the client came by TLS, that it shall always do so (RFC 6797).
 */
export function addSafeHeaders({ headers, status }: Response, { secure }: Caller): void {
  // A WebSocket opens: no page comes of it, and its headers cannot be changed.
  if (status === 101) return;
  for (const [name, value] of SAFE) {
    if (!headers.has(name)) headers.set(name, value);
  }
  if (secure) headers.set("strict-transport-security", `max-age=${YEAR_SECONDS}`);
}
