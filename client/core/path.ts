/** Which way data goes to a peer, and when to try again for the better one. */
import type { Path } from "../api.ts";

export type Link =
  /** There is no WebRTC here. */
  | { readonly kind: "absent" }
  /** `retryAt` in milliseconds of the driver's clock. */
  | { readonly kind: "trying"; readonly attempt: number; readonly retryAt: number }
  /** The channel is open, and which way it goes is being read. */
  | { readonly kind: "connected" }
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

/** The link after the state of the connection and of the reliable channel are known. */
export function observe(
  link: Link,
  seen: { readonly connectionState: string; readonly channelState: string },
  now: number,
): Link {
  if (link.kind === "absent") return link;
  const up = seen.connectionState === "connected" && seen.channelState === "open";
  if (up === (link.kind !== "trying")) return link;
  return up ? { kind: "connected" } : trying(0, now);
}

/** The link after its candidate pair was read. */
export function measured(link: Link, path: "direct" | "relayed"): Link {
  return link.kind === "connected" || link.kind === "open" ? { kind: "open", path } : link;
}
