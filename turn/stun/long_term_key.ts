import { hash } from "node:crypto";

/**
 * Names, realms and passwords as both sides must see them: the OpaqueString profile of RFC 8265
 * §4.2, that is, every space an ASCII space, in normalization form C.
 */
export function opaqueString(text: string): string {
  return text.replace(/\p{Zs}/gu, " ").normalize("NFC");
}

/** The key of a long-term credential (RFC 8489 §18.5.1): 16 bytes by MD5, 32 by SHA-256. */
export function longTermKey(
  algorithm: "md5" | "sha256",
  username: string,
  realm: string,
  password: string,
): Uint8Array {
  return hash(algorithm, `${username}:${realm}:${password}`, "buffer");
}

/** The value of USERHASH (RFC 8489 §14.4): 32 bytes. */
export function userhash(username: string, realm: string): Uint8Array {
  return hash("sha256", `${username}:${realm}`, "buffer");
}
