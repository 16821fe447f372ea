/** Why somebody has to go: the code that their connections end with. */
export type Ending = "disconnected" | "kicked" | "banned";

/** Somebody in a room. */
export interface Present {
  readonly room: string;
  readonly id: string;
  readonly name?: string | undefined;
  readonly subject: string;
  /** False while its connection is lost and its place is kept. */
  readonly here: boolean;
  /** Where it is connected from, or was last. */
  readonly address?: string | undefined;
  /** Who may come into the room. */
  readonly access: "open" | "locked" | "password";
}

/** Who is here, and how they are made to go: the rest of the program as accounts see it. */
export interface Presence {
  present(): readonly Present[];
  /** Lets nobody into a room any more, or everybody. False where there is no such room. */
  setLocked(room: string, isLocked: boolean): boolean;
  /** Ends every connection of this subject, and its places in rooms. */
  disconnect(subject: string, code: Ending, reason: string): void;
  /** Ends the connections and places of one login of somebody who may have others. */
  disconnectSession(session: string, code: Ending, reason: string): void;
  /** Gives what this subject still has open other ICE servers: the ones before have ended. */
  renewIce(subject: string): void;
  /** Ends connections and places from the addresses that `test` is true of; whose they were. */
  disconnectFrom(
    test: (address: string) => boolean,
    code: Ending,
    reason: string,
  ): readonly string[];
}

/** What people are told. */
export const REASONS: Readonly<Record<Ending, string>> = {
  disconnected: "This session has ended: log in again.",
  kicked: "The host of this server has removed you.",
  banned: "The host of this server has banned you.",
};
