import type { Terminal } from "../../cli/mod.ts";

export interface FakeTerminal extends Terminal {
  readonly printed: string[];
  readonly failed: string[];
  readonly asked: string[];
  /** Lines of progress. */
  readonly shown: string[];
  readonly raw: boolean;
}

/** A terminal, or pipes where it is not `interactive`, that gives `input` chunk by chunk. */
export function fakeTerminal(input: readonly string[] = [], interactive = false): FakeTerminal {
  const chunks = [...input];
  const [printed, failed, asked, shown] = Array.from({ length: 4 }, (): string[] => []) as [
    string[],
    string[],
    string[],
    string[],
  ];
  let raw = false;
  return {
    interactive,
    printed,
    failed,
    asked,
    shown,
    get raw() {
      return raw;
    },
    out: (line) => printed.push(line),
    err: (line) => failed.push(line),
    progress: (line) => shown.push(line),
    ask: (text) => asked.push(text),
    read: () => Promise.resolve(chunks.shift()),
    setRaw: (wanted) => raw = wanted,
  };
}
