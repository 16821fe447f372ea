import { type Parsed, parsePassword, type Password } from "./core/mod.ts";

/** What is left of a password that somebody who knows the name would not try at once. */
const LEAST_LEFT = 8;
/** A shorter name stands in many a word by chance. */
const SHORTEST_NAME = 3;

/**
 * A password that may be set for the user `id`: a prepared one (`parsePassword`) that is not among
 * the most common, nor the name, nor either of them over and over. There are no rules of
 * composition (NIST SP 800-63B §5.1.1.2): they make passwords alike.
 */
export async function parseNewPassword(text: string, id: string): Promise<Parsed<Password>> {
  const parsed = parsePassword(text);
  if (parsed.kind === "bad") return parsed;
  const lower = parsed.value.toLowerCase();
  const common = await commonPasswords();
  if (common.has(lower) || common.has(once(lower))) {
    return bad("This is one of the most common passwords, which are tried first.");
  }
  const rest = once(id.length < SHORTEST_NAME ? lower : lower.replaceAll(id, ""));
  return [...rest].length >= LEAST_LEFT
    ? parsed
    : bad(`Without the name and repetitions a password has at least ${LEAST_LEFT} characters.`);
}

/** Of a text that is nothing but repetitions, one. */
function once(text: string): string {
  return /^(.+?)\1+$/su.exec(text)?.[1] ?? text;
}

let common: Promise<ReadonlySet<string>> | undefined;

/** 18,000 of 8 characters or more, in lower case. Read when first needed: it takes 50 ms and 20 MB. */
function commonPasswords(): Promise<ReadonlySet<string>> {
  common ??= import("@zxcvbn-ts/language-common").then(({ dictionary }) =>
    new Set(dictionary["passwords-common"].filter((password) => password.length >= LEAST_LEFT))
  );
  return common;
}

function bad(message: string): { readonly kind: "bad"; readonly message: string } {
  return { kind: "bad", message };
}
