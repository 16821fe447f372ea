import { logger } from "./logs.ts";
import { type PeerPlaces, type Refused, tellRefused } from "./refusals.ts";

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
  ["reload-refused", "error"],
  ["systemd-not-told", "error"],
  ["front-down", "error"],
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

interface RefusedEvent extends Refused {
  readonly kind: "refused";
  readonly method: string;
  readonly times: number;
}

/**
 * The relay's: what was refused to a player is told in a sentence, with what the host may do.
 * `places` as they are then. `clock`: Unix milliseconds.
 */
export function relayLog(places: () => PeerPlaces, clock = Date.now): (event: Event) => void {
  const log = logger("turn");
  const write = eventLog("turn");
  return (event) => {
    const told = isRefused(event) && tellRefused(event, places(), clock() / 1_000);
    if (!told) return write(event);
    const { client, method, times } = event;
    log.info(told.template, { ...told.values, client, method, times });
  };
}

function isRefused(event: Event): event is RefusedEvent {
  return event.kind === "refused";
}
