/** What a stream turns out to carry. */
export type Speech = "tls" | "stun" | "http" | "unknown";

/**
 * Tells by its first byte what a client speaks (RFC 7983 §7, for streams): a STUN request begins
 * with 0 to 3, a TLS handshake with 22 (RFC 8446 §5.1), and an HTTP request with a letter of its
 * method. ChannelData shares those letters, but nothing of TURN begins with it.
 */
export function speechOf(firstByte: number): Speech {
  if (firstByte >= 0 && firstByte <= 3) return "stun";
  if (firstByte === 22) return "tls";
  return firstByte >= 0x41 && firstByte <= 0x5a ? "http" : "unknown";
}
