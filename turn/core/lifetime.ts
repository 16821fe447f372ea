/** RFC 8656 §3.2 and §7.2, in seconds. */
const DEFAULT_LIFETIME = 600;

/** What a client gets that asked for `requested` seconds, or for none in particular. */
export function lifetime(requested: number | undefined, maximum: number): number {
  return Math.max(DEFAULT_LIFETIME, Math.min(requested ?? DEFAULT_LIFETIME, maximum));
}
