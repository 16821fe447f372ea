import { deepEqual, equal, notEqual } from "node:assert/strict";
import { parsePassword, type Password } from "../../auth/core/mod.ts";
import { OWASP_COST, PasswordHasher } from "../../auth/passwords.ts";
import { CHEAP } from "./world.ts";

const right = password("correct horse");
const wrong = password("battery staple");

function password(text: string): Password {
  const parsed = parsePassword(text);
  if (parsed.kind === "bad") throw new Error(parsed.message);
  return parsed.value;
}

async function hashed(hasher: PasswordHasher, text: Password): Promise<string> {
  const made = await hasher.hash(text);
  if (made.kind === "busy") throw new Error("busy");
  return made.phc;
}

Deno.test("OWASP's cost works within Node's memory bound, and is what is stored", async () => {
  const hasher = new PasswordHasher(OWASP_COST);
  const phc = await hashed(hasher, right);
  equal(phc.slice(0, 23), "$scrypt$ln=17,r=8,p=1$" + phc[22]);
  deepEqual(await hasher.verify(right, phc), { kind: "right", rehash: false });
});

Deno.test("a password is right or wrong, and salted anew each time", async () => {
  const hasher = new PasswordHasher(CHEAP);
  const phc = await hashed(hasher, right);
  notEqual(phc, await hashed(hasher, right));
  deepEqual(await hasher.verify(right, phc), { kind: "right", rehash: false });
  deepEqual(await hasher.verify(wrong, phc), { kind: "wrong" });
  deepEqual(await hasher.verify(right, undefined), { kind: "wrong" });
});

Deno.test("a hash of another cost is verified at that cost; only a cheaper one is renewed", async () => {
  const phc = await hashed(new PasswordHasher({ N: 4, r: 2, p: 1 }), right);
  for (const [cost, rehash] of [[{ N: 8, r: 2, p: 1 }, true], [CHEAP, false]] as const) {
    deepEqual(await new PasswordHasher(cost).verify(right, phc), { kind: "right", rehash });
  }
});

Deno.test("two hash at once and sixteen wait; the next is told busy, and all others end well", async () => {
  const hasher = new PasswordHasher(CHEAP);
  const phc = await hashed(hasher, right);
  // None can end before this turn of the event loop does.
  const verdicts = await Promise.all(
    Array.from({ length: 20 }, () => hasher.verify(right, phc)),
  );
  const kinds = verdicts.map((verdict) => verdict.kind);
  deepEqual(kinds, [...new Array(18).fill("right"), "busy", "busy"]);
  const again = await Promise.all(Array.from({ length: 20 }, () => hasher.verify(right, phc)));
  deepEqual(
    again.map((verdict) => verdict.kind),
    kinds,
    "there is as much room again, and no more",
  );
});

Deno.test("an unknown name takes a hash's place and time like any other", async () => {
  const hasher = new PasswordHasher(CHEAP);
  const verdicts = await Promise.all(
    Array.from({ length: 19 }, () => hasher.verify(right, undefined)),
  );
  const kinds = verdicts.map((verdict) => verdict.kind);
  deepEqual(kinds, [...new Array(18).fill("wrong"), "busy"]);
});
