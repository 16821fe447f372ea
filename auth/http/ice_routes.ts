import { randomBytes } from "node:crypto";
import { Hono } from "hono";
import { networkOf } from "../../ip/mod.ts";
import type { IceServers, RateLimit } from "../core/mod.ts";
import type { AuthEvent } from "../events.ts";
import type { Sessions } from "../sessions.ts";
import { failFor, only } from "./answers.ts";
import type { AuthRoutes, Env } from "./env.ts";
import { playerOf } from "./player.ts";
import { hostOf } from "./requests.ts";

export interface IceRouteParts {
  readonly sessions: Sessions;
  readonly iceServers: (subject: string, host: string) => IceServers;
  readonly turn: { readonly ipv6?: () => string | undefined };
  readonly auth: "open" | "required";
  /** How often guests of one network may ask; undefined while limits are off. */
  readonly guests: () => RateLimit | undefined;
  readonly realm: string;
  /** Monotonic milliseconds. */
  readonly monotonic: () => number;
  readonly note: (event: AuthEvent) => void;
}

/** `/api/ice`: ICE servers with fresh credentials, for players and, in open mode, guests. */
export function iceRoutes(parts: IceRouteParts): AuthRoutes {
  const { iceServers, guests, auth, turn, monotonic, note } = parts;
  /** By name a browser takes whichever family it likes: the tester asks by address. */
  const grant = (subject: string, host: string) => ({
    ...iceServers(subject, host),
    ipv6: turn.ipv6?.(),
  });
  const app: AuthRoutes = new Hono<Env>();
  app.get("/api/ice", async (c) => {
    // A header that is no bearer token is a mistake to be told of, not a guest.
    if (auth === "required" || c.req.header("authorization") !== undefined) {
      const found = await playerOf(c, parts);
      return found.kind === "refused"
        ? found.response
        : c.json(grant(found.player.subject, hostOf(c)));
    }
    const address = c.env.remoteAddress;
    const wait = guests()?.take(networkOf(address), monotonic()) ?? 0;
    if (wait === 0) return c.json(grant(guestSubject(), hostOf(c)));
    note({ kind: "guest-limited", address });
    return failFor(c, wait, 429, "rate-limited", "Too many requests without a token.");
  });
  app.all("/api/ice", only("GET, HEAD"));
  return app;
}

/** `-` is the room: a guest who is in none. */
function guestSubject(): string {
  return `guest.-.${randomBytes(8).toString("hex")}`;
}
