/** Who sent a request: the long-term credential mechanism, RFC 8489 §9.2.4. */
import { Attribute, mac, MAC_LENGTH } from "../../turn/stun/mod.ts";
import { REALM } from "./cast.ts";
import { byUserhash, byUsername, type Credential } from "./credentials.ts";
import type { Signature } from "./expected.ts";
import { keyOf } from "./keys.ts";
import { type Read, uint16, valueOf } from "./read.ts";

export type Identified =
  | {
    readonly kind: "known";
    readonly user: string;
    readonly expiresAt: number;
    readonly signature: Signature;
  }
  | { readonly kind: "stranger"; readonly code: 400 | 401 | 438 };

/** What PASSWORD-ALGORITHMS must say: SHA-256, then MD5. */
export const OFFERED = "0002000000010000";

/** Bit 0 of the 24 is set where the last of their four characters stands for an odd number. */
const ANNOUNCES = /^obMatJos2[A-Za-z0-9+/_-]{3}[BDFHJLNPRTVXZbdfhjlnprtvxz13579/_]/;

/** `authentic`: whether its code is right, where whoever made it knows. */
export function identify(
  message: Read,
  authentic: boolean | undefined,
  isLiveCredential: (credential: Credential) => boolean,
  isLiveNonce: (nonce: string) => boolean,
): Identified {
  if (message.sha1At === undefined && message.sha256At === undefined) return stranger(401);

  const username = valueOf(message, Attribute.USERNAME);
  const hashed = valueOf(message, Attribute.USERHASH);
  const realm = valueOf(message, Attribute.REALM);
  const nonce = valueOf(message, Attribute.NONCE);
  if ((!username && !hashed) || !realm || !nonce) return stranger(400);

  const chosen = valueOf(message, Attribute.PASSWORD_ALGORITHM);
  const offered = valueOf(message, Attribute.PASSWORD_ALGORITHMS);
  const algorithm = chosen && uint16(chosen, 0);
  const announces = ANNOUNCES.test(text(nonce));
  if (announces && (chosen || offered)) {
    if (!chosen || offered?.toHex() !== OFFERED) return stranger(400);
    if (algorithm !== 1 && algorithm !== 2) return stranger(400);
  }

  const credential = username ? byUsername(text(username)) : hashed && byUserhash(hashed);
  if (!credential || !isLiveCredential(credential) || text(realm) !== REALM) return stranger(401);

  const signature: Signature = {
    username: credential.username,
    password: credential.password,
    hash: algorithm === 2 ? "sha256" : "md5",
    mac: message.sha256At === undefined ? "sha1" : "sha256",
  };
  if (!(authentic ?? isSigned(message, signature))) return stranger(401);
  if (!isLiveNonce(text(nonce))) return stranger(438);
  const { user, expiresAt } = credential;
  // Who chose SHA-256 for the password is answered with it (the end of §9.2.4).
  const answered = signature.hash === "sha256" ? "sha256" : signature.mac;
  return { kind: "known", user, expiresAt, signature: { ...signature, mac: answered } };
}

/** Whether the stronger of its integrity codes is whole, and right. */
export function isSigned(message: Read, signature: Signature): boolean {
  const { bytes, sha1At, sha256At } = message;
  const at = sha256At ?? sha1At;
  if (at === undefined) return false;
  const algorithm = sha256At === undefined ? "sha1" : "sha256";
  if (uint16(bytes, at + 2) !== MAC_LENGTH[algorithm]) return false;
  const code = bytes.subarray(at + 4, at + 4 + MAC_LENGTH[algorithm]);
  return new Uint8Array(mac(algorithm, keyOf(signature), bytes, at)).toHex() === code.toHex();
}

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

function text(value: Uint8Array): string {
  return utf8.decode(value);
}

function stranger(code: 400 | 401 | 438): Identified {
  return { kind: "stranger", code };
}
