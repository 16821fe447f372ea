import { type Refusal, refused, taken } from "./account.ts";
import { idOf, parseUserName, type UserName } from "./core/mod.ts";
import { parseNewPassword } from "./new_password.ts";
import type { PasswordHasher } from "./passwords.ts";
import type { UserTable } from "./user_table.ts";

/** A name and a hashed password that may make an account, both as they were typed. */
export async function prepareAccount(
  name: string,
  password: string,
  { table, hasher }: { readonly table: UserTable; readonly hasher: PasswordHasher },
): Promise<
  | { readonly kind: "prepared"; readonly name: UserName; readonly password: string }
  | Refusal
> {
  const parsed = parseUserName(name);
  if (parsed.kind === "bad") return refused("bad-name", parsed.message);
  // Asked before anything is hashed, which is dear; the insertion asks again.
  if (table.find(idOf(parsed.value))) return taken(parsed.value);
  const hashed = await hashNewPassword(password, idOf(parsed.value), hasher);
  if (hashed.kind === "refused") return hashed;
  return { kind: "prepared", name: parsed.value, password: hashed.phc };
}

/** The hash of a password, as it was typed, that may be set for the user `id`. */
export async function hashNewPassword(
  password: string,
  id: string,
  hasher: PasswordHasher,
): Promise<{ readonly kind: "hashed"; readonly phc: string } | Refusal> {
  const parsed = await parseNewPassword(password, id);
  if (parsed.kind === "bad") return refused("bad-password", parsed.message);
  const hashed = await hasher.hash(parsed.value);
  return hashed.kind === "busy"
    ? refused("busy", "Too many passwords are being hashed: try again in a moment.")
    : hashed;
}
