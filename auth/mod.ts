/** Who you are: users, passwords, tokens, ICE servers and their credentials. */
export {
  type Auth,
  type AuthOptions,
  type AuthSettings,
  loadOrMakeSecret,
  loadSecret,
  openAuth,
} from "./auth.ts";
export type { AuthRoutes } from "./http/mod.ts";
export type { AuthEvent } from "./events.ts";
export type { Opened, OpenFailure, OpenFailureCode } from "./opened.ts";
export type { Authenticated, Player } from "./sessions.ts";
export type { Ban, BanChange } from "./bans.ts";
export type { Invite, InviteChange, NewInvite } from "./invites.ts";
export type { House } from "./house.ts";
export type { Ending, Presence, Present } from "./presence.ts";
export { invitePath, type Registration } from "./http/mod.ts";
export type { Rotation, SigningKeys } from "./signing_keys.ts";
export { parseSavedUser } from "./saved_users.ts";
export type { AuditLine } from "./store.ts";
export {
  type Change,
  type Refusal,
  type Role,
  type SavedUser,
  subjectOf,
  type User,
} from "./account.ts";
export { openUsers, type Users } from "./users.ts";
export type { IceServer, IceServers, ScryptCost, TurnEndpoint } from "./core/mod.ts";
