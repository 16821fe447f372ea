import * as v from "valibot";
import type { SavedUser } from "./account.ts";
import { costOf, type Parsed, parsePhc } from "./core/mod.ts";

/** Four times OWASP's: more than this program ever asked for, and a machine can still compute it. */
const MAX_COST = 2 ** 17 * 8 * 4;

/** Unix milliseconds, as far as a Date reaches (ECMA-262 §21.4.1.1). */
const time = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(8.64e15));

const Saved = v.strictObject({
  name: v.string(),
  password: v.pipe(v.string(), v.check(isHash)),
  role: v.picklist(["host", "player"]),
  disabled: v.boolean(),
  bannedUntil: v.optional(time),
  createdAt: time,
});

/** One line of an export, read back. The message does not quote it: it holds a hash. */
export function parseSavedUser(line: string): Parsed<SavedUser> {
  try {
    const { bannedUntil, ...user } = v.parse(Saved, JSON.parse(line));
    return {
      kind: "ok",
      value: bannedUntil === undefined ? user : { ...user, bannedUntil },
    };
  } catch {
    return { kind: "bad", message: "This is no account as `user export` writes them." };
  }
}

function isHash(text: string): boolean {
  try {
    return costOf(parsePhc(text).cost) <= MAX_COST;
  } catch {
    return false;
  }
}
