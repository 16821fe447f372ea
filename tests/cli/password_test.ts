import assert from "node:assert/strict";
import { readPassword, type } from "../../cli/password.ts";
import { fakeTerminal } from "./fake_terminal.ts";

Deno.test("from standard input a password is its first line, however it comes", async () => {
  for (const input of [["open sesame\n"], ["open ", "sesame\r\nmore"], ["open sesame"]]) {
    const read = await readPassword(fakeTerminal(input));
    assert.deepEqual(read, { kind: "given", password: "open sesame" });
  }
});

Deno.test("an empty line is no password, and neither is a line past 4096 characters", async () => {
  for (const input of [[], ["\n"], ["x".repeat(4097)]]) {
    assert.equal((await readPassword(fakeTerminal(input))).kind, "refused");
  }
  assert.equal((await readPassword(fakeTerminal(["x".repeat(4096)]))).kind, "given");
});

Deno.test("on a terminal it is typed twice, unseen, and the terminal is as before", async () => {
  const terminal = fakeTerminal(["pass", "word\r", "password\r"], true);
  assert.deepEqual(await readPassword(terminal), { kind: "given", password: "password" });
  assert.deepEqual(terminal.asked, ["Password: ", "\n", "Again: ", "\n"]);
  assert.equal(terminal.raw, false);
});

Deno.test("two that differ are refused", async () => {
  const read = await readPassword(fakeTerminal(["one\r", "two\r"], true));
  assert.equal(read.kind, "refused");
});

Deno.test("Ctrl-C cancels at either question and leaves the terminal as before", async () => {
  for (const keys of [["pa\x03"], ["password\r", "\x03"], []]) {
    const terminal = fakeTerminal(keys, true);
    assert.deepEqual(await readPassword(terminal), { kind: "cancelled" });
    assert.equal(terminal.raw, false);
  }
});

Deno.test("backspace takes a whole character, Ctrl-U the line; arrows and the like are no text", () => {
  const typed = (keys: string) => type("", keys);
  assert.deepEqual(typed("aé😀\x7f\bb\r"), { kind: "entered", text: "ab" });
  assert.deepEqual(typed("\x7f\x7fa\n"), { kind: "entered", text: "a" });
  assert.deepEqual(typed("abc\x15d\r"), { kind: "entered", text: "d" });
  assert.deepEqual(typed("a\x1b[A\x1b[1;5C\x1bOPb\t\r"), { kind: "entered", text: "ab" });
  assert.deepEqual(typed("ab"), { kind: "typing", text: "ab" });
});
