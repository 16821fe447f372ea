/** What opening accounts comes to: the thing opened, or one line for the person who starts it. */
export type Opened<T> = { readonly kind: "open"; readonly value: T } | OpenFailure;

export interface OpenFailure {
  readonly kind: "failed";
  readonly code: OpenFailureCode;
  /** What happened, where, and what to do. One line, without a secret. */
  readonly message: string;
}

export type OpenFailureCode =
  /** The folder or a file in it cannot be read or made. */
  | "unreadable"
  | "read-only"
  | "locked"
  | "corrupt"
  /** The database was written by a later version of this program. */
  | "newer"
  /** A secret file is open to other users, and stays so. */
  | "exposed"
  /** A host, realm or the like that only configuration can have brought. */
  | "bad-option";

export function failed(code: OpenFailureCode, message: string): OpenFailure {
  return { kind: "failed", code, message };
}

/** The reason in an error that the system raised. */
export function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
