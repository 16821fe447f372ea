/** The life of the connection to the server. */

/** The place in the room: what `resume` needs. */
export interface Place {
  readonly resume: string;
  /** The last `seq` that came. */
  readonly seq: number;
}

/** Without a place there is nothing to resume: the room is joined anew. */
export type Life =
  | { readonly kind: "entering" }
  | { readonly kind: "online"; readonly place: Place | undefined }
  | { readonly kind: "away"; readonly attempt: number; readonly place: Place | undefined }
  | { readonly kind: "ended"; readonly code: string; readonly message: string };

export interface Bye {
  readonly code: string;
  readonly message: string;
  readonly reconnect: boolean;
  /** Seconds. */
  readonly retryAfter?: number;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;

/** How long to wait before the next try: doubled each time, and spread over its upper half. */
export function backoff(attempt: number, chance: number): number {
  const most = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt);
  return most * (0.5 + chance / 2);
}

const LONGEST_PATIENCE_MS = 15_000;
const FIRST_PATIENCE_MS = 5_000;

/**
 * How long a try may take, from the first packet to the first answer. After a loss the first are
 * short: the name may lead to an address that the server had, and elsewhere the next time.
 */
export function patience(life: Life): number {
  if (life.kind !== "away") return LONGEST_PATIENCE_MS;
  return Math.min(LONGEST_PATIENCE_MS, FIRST_PATIENCE_MS * (life.attempt + 1));
}

/** The socket has closed, after `bye` where one came. */
export function closed(life: Life, bye: Bye | undefined): Life {
  if (life.kind === "ended") return life;
  if (bye && !bye.reconnect) return { kind: "ended", code: bye.code, message: bye.message };
  switch (life.kind) {
    case "entering": {
      const { code, message } = bye ?? UNREACHABLE;
      return { kind: "ended", code, message };
    }
    case "online":
      return { kind: "away", attempt: 0, place: life.place };
    case "away":
      return { ...life, attempt: life.attempt + 1 };
  }
}

const UNREACHABLE = { code: "unreachable", message: "Cannot connect to the server." };

/**
 * Refusals that pass: the old place is still held, or whoever makes the room is not back yet after
 * a restart of the server.
 */
const PASSING: ReadonlySet<string> = new Set([
  "id-taken",
  "no-such-room",
  "rate-limited",
  "room-full",
  "too-many-rooms",
]);
/** How many tries such a refusal is borne for: about a minute and a half. */
const BORNE_TRIES = 8;

/** The server lets nobody in by this message. */
export function refused(life: Life, error: { code: string; message: string }): Life {
  if (life.kind === "away") {
    if (error.code === "no-such-session") return { ...life, place: undefined };
    if (PASSING.has(error.code) && life.attempt < BORNE_TRIES) return life;
  }
  return { kind: "ended", code: error.code, message: error.message };
}

/** A numbered message has come. */
export function counted(life: Life, seq: number): Life {
  if (life.kind !== "online" || !life.place) return life;
  return { kind: "online", place: { ...life.place, seq } };
}
