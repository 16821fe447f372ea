import { logger } from "./logs.ts";

/** What a part of the program reports: a kind, and plain values that hold no secret. */
interface Event {
  readonly kind: string;
  readonly code?: string | number;
  readonly error?: unknown;
}

type Level = "debug" | "info" | "warn" | "error";

/** Kinds that are no everyday business. Whatever is not named is `info`. */
const LEVELS = new Map<string, Level>([
  ["failed", "error"],
  ["storage-failed", "error"],
  ["request-failed", "error"],
  ["http-down", "error"],
  ["restarting", "error"],
  ["trouble", "warn"],
  ["withheld", "warn"],
  ["closed-to-others", "warn"],
  ["login-limited", "warn"],
  ["login-busy", "warn"],
  ["guest-limited", "warn"],
  ["proxy-not-trusted", "warn"],
  ["refresh-limited", "warn"],
  ["refresh-reused", "warn"],
  ["dropped", "debug"],
  ["fault", "debug"],
]);

/** 401 and 438 open every TURN conversation (RFC 8489 §9.2.4): alone they tell nothing. */
const CHALLENGES: ReadonlySet<unknown> = new Set([401, 438]);

/** Writes the events of one part to the log, one line each: the kind, then its values. */
export function eventLog(part: string): (event: Event) => void {
  const log = logger(part);
  return (event) => {
    const { kind, ...values } = event;
    const level = CHALLENGES.has(event.code) ? "debug" : LEVELS.get(kind) ?? "info";
    log[level](kind, values);
  };
}
