import type { Terminal } from "./terminal.ts";

export type ExitCode = 0 | 1;

/** Says what was done, or why it was not. */
export function report<T>(
  change:
    | { readonly kind: "done"; readonly value: T }
    | { readonly kind: "refused"; readonly message: string }
    | { readonly kind: "nothing" },
  done: (value: T) => string,
  terminal: Terminal,
): ExitCode {
  switch (change.kind) {
    case "done":
      terminal.out(done(change.value));
      return 0;
    case "refused":
      return refuse(terminal, change.message);
    case "nothing":
      return refuse(terminal, "There was nothing to change.");
  }
}

export function refuse(terminal: Terminal, message: string): 1 {
  terminal.err(message);
  return 1;
}
