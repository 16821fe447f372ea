import { Attribute, MessageWriter, type StunMessage } from "../stun/mod.ts";
import type { FiveTuple } from "./api.ts";
import { type Authenticated, PASSWORD_ALGORITHMS } from "./authenticate.ts";
import { type Code, type Outcome, REASONS, type Refusal } from "./request.ts";

/** Room for the longest answer: its texts are the core's own and the configuration's. */
const ANSWER_BYTES = 2_048;

/** Writes the answers to requests. Each is lent: the next one overwrites it. */
export class Answers {
  readonly #realm: string;
  readonly #software: string | undefined;
  readonly #writer = new MessageWriter(new Uint8Array(ANSWER_BYTES));

  constructor(realm: string, software: string | undefined) {
    this.#realm = realm;
    this.#software = software;
  }

  binding({ client }: FiveTuple, message: StunMessage, refusal: Refusal | undefined): Uint8Array {
    if (refusal) {
      this.#error(message, refusal.code, REASONS[refusal.code]);
      refusal.write?.(this.#writer);
    } else this.#success(message).xorAddress(Attribute.XOR_MAPPED_ADDRESS, client);
    return this.#finish(message);
  }

  /** To somebody unknown: unsigned and terse; with a nonce, a challenge. */
  stranger(message: StunMessage, code: Code, nonce: string | undefined): Uint8Array {
    this.#error(message, code, REASONS[code]);
    if (nonce !== undefined) {
      this.#writer.text(Attribute.REALM, this.#realm)
        .text(Attribute.NONCE, nonce)
        .bytes(Attribute.PASSWORD_ALGORITHMS, PASSWORD_ALGORITHMS);
    }
    return this.#finish(message);
  }

  /** To somebody known: signed, and with the reason in words where it is a refusal. */
  known(message: StunMessage, by: Authenticated, outcome: Outcome): Uint8Array {
    if (outcome.kind === "refused") {
      this.#error(message, outcome.code, `${REASONS[outcome.code]}: ${outcome.why}`);
    } else {
      this.#success(message);
    }
    outcome.write?.(this.#writer);
    if (this.#software !== undefined) this.#writer.text(Attribute.SOFTWARE, this.#software);
    this.#writer.integrity(by.mac, by.key);
    return this.#finish(message);
  }

  #success({ method, transactionId }: StunMessage): MessageWriter {
    return this.#writer.start("success", method, transactionId);
  }

  #error({ method, transactionId }: StunMessage, code: Code, reason: string): void {
    this.#writer.start("error", method, transactionId).errorCode(code, reason);
  }

  /** A FINGERPRINT goes to a client that used one (RFC 8489 §7). */
  #finish({ fingerprint }: StunMessage): Uint8Array {
    if (fingerprint) this.#writer.fingerprint();
    return this.#writer.finish();
  }
}
