import { PasswordAlgorithm, type StunMessage, verifyMac } from "../stun/mod.ts";
import type { MacAlgorithm } from "../stun/mod.ts";
import type { FiveTuple } from "./api.ts";
import type { Credential, Credentials } from "./credentials.ts";
import { announcesPasswordAlgorithms, type Nonces } from "./nonce.ts";

/** The value of PASSWORD-ALGORITHMS that this server sends: both, without parameters, best first. */
export const PASSWORD_ALGORITHMS = Uint8Array.of(
  0,
  PasswordAlgorithm.SHA256,
  0,
  0,
  0,
  PasswordAlgorithm.MD5,
  0,
  0,
);

/** Who sent a request, and how the answer is to be signed. */
export interface Authenticated {
  readonly user: string;
  /** The room that the credential was issued in, where it was. */
  readonly room: string | undefined;
  /** Unix seconds; Infinity for a static user. */
  readonly expiresAt: number;
  readonly key: Uint8Array;
  readonly mac: MacAlgorithm;
}

export interface AuthenticationRefusal {
  readonly kind: "refused";
  readonly code: 400 | 401 | 438;
  readonly why: string;
  /** Whether REALM, NONCE and PASSWORD-ALGORITHMS go with the answer. */
  readonly challenge: boolean;
  /** The name whose password was not shown. */
  readonly claimed?: string;
}

export type Authentication =
  | { readonly kind: "authenticated"; readonly by: Authenticated }
  | AuthenticationRefusal;

/** The long-term credential mechanism: RFC 8489 §9.2.4, in its order. Keeps no state. */
export function authenticate(
  message: StunMessage,
  flow: FiveTuple,
  credentials: Credentials,
  nonces: Nonces,
  now: number,
  unixSeconds: number,
): Authentication {
  const { username, userhash, realm, nonce, passwordAlgorithm, passwordAlgorithms } =
    message.attributes;
  const { integrityAt, integritySha256At } = message;

  // 1. Neither integrity code: a challenge.
  if (integrityAt === undefined && integritySha256At === undefined) {
    return challenge(401, "no credentials");
  }

  // 2. An integrity code, and not all that goes with it.
  const name = username ?? userhash;
  if (name === undefined || realm === undefined) {
    return badRequest("USERNAME or USERHASH, and REALM, must come with an integrity code");
  }
  if (nonce === undefined) return badRequest("NONCE must come with an integrity code");

  // 3. The bid-down check: what the client says it was offered is what this server offers.
  const saysAlgorithm = passwordAlgorithm !== undefined;
  const saysAlgorithms = passwordAlgorithms !== undefined;
  if (announcesPasswordAlgorithms(nonce) && (saysAlgorithm || saysAlgorithms)) {
    if (!saysAlgorithm || !saysAlgorithms) {
      return badRequest("PASSWORD-ALGORITHM and PASSWORD-ALGORITHMS must come together");
    }
    if (!sameBytes(passwordAlgorithms, PASSWORD_ALGORITHMS)) {
      return badRequest("PASSWORD-ALGORITHMS is not the list that was offered");
    }
    if (
      passwordAlgorithm !== PasswordAlgorithm.MD5 && passwordAlgorithm !== PasswordAlgorithm.SHA256
    ) return badRequest("PASSWORD-ALGORITHM is none of those offered");
  }
  const hash = passwordAlgorithm === PasswordAlgorithm.SHA256 ? "sha256" : "md5";

  // 4. A name that is known, in this realm. One that is not goes through step 5 as well: the time
  // that an answer takes tells nobody which names there are.
  const { credential, isKnown } = typeof name === "string"
    ? credentials.findByUsername(name, unixSeconds)
    : credentials.findByUserhash(name);
  const mac = integritySha256At === undefined ? "sha1" : "sha256";
  const key = matchingKey(message, mac, credentials, credential, hash);
  const claimed = username === undefined ? {} : { claimed: username };
  if (!isKnown || realm !== credentials.realm) {
    return { ...challenge(401, "unknown user or realm"), ...claimed };
  }

  // 5. The integrity code, the stronger one where both are there.
  if (!key) return { ...challenge(401, "wrong password"), ...claimed };

  // 6. The nonce, last: only who has the password learns that it is stale.
  if (!nonces.isValid(nonce, flow, now)) return challenge(438, "stale nonce");

  return {
    kind: "authenticated",
    by: {
      user: credential.user,
      room: credential.room,
      expiresAt: credential.expiresAt,
      key,
      // The end of §9.2.4: the older code is for clients that know no better one.
      mac: hash === "sha256" ? "sha256" : mac,
    },
  };
}

function matchingKey(
  message: StunMessage,
  mac: MacAlgorithm,
  credentials: Credentials,
  credential: Credential,
  hash: "md5" | "sha256",
): Uint8Array | undefined {
  for (const password of credential.passwords) {
    const key = credentials.key(hash, credential, password);
    if (verifyMac(message, mac, key)) return key;
  }
  return undefined;
}

function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, i) => byte === other[i]);
}

function challenge(code: 401 | 438, why: string): AuthenticationRefusal {
  return { kind: "refused", code, why, challenge: true };
}

function badRequest(why: string): Authentication {
  return { kind: "refused", code: 400, why, challenge: false };
}
