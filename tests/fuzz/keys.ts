import { longTermKey } from "../../turn/stun/mod.ts";
import { REALM } from "./cast.ts";
import type { Signature } from "./expected.ts";

/** Keys that were made before, since each costs a hash. */
const made = new Map<string, Uint8Array>();
const MOST_MADE = 4_096;

/** The key of a long-term credential in the fuzz's realm. */
export function keyOf(
  { username, password, hash }: Pick<Signature, "username" | "password" | "hash">,
): Uint8Array {
  const name = `${hash} ${username} ${password}`;
  let key = made.get(name);
  if (!key) {
    if (made.size >= MOST_MADE) made.clear();
    made.set(name, key = longTermKey(hash, username, REALM, password));
  }
  return key;
}
