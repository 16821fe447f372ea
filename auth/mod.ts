/** Who you are: users, passwords, tokens, ICE servers and their credentials. */
export { type Auth, type AuthOptions, loadOrMakeSecret, openAuth } from "./auth.ts";
export type { AuthRoutes } from "./http.ts";
export type { AuthEvent } from "./events.ts";
export type { Opened, OpenFailure, OpenFailureCode } from "./opened.ts";
export type { Authenticated, Player } from "./sessions.ts";
export { type Change, openUsers, type Refusal, subjectOf, type User, type Users } from "./users.ts";
export type { IceServer, IceServers, ScryptCost, TurnEndpoint } from "./core/mod.ts";
