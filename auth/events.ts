import type { Ending } from "./presence.ts";

/** Something an operator counts or reads. Never holds a secret, nor a name that is no account. */
export type AuthEvent =
  | { readonly kind: "login"; readonly subject: string; readonly address: string }
  /** `subject` only where there is such an account: people type passwords into the wrong field. */
  | { readonly kind: "login-refused"; readonly subject?: string; readonly address: string }
  | { readonly kind: "login-limited"; readonly address: string }
  /** All hashing places and the queue for them are taken. */
  | { readonly kind: "login-busy"; readonly address: string }
  /** A refresh token was used again, from here: it may be stolen, so its session has ended. */
  | { readonly kind: "refresh-reused"; readonly subject: string; readonly address: string }
  /** Too many sessions were renewed from this network. */
  | { readonly kind: "refresh-limited"; readonly address: string }
  /** The stored hash was renewed with the present cost. */
  | { readonly kind: "rehashed"; readonly subject: string }
  /** Every token of this subject is refused from now on; its sockets and allocations should go too. */
  | { readonly kind: "sessions-ended"; readonly subject: string }
  /** What a subject had here was ended: its connections, allocations and TURN credentials. */
  | { readonly kind: "sent-off"; readonly subject: string; readonly why: Ending }
  | { readonly kind: "registered"; readonly subject: string; readonly address: string }
  /** Too many accounts were asked for from this network. */
  | { readonly kind: "registration-limited"; readonly address: string }
  /** The database gets a new schema; `copy` is the old one. */
  | {
    readonly kind: "migrating";
    readonly from: number;
    readonly to: number;
    readonly copy: string;
  }
  | { readonly kind: "guest-limited"; readonly address: string }
  /** A secret file could be read by others with that octal mode; now it cannot. */
  | { readonly kind: "closed-to-others"; readonly path: string; readonly mode: string }
  /** The database refused a write: the disk is full, or the like. */
  | { readonly kind: "storage-failed"; readonly message: string };
