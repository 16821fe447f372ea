import { type Context, Hono } from "hono";
import * as v from "valibot";
import { networkOf } from "../../ip/mod.ts";
import { type IceServers, RateLimit } from "../core/mod.ts";
import type { AuthEvent } from "../events.ts";
import type { NotStored, Player, Session, Sessions } from "../sessions.ts";
import type { RefusedToken } from "../tokens.ts";
import { fail, failFor, only, refuse } from "./answers.ts";
import { readJson, readOptionalJson } from "./body.ts";
import { refreshCookieOf, setRefreshCookie } from "./cookie.ts";
import type { AuthRoutes, Env } from "./env.ts";
import { playerOf } from "./player.ts";
import { hostOf, isOwnPage } from "./requests.ts";

export interface SessionRouteParts {
  readonly sessions: Sessions;
  readonly iceServers: (subject: string, host: string) => IceServers;
  readonly realm: string;
  readonly limits: () => "on" | "off";
  /** Monotonic milliseconds. */
  readonly monotonic: () => number;
  readonly note: (event: AuthEvent) => void;
}

/**
 * Each costs a write to the disk. A whole LAN behind one address comes at once after a restart, and
 * each of its players once in the life of an access token after that.
 */
const REFRESHES = { burst: 120, perSecond: 1, keys: 10_000 };

/** A hash takes about half a second: by then a place is free. */
const BUSY_RETRY_MS = 2_000;

const Credentials = v.object({ login: v.string(), password: v.string() });
const Refresh = v.object({ refreshToken: v.optional(v.string()) });
const Logout = v.object({ all: v.optional(v.boolean()), session: v.optional(v.string()) });

/** `/api/login`, `/api/refresh`, `/api/logout`, `/api/sessions` and `/api/me`. */
export function sessionRoutes(parts: SessionRouteParts): AuthRoutes {
  const { sessions, iceServers, realm, monotonic, note } = parts;
  const refreshes = new RateLimit(REFRESHES);
  const app: AuthRoutes = new Hono<Env>();

  /**
   * Pages of this server keep the refresh token in a cookie, out of reach of scripts. Whoever else
   * asks has it in the answer: a browser would not keep a cookie of ours for another site's page.
   */
  const welcome = (c: Context<Env>, session: Session) => {
    const { token, expiresIn, refresh, refreshExpiresIn, player } = session;
    if (isOwnPage(c)) setRefreshCookie(c, refresh, refreshExpiresIn);
    return c.json({
      token,
      expiresIn,
      ...!isOwnPage(c) && { refreshToken: refresh },
      refreshExpiresIn,
      user: userOf(player),
      ...iceServers(player.subject, hostOf(c)),
    });
  };

  app.post("/api/login", async (c) => {
    const body = readJson(c, Credentials, '{"login": "…", "password": "…"}, both strings');
    if (body.kind === "refused") return body.response;
    const { login, password } = body.value;
    const outcome = await sessions.logIn(login, password, c.env.remoteAddress);
    switch (outcome.kind) {
      case "session":
        return welcome(c, outcome);
      case "wrong":
        return refuse(c, realm, WRONG_LOGIN, "none");
      case "limited":
        return failFor(c, outcome.retryAfterMs, 429, "rate-limited", "Too many tries.");
      case "busy":
        return failFor(c, BUSY_RETRY_MS, 503, "busy", "Too many players log in just now.");
      case "not-stored":
        return notStored(c, outcome);
    }
  });

  app.post("/api/refresh", async (c) => {
    const body = readOptionalJson(c, Refresh, '{"refreshToken": "…"}, a string');
    if (body.kind === "refused") return body.response;
    const cookie = refreshCookieOf(c);
    const { refreshToken = cookie } = body.value;
    if (refreshToken === undefined) return refuse(c, realm, NO_REFRESH_TOKEN, "none");
    // A page of another site, or another port, can make a browser send the cookie along.
    if (refreshToken === cookie && !isOwnPage(c)) {
      return fail(c, 403, "origin-refused", "Only this server's own pages may use its cookie.");
    }
    const address = c.env.remoteAddress;
    const wait = parts.limits() === "on" ? refreshes.take(networkOf(address), monotonic()) : 0;
    if (wait > 0) {
      note({ kind: "refresh-limited", address });
      return failFor(c, wait, 429, "rate-limited", "Too many sessions are renewed from here.");
    }
    const outcome = await sessions.renew(refreshToken, address);
    switch (outcome.kind) {
      case "session":
        return welcome(c, outcome);
      case "refused":
        forget(c);
        return refuse(c, realm, outcome, "shown");
      case "not-stored":
        return notStored(c, outcome);
    }
  });

  app.post("/api/logout", async (c) => {
    const found = await playerOf(c, parts);
    if (found.kind === "refused") return found.response;
    const hint = '{"all": true}, {"session": "…"}, or nothing for this session';
    const body = readOptionalJson(c, Logout, hint);
    if (body.kind === "refused") return body.response;
    const { player } = found;
    const { all = false, session = player.session } = body.value;
    const ended = all ? sessions.endAll(player) : sessions.end(player, session);
    switch (ended.kind) {
      case "done":
        if (all || session === player.session) forget(c);
        return c.body(null, 204);
      case "no-such-session":
        return fail(c, 404, ended.kind, "You have no such session.");
      case "not-stored":
        return notStored(c, ended);
    }
  });

  app.get("/api/sessions", async (c) => {
    const found = await playerOf(c, parts);
    if (found.kind === "refused") return found.response;
    const { player } = found;
    return c.json({
      sessions: sessions.list(player).map(({ id, address, beganAt, usedAt }) => ({
        id,
        current: id === player.session,
        address,
        beganAt,
        usedAt,
      })),
    });
  });

  app.get("/api/me", async (c) => {
    const found = await playerOf(c, parts);
    return found.kind === "refused" ? found.response : c.json({ user: userOf(found.player) });
  });

  for (const path of ["/api/login", "/api/refresh", "/api/logout"]) app.all(path, only("POST"));
  for (const path of ["/api/me", "/api/sessions"]) app.all(path, only("GET, HEAD"));
  return app;
}

const WRONG_LOGIN: RefusedToken = {
  kind: "refused",
  code: "unauthorized",
  message: "The name or the password is wrong.",
};

const NO_REFRESH_TOKEN: RefusedToken = {
  kind: "refused",
  code: "unauthorized",
  message: 'This needs the refresh token of a login: its cookie, or {"refreshToken": "…"}.',
};

/** A page's cookie is worth nothing any more. */
function forget(c: Context<Env>): void {
  if (isOwnPage(c)) setRefreshCookie(c, "", 0);
}

function userOf({ id, name }: Player): { id: string; name: string } {
  return { id, name };
}

function notStored(c: Context, { code, message }: NotStored): Response {
  return fail(c, code === "disk-full" ? 507 : 503, code, message);
}
