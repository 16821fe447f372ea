/** Changes of accounts at random from a seed, and what they come to, told twice: by code and by model. */
import type { Change } from "../../auth/account.ts";
import type { Users } from "../../auth/users.ts";
import { chance } from "../support/chance.ts";

export const CHEAP = { N: 2, r: 1, p: 1 };

const NAMES = 12;
const VERBS = [
  "add",
  "add",
  "passwd",
  "disable",
  "enable",
  "remove",
  "host",
  "player",
  "ban",
] as const;

export interface Doing {
  readonly verb: typeof VERBS[number];
  readonly name: string;
  readonly password: string;
}

/** What can be seen of an account. */
export interface Seen {
  readonly role: string;
  readonly disabled: boolean;
  readonly banned: boolean;
  readonly password: string;
}

export function* doings(seed: number): Generator<Doing> {
  const random = chance(seed);
  const below = (bound: number) => Math.floor(random() * bound);
  for (;;) {
    const verb = VERBS[below(VERBS.length)] ?? "add";
    yield { verb, name: `player${below(NAMES)}`, password: `password ${below(1_000)}` };
  }
}

export async function perform(users: Users, { verb, name, password }: Doing): Promise<Change> {
  switch (verb) {
    case "add":
      return await users.add(name, password, { role: "player" });
    case "passwd":
      return await users.setPassword(name, password);
    case "disable":
      return users.disable(name);
    case "enable":
      return users.enable(name);
    case "remove":
      return users.remove(name);
    case "host":
    case "player":
      return users.setRole(name, verb);
    case "ban":
      return users.ban(name, 365 * 86_400);
  }
}

/** The accounts after this change; the same ones where it is refused. */
export function follow(
  accounts: ReadonlyMap<string, Seen>,
  { verb, name, password }: Doing,
): ReadonlyMap<string, Seen> {
  const before = accounts.get(name);
  if ((verb === "add") === (before !== undefined)) return accounts;
  const after = new Map(accounts);
  if (verb === "remove") after.delete(name);
  else after.set(name, changed(before, verb, password));
  return after;
}

function changed(before: Seen | undefined, verb: Doing["verb"], password: string): Seen {
  if (!before) return { role: "player", disabled: false, banned: false, password };
  switch (verb) {
    case "passwd":
      return { ...before, password };
    case "disable":
      return { ...before, disabled: true };
    case "enable":
      return { ...before, disabled: false, banned: false };
    case "ban":
      return { ...before, banned: true };
    case "host":
    case "player":
      return { ...before, role: verb };
    default:
      throw new Error(`Cannot ${verb} an account that is there`);
  }
}
