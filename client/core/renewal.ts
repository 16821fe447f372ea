/** The part of its life after which a credential is asked for: later than the server sends one. */
const WORN = 0.85;
/** Clocks may differ, so that a life looks over: not more often than this, in milliseconds. */
const LEAST_MS = 10_000;

/** When to ask, on the clock of `now`. `expiresAt` and `unixNow` in Unix seconds. */
export function renewAt(expiresAt: number, unixNow: number, now: number): number {
  return now + Math.max(LEAST_MS, WORN * (expiresAt - unixNow) * 1_000);
}
