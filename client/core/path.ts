/** Which way data goes to a peer, and when to try again for the better one. */

export type Path = "direct" | "relayed" | "server";

/** `since` and `retryAt` in milliseconds of the driver's clock. */
export type Link =
  /** There is no WebRTC here. */
  | { readonly kind: "absent" }
  | { readonly kind: "trying"; readonly attempt: number; readonly retryAt: number }
  | { readonly kind: "open"; readonly path: "direct" | "relayed" };

const FIRST_RETRY_MS = 10_000;
const LONGEST_RETRY_MS = 60_000;

export function trying(attempt: number, now: number): Link {
  const wait = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** attempt);
  return { kind: "trying", attempt, retryAt: now + wait };
}

export function pathOf(link: Link): Path {
  return link.kind === "open" ? link.path : "server";
}

/** The link after the state of ICE and of the reliable channel are known. */
export function observe(
  link: Link,
  seen: { readonly connectionState: string; readonly channelState: string },
  now: number,
): Link {
  if (link.kind === "absent") return link;
  const open = seen.connectionState === "connected" && seen.channelState === "open";
  if (open) return link.kind === "open" ? link : { kind: "open", path: "direct" };
  return link.kind === "open" ? trying(0, now) : link;
}
