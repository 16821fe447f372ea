import type { Accounts } from "./accounts.ts";

/** A TURN credential in the form that outside tools know (draft-uberti-behave-turn-rest-00 §2.2). */
export function turnCredential(
  accounts: Accounts,
  subject: string,
  host: string,
  now: number,
): string {
  const { iceServers, expiresAt } = accounts.iceServers(subject, host);
  const relay = iceServers.find(({ credential }) => credential !== undefined);
  if (!relay) throw new Error(`Cannot make a credential: ${host} has no relay`);
  return JSON.stringify(
    {
      username: relay.username,
      password: relay.credential,
      ttl: expiresAt - Math.floor(now / 1000),
      uris: relay.urls,
    },
    null,
    2,
  );
}
