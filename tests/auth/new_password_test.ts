import { equal, match } from "node:assert/strict";
import { parseNewPassword } from "../../auth/new_password.ts";

const COMMON = /most common/;
const SHORT = /at least 8 characters/;

for (
  const [text, id, why] of [
    ["correct horse", "alice", undefined],
    ["tr0ub4dor&3", "alice", undefined],
    ["alice in wonderland", "alice", undefined],
    ["Aaaabbbbcccc", "alice", undefined],
    ["пароль-сложный", "alice", undefined],
    ["additional", "ad", undefined],
    ["password", "alice", COMMON],
    ["Password1", "alice", COMMON],
    ["QWERTYUIOP", "alice", COMMON],
    ["1234567890", "alice", COMMON],
    ["trustno1trustno1", "alice", COMMON],
    ["passwordpasswordpassword", "alice", COMMON],
    ["aaaaaaaaaaaaaaaaaaaaaaaa", "alice", SHORT],
    ["abcabcabcabcabc", "alice", SHORT],
    ["alicealice", "alice", SHORT],
    ["Alice2026", "alice", SHORT],
    ["grandmaster_2", "grandmaster_2", SHORT],
    ["1234567", "alice", SHORT],
    ["correct\u200bhorse", "alice", /invisible/],
    ["correct\u0007horse", "alice", /control/],
  ] as const
) {
  Deno.test(`new password ${JSON.stringify(text)} for ${id} is ${why ? "refused" : "one"}`, async () => {
    const parsed = await parseNewPassword(text, id);
    equal(parsed.kind, why ? "bad" : "ok");
    if (why) match(parsed.kind === "bad" ? parsed.message : "", why);
  });
}

Deno.test("new password: a repetition of the longest that fits is told apart in no time", async () => {
  equal((await parseNewPassword("ab".repeat(512), "alice")).kind, "bad");
  equal((await parseNewPassword("a".repeat(1_023) + "b", "alice")).kind, "ok");
});
