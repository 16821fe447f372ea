import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";
import { familyOf, writeIp } from "../address.ts";
import type { FiveTuple } from "./api.ts";

/** RFC 8489 §9.2: what begins the nonce of a server that knows that document. */
const COOKIE = "obMatJos2";
/**
 * Bits of the security feature set, RFC 8489 §18.1: 24, big-endian. Bit 0 is the least significant,
 * as erratum 6290 (verified) settles it, and as Appendix B.1 and other implementations have it.
 */
const PASSWORD_ALGORITHMS_BIT = 1 << 0;
const USERNAME_ANONYMITY_BIT = 1 << 1;

/** RFC 8656 §5 wants at least hourly. */
const LIFETIME_MS = 30 * 60 * 1_000;

const TIME_LENGTH = 4;
/** Together with the time 15 bytes: 20 characters of base64 without padding. */
const CODE_LENGTH = 11;

/**
 * Nonces that need no memory: the time of issue, and a code over it and the client's address, under
 * a key of this server's. So no two clients share one (RFC 8489 §9.2.4), and none can be made up.
 */
export class Nonces {
  readonly #key: Uint8Array;
  readonly #prefix: string;

  /** `usernameAnonymity`: whether clients shall send USERHASH instead of USERNAME. */
  constructor(key: Uint8Array, usernameAnonymity: boolean) {
    this.#key = key;
    const features = PASSWORD_ALGORITHMS_BIT | (usernameAnonymity ? USERNAME_ANONYMITY_BIT : 0);
    this.#prefix = COOKIE +
      Buffer.from([0, 0, features]).toString("base64");
  }

  issue(flow: FiveTuple, now: number): string {
    const seconds = Math.floor(now / 1_000);
    return this.#prefix + this.#opaque(flow, seconds).toString("base64");
  }

  isValid(nonce: string, flow: FiveTuple, now: number): boolean {
    if (nonce.length !== this.#prefix.length + 20 || !nonce.startsWith(this.#prefix)) return false;
    const opaque = Buffer.from(nonce.slice(this.#prefix.length), "base64");
    if (opaque.length !== TIME_LENGTH + CODE_LENGTH) return false;
    const seconds = opaque.readUInt32BE(0);
    return timingSafeEqual(opaque, this.#opaque(flow, seconds)) &&
      now < seconds * 1_000 + LIFETIME_MS;
  }

  #opaque({ transport, client }: FiveTuple, seconds: number): Buffer {
    const input = Buffer.alloc(TIME_LENGTH + 4 + 16);
    input.writeUInt32BE(seconds >>> 0, 0);
    input[4] = transport === "tcp" ? 1 : 0;
    input[5] = familyOf(client.ip);
    input.writeUInt16BE(client.port, 6);
    writeIp(client.ip, input, 8);
    const code = createHmac("sha256", this.#key).update(input).digest();
    return Buffer.concat([input.subarray(0, TIME_LENGTH), code.subarray(0, CODE_LENGTH)]);
  }
}

/** Whether a nonce says that PASSWORD-ALGORITHMS goes with it (RFC 8489 §9.2). */
export function announcesPasswordAlgorithms(nonce: string): boolean {
  if (!nonce.startsWith(COOKIE)) return false;
  const features = Buffer.from(nonce.slice(COOKIE.length, COOKIE.length + 4), "base64");
  return features.length === 3 && ((features[2] ?? 0) & PASSWORD_ALGORITHMS_BIT) !== 0;
}
