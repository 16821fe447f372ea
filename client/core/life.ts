/** The life of the connection to the server. */

/** The place in the room: what `resume` needs. */
export interface Place {
  readonly resume: string;
  /** The last `seq` that came. */
  readonly seq: number;
}

export type Life =
  | { readonly kind: "entering" }
  | { readonly kind: "online"; readonly place: Place }
  /** Without a place the room is joined anew. */
  | { readonly kind: "away"; readonly attempt: number; readonly place: Place | undefined }
  | { readonly kind: "ended"; readonly code: string; readonly message: string };

export interface Bye {
  readonly code: string;
  readonly message: string;
  readonly reconnect: boolean;
  readonly retryAfter?: number;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;

/** How long to wait before the next try: doubled each time, and spread over its upper half. */
export function backoff(attempt: number, chance: number): number {
  const most = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt);
  return most * (0.5 + chance / 2);
}

/** The socket has closed, after `bye` where one came. */
export function closed(life: Life, bye: Bye | undefined): Life {
  if (life.kind === "ended") return life;
  if (bye && !bye.reconnect) return { kind: "ended", code: bye.code, message: bye.message };
  switch (life.kind) {
    case "entering":
      return { kind: "ended", code: "unreachable", message: "Cannot connect to the server." };
    case "online":
      return { kind: "away", attempt: 0, place: life.place };
    case "away":
      return { ...life, attempt: life.attempt + 1 };
  }
}

/** A numbered message has come. */
export function counted(life: Life, seq: number): Life {
  return life.kind === "online" ? { kind: "online", place: { ...life.place, seq } } : life;
}
