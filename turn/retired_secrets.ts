/** What becomes of shared secrets that are replaced while the relay runs. */
import type { RetiredSecret, TurnConfig } from "./config.ts";

/** The issuer may date a credential a second or two ahead; see `RelayCredentials`. */
const AHEAD_SECONDS = 5;
/** Each costs an HMAC for each request; whoever replaces so many in one life of a credential errs. */
const MOST_RETIRED = 16;

/**
 * Those that verify beside `secrets` from `unixSeconds` on, the latest first: what signed until now,
 * and what was retired before and is still needed.
 */
export function retire(
  before: Pick<TurnConfig, "secrets" | "retiredSecrets" | "credentialSeconds">,
  secrets: readonly string[],
  unixSeconds: number,
): readonly RetiredSecret[] {
  const until = Math.ceil(unixSeconds) + (before.credentialSeconds ?? 0) + AHEAD_SECONDS;
  const leaving = before.secrets.map((secret) => ({ secret, until }));
  return [...leaving, ...before.retiredSecrets ?? []]
    .filter((one) => one.until > unixSeconds && !secrets.includes(one.secret))
    .slice(0, MOST_RETIRED);
}
