import type { Terminal } from "./terminal.ts";

export type PasswordRead =
  | { readonly kind: "given"; readonly password: string }
  | { readonly kind: "refused"; readonly message: string }
  /** Ctrl-C. */
  | { readonly kind: "cancelled" };

/** Far above what any account may have; it bounds what a pipe can make us hold. */
const MAX_LENGTH = 4096;

/** Reads a password: typed twice and unseen on a terminal, one line of standard input otherwise. */
export async function readPassword(terminal: Terminal): Promise<PasswordRead> {
  if (!terminal.interactive) return await readLine(terminal);
  const first = await readUnseen(terminal, "Password: ");
  if (first.kind !== "given") return first;
  const second = await readUnseen(terminal, "Again: ");
  if (second.kind !== "given" || second.password === first.password) return second;
  return refused("The two passwords differ; nothing was changed.");
}

async function readLine(terminal: Terminal): Promise<PasswordRead> {
  let text = "";
  while (!text.includes("\n") && text.length <= MAX_LENGTH) {
    const more = await terminal.read();
    if (more === undefined) break;
    text += more;
  }
  const password = text.split(/\r?\n/, 1)[0] ?? "";
  return judge(password, "standard input");
}

async function readUnseen(terminal: Terminal, question: string): Promise<PasswordRead> {
  terminal.ask(question);
  terminal.setRaw(true);
  try {
    let typing: Typing = { kind: "typing", text: "" };
    while (typing.kind === "typing") {
      const keys = await terminal.read();
      typing = keys === undefined ? { kind: "cancelled" } : type(typing.text, keys);
    }
    return typing.kind === "cancelled" ? typing : judge(typing.text, "the terminal");
  } finally {
    terminal.setRaw(false);
    terminal.ask("\n");
  }
}

export type Typing =
  | { readonly kind: "typing"; readonly text: string }
  | { readonly kind: "entered"; readonly text: string }
  | { readonly kind: "cancelled" };

const CTRL_C = "\x03";
const CTRL_D = "\x04";
const CTRL_U = "\x15";
/** What arrow and function keys send (ECMA-48 §5.4). */
// deno-lint-ignore no-control-regex -- keys are told apart by the control character
const KEY_SEQUENCE = /\x1b(?:\[[0-?]*[ -/]*[@-~]|O.)/g;

/** What a line comes to when these keys are pressed after `text` stands in it. */
export function type(text: string, keys: string): Typing {
  const letters = Array.from(text);
  for (const key of keys.replaceAll(KEY_SEQUENCE, "")) {
    if (key === CTRL_C) return { kind: "cancelled" };
    if (key === "\r" || key === "\n" || key === CTRL_D) {
      return { kind: "entered", text: letters.join("") };
    }
    if (key === "\x7f" || key === "\b") letters.pop();
    else if (key === CTRL_U) letters.length = 0;
    else if (key >= " " && letters.length <= MAX_LENGTH) letters.push(key);
  }
  return { kind: "typing", text: letters.join("") };
}

function judge(password: string, from: string): PasswordRead {
  if (password === "") return refused(`Cannot read a password: ${from} gave an empty line.`);
  if (password.length > MAX_LENGTH) {
    return refused(`Cannot read a password: more than ${MAX_LENGTH} characters came.`);
  }
  return { kind: "given", password };
}

function refused(message: string): PasswordRead {
  return { kind: "refused", message };
}
