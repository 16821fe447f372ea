/** What a stranger may call itself, and what may be its secret. */

declare const userName: unique symbol;
/** A name as its owner writes it. Two names that differ only in case are the same. */
export type UserName = string & { readonly [userName]: true };

declare const password: unique symbol;
/** A password as RFC 8265 prepares it: what is hashed, never what was typed. */
export type Password = string & { readonly [password]: true };

export type Parsed<T> =
  | { readonly kind: "ok"; readonly value: T }
  | { readonly kind: "bad"; readonly message: string };

/** ASCII only: no two names look alike, and folding case needs no table. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/;

export function parseUserName(text: string): Parsed<UserName> {
  if (NAME.test(text)) return { kind: "ok", value: text as UserName };
  return bad(
    "A name has 1 to 32 characters: letters a-z, digits, `_` and `-`, and begins with a letter or a digit.",
  );
}

/** What a name is unique by: the player's id in rooms, tokens and relay credentials. */
export function idOf(name: UserName): string {
  return name.toLowerCase();
}

/**
 * NIST SP 800-63B §5.1.1.2. Its fourth revision asks for 15 where there is nothing but a password:
 * much for a game among friends, where guesses are slowed down and common passwords refused.
 */
const MIN_CHARACTERS = 8;
const MAX_BYTES = 1024;

/**
 * What the FreeformClass leaves out (RFC 8264 §4.3.3): control characters, lone surrogates,
 * unassigned code points, those that are ignored as a rule, and conjoining jamo. Its rules for a
 * few characters in context are not applied: they tell names apart, and nobody reads a password.
 */
const DISALLOWED =
  /[\p{Cc}\p{Cs}\p{Cn}\p{Default_Ignorable_Code_Point}\u1100-\u11ff\ua960-\ua97c\ud7b0-\ud7fb]/u;

/**
 * Prepares a password by the OpaqueString profile (RFC 8265 §4.2): every space becomes U+0020,
 * case and width stay, then NFC. So the same password typed on another keyboard still matches.
 */
export function parsePassword(text: string): Parsed<Password> {
  const prepared = text.replace(/\p{Zs}/gu, " ").normalize("NFC");
  if (DISALLOWED.test(prepared)) {
    return bad("A password cannot hold control characters nor invisible ones.");
  }
  if ([...prepared].length < MIN_CHARACTERS) {
    return bad(`A password has at least ${MIN_CHARACTERS} characters.`);
  }
  if (new TextEncoder().encode(prepared).length > MAX_BYTES) {
    return bad(`A password has at most ${MAX_BYTES} bytes in UTF-8.`);
  }
  return { kind: "ok", value: prepared as Password };
}

function bad(message: string): { readonly kind: "bad"; readonly message: string } {
  return { kind: "bad", message };
}
