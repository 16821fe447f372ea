import type { Auth } from "../auth/mod.ts";

/** What the commands need of the open accounts. */
export type Accounts = Pick<
  Auth,
  "users" | "bans" | "invites" | "moderation" | "keys" | "iceServers" | "close"
>;
