import { type Progress, progressLine } from "../progress/mod.ts";

/** Where a command speaks and listens; a test puts its own in place. */
export interface Terminal {
  /** Whether a person types. */
  readonly interactive: boolean;
  /** One line of what was asked for. */
  out(line: string): void;
  /** One line about what went wrong. */
  err(line: string): void;
  /** How far long work has come: seen on a terminal, and nowhere else. */
  readonly progress: Progress;
  /** A question, without a newline. */
  ask(text: string): void;
  /** What was typed or piped next, as it comes; undefined at its end. */
  read(): Promise<string | undefined>;
  /** Whether keys arrive one by one, unseen and unread by the terminal, Ctrl-C included. */
  setRaw(raw: boolean): void;
}

/** The terminal, or the pipes, that this process was started with. */
export function ownTerminal(): Terminal {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(1024);
  const ask = (text: string) => void Deno.stderr.writeSync(encoder.encode(text));
  const progress = progressLine();
  return {
    interactive: Deno.stdin.isTerminal(),
    out(line) {
      progress("");
      console.log(line);
    },
    err(line) {
      progress("");
      console.error(line);
    },
    progress,
    ask,
    async read() {
      const length = await Deno.stdin.read(buffer);
      return length === null
        ? undefined
        : decoder.decode(buffer.subarray(0, length), { stream: true });
    },
    setRaw: (raw) => Deno.stdin.setRaw(raw),
  };
}
