import { randomBytes } from "node:crypto";
import type { Row } from "./store.ts";

/** `host`: may use `/api/admin`. */
export type Role = "host" | "player";

export interface User {
  /** The name in lower case: unique, and what others call the player by. */
  readonly id: string;
  /** The name as its owner writes it. */
  readonly name: string;
  readonly role: Role;
  /** Whether it may not log in now: for good, or until its ban ends. */
  readonly disabled: boolean;
  /** Unix milliseconds; only where it is banned. */
  readonly bannedUntil?: number;
  /** Unix milliseconds. */
  readonly createdAt: number;
}

/** A user with what only this folder may see. */
export interface Account extends User {
  /** PHC string. */
  readonly password: string;
  /** Carried by every session; one with another is over. */
  readonly epoch: string;
}

/** An account as it is carried from one database to another. */
export type SavedUser = Pick<Account, "name" | "password" | "role" | "createdAt"> & {
  /** For good: a ban is told by its end. */
  readonly disabled: boolean;
  readonly bannedUntil?: number;
};

/** What came of a change. Once it is `done` it survives a loss of power. */
export type Change = { readonly kind: "done"; readonly user: User } | Refusal;

export interface Refusal {
  readonly kind: "refused";
  readonly code:
    | "bad-name"
    | "bad-password"
    | "name-taken"
    | "no-such-user"
    | "bad-invite"
    | "too-many-accounts"
    /** Too many passwords are being hashed; try again in a moment. */
    | "busy"
    | "disk-full"
    /** The database is locked, or the like. */
    | "storage-failed";
  readonly message: string;
}

/** What every token, relay credential and event calls a user by. */
export function subjectOf(user: Pick<User, "id">): `user.${string}` {
  return `user.${user.id}`;
}

export function refused(code: Refusal["code"], message: string): Refusal {
  return { kind: "refused", code, message };
}

export function taken(name: string): Refusal {
  return refused("name-taken", `There is a user ${name} already (names differ in more than case).`);
}

export function newEpoch(): string {
  return randomBytes(9).toString("base64url");
}

export function withoutSecrets({ password: _password, epoch: _epoch, ...user }: Account): User {
  return user;
}

export function toAccount(row: Row, now: number): Account {
  const bannedUntil = Number(row["banned_until"] ?? 0);
  const banned = bannedUntil > now;
  return {
    id: String(row["id"]),
    name: String(row["name"]),
    password: String(row["password"]),
    epoch: String(row["epoch"]),
    role: row["role"] === "host" ? "host" : "player",
    disabled: row["disabled"] === 1 || banned,
    ...banned && { bannedUntil },
    createdAt: Number(row["created_at"]),
  };
}
