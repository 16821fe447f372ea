import { randomBytes } from "node:crypto";
import { type Context, type Handler, Hono, type MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { cors } from "hono/cors";
import type { JWK } from "jose";
import * as v from "valibot";
import { type IceServers, networkOf, parseHost, type RateLimit } from "./core/mod.ts";
import type { AuthEvent } from "./events.ts";
import { parseJson } from "./json_body.ts";
import type { Player, Session, Sessions } from "./sessions.ts";
import type { RefusedToken } from "./tokens.ts";

/** `remoteAddress` is the client's IP address. */
export type AuthRoutes = Hono<Env>;
export interface Env {
  Bindings: { remoteAddress: string };
}

export interface RouteParts {
  readonly sessions: Sessions;
  readonly iceServers: (subject: string, host: string) => IceServers;
  readonly jwks: { readonly keys: readonly JWK[] };
  readonly auth: "open" | "required";
  /** How often guests of one network may ask for ICE servers; absent where limits are off. */
  readonly guests: RateLimit | undefined;
  readonly realm: string;
  readonly origins: readonly string[];
  readonly monotonic: () => number;
  readonly note: (event: AuthEvent) => void;
}

const MAX_BODY_BYTES = 4 * 1024;
const JWKS_MAX_AGE_SECONDS = 3_600;
/** A hash takes about half a second: by then a place is free. */
const BUSY_RETRY_MS = 2_000;

const Credentials = v.object({ login: v.string(), password: v.string() });

/** `/api/login`, `/api/logout`, `/api/refresh`, `/api/me`, `/api/ice` and the public keys. */
export function makeRoutes(parts: RouteParts): AuthRoutes {
  const { sessions, iceServers, realm, monotonic, note } = parts;
  const app: AuthRoutes = new Hono<Env>();

  app.use(
    "/api/*",
    cors({
      origin: [...parts.origins],
      allowMethods: ["GET", "POST"],
      allowHeaders: ["Authorization", "Content-Type"],
      exposeHeaders: ["Retry-After"],
      maxAge: 600,
    }),
    noStore,
    validHost,
    bodyLimit({
      maxSize: MAX_BODY_BYTES,
      onError: (c) => fail(c, 413, "too-large", `The body has more than ${MAX_BODY_BYTES} bytes.`),
    }),
  );

  /** A 401 says how to do better (RFC 6750 §3); `error` stands only where a token was shown. */
  const refuse = (c: Context<Env>, refusal: RefusedToken, shown: boolean) => {
    const error = shown ? ', error="invalid_token"' : "";
    c.header("WWW-Authenticate", `Bearer realm=${quoted(realm)}${error}`);
    return fail(c, 401, refusal.code, refusal.message);
  };
  const noToken = (c: Context<Env>) => refuse(c, NO_TOKEN, false);
  const welcome = (c: Context<Env>, { token, expiresIn, player }: Session) =>
    c.json({ token, expiresIn, user: userOf(player), ...iceServers(player.subject, hostOf(c)) });

  app.post("/api/login", jsonOnly, async (c) => {
    const body = await readCredentials(c);
    if (body.kind === "bad") return fail(c, 400, body.code, body.message);
    const outcome = await sessions.logIn(body.login, body.password, c.env.remoteAddress);
    switch (outcome.kind) {
      case "session":
        return welcome(c, outcome);
      case "refused":
        return refuse(c, WRONG_LOGIN, false);
      case "limited":
        return failFor(c, outcome.retryAfterMs, 429, "rate-limited", "Too many tries.");
      case "busy":
        return failFor(c, BUSY_RETRY_MS, 503, "busy", "Too many players log in just now.");
    }
  });

  app.post("/api/refresh", async (c) => {
    const token = bearerOf(c);
    if (!token) return noToken(c);
    const outcome = await sessions.renew(token);
    return outcome.kind === "session" ? welcome(c, outcome) : refuse(c, outcome, true);
  });

  app.post("/api/logout", async (c) => {
    const token = bearerOf(c);
    if (!token) return noToken(c);
    const outcome = await sessions.end(token);
    if (outcome.kind === "done") return c.body(null, 204);
    if (outcome.code === "disk-full") return fail(c, 507, outcome.code, outcome.message);
    if (outcome.code === "storage-failed") return fail(c, 503, outcome.code, outcome.message);
    return refuse(c, NO_TOKEN, true);
  });

  app.get("/api/me", async (c) => {
    const token = bearerOf(c);
    if (!token) return noToken(c);
    const found = await sessions.authenticate(token);
    return found.kind === "player"
      ? c.json({ user: userOf(found.player) })
      : refuse(c, found, true);
  });

  app.get("/api/ice", async (c) => {
    const token = bearerOf(c);
    if (token) {
      const found = await sessions.authenticate(token);
      return found.kind === "player"
        ? c.json(iceServers(found.player.subject, hostOf(c)))
        : refuse(c, found, true);
    }
    // A header that is no bearer token is a mistake to be told of, not a guest.
    if (parts.auth === "required" || c.req.header("authorization")) return noToken(c);
    const address = c.env.remoteAddress;
    const wait = parts.guests?.take(networkOf(address), monotonic()) ?? 0;
    if (wait === 0) return c.json(iceServers(guestSubject(), hostOf(c)));
    note({ kind: "guest-limited", address });
    return failFor(c, wait, 429, "rate-limited", "Too many requests without a token.");
  });

  app.get("/.well-known/jwks.json", (c) => {
    c.header("Cache-Control", `public, max-age=${JWKS_MAX_AGE_SECONDS}`);
    return c.json(parts.jwks);
  });

  for (const path of ["/api/login", "/api/refresh", "/api/logout"]) app.all(path, only("POST"));
  for (const path of ["/api/me", "/api/ice", "/.well-known/jwks.json"]) {
    app.all(path, only("GET, HEAD"));
  }
  return app;
}

export const NO_TOKEN: RefusedToken = {
  kind: "refused",
  code: "unauthorized",
  message: "This needs a token: log in, and send it as `Authorization: Bearer <token>`.",
};

const WRONG_LOGIN: RefusedToken = {
  kind: "refused",
  code: "unauthorized",
  message: "The name or the password is wrong.",
};

const noStore: MiddlewareHandler<Env> = async (c, next) => {
  await next();
  c.header("Cache-Control", "no-store");
};

/** A malformed Host is refused (RFC 9112 §3.2): the runtime lets it through. */
const validHost: MiddlewareHandler<Env> = async (c, next) => {
  if (parseHost(hostOf(c))) return await next();
  return fail(c, 400, "bad-host", "The Host header is neither a host name nor an address.");
};

/** Browsers send forms across sites unasked; for JSON they ask first (Fetch §3.3, CORS preflight). */
export const jsonOnly: MiddlewareHandler<Env> = async (c, next) => {
  const type = c.req.header("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type === "application/json") return await next();
  return fail(c, 415, "wrong-type", "Send the body as `Content-Type: application/json`.");
};

export function only(allow: string): Handler<Env> {
  return (c) => {
    c.header("Allow", allow);
    return fail(c, 405, "wrong-method", `This path takes ${allow}.`);
  };
}

async function readCredentials(c: Context<Env>): Promise<
  | { readonly kind: "credentials"; readonly login: string; readonly password: string }
  | { readonly kind: "bad"; readonly code: "bad-json" | "bad-message"; readonly message: string }
> {
  const body = parseJson(await c.req.arrayBuffer());
  if (body.kind === "bad") return { kind: "bad", code: "bad-json", message: body.message };
  const credentials = v.safeParse(Credentials, body.value);
  if (credentials.success) return { kind: "credentials", ...credentials.output };
  const message = 'Send {"login": "…", "password": "…"}, both strings.';
  return { kind: "bad", code: "bad-message", message };
}

/** A quoted-string (RFC 9110 §5.6.4), in the ASCII that a header can carry. */
function quoted(text: string): string {
  return `"${text.replace(/[^ -~]/g, "?").replace(/["\\]/g, "\\$&")}"`;
}

/** The token of `Authorization: Bearer …` (RFC 6750 §2.1). Two such headers come joined: no match. */
export function bearerOf(c: Context): string | undefined {
  return /^Bearer +([\w~+/.-]+=*)$/i.exec(c.req.header("authorization") ?? "")?.[1];
}

/** By what name the client reached us: HTTP/1 says it in a header, HTTP/2 in the URL alone. */
function hostOf(c: Context<Env>): string {
  return c.req.header("host") ?? c.req.url.split("/")[2] ?? "";
}

function userOf({ id, name }: Player): { id: string; name: string } {
  return { id, name };
}

/** `-` is the room: a guest who is in none. */
function guestSubject(): string {
  return `guest.-.${randomBytes(8).toString("hex")}`;
}

type FaultStatus = 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 429 | 503 | 507;

export function fail(c: Context, status: FaultStatus, code: string, message: string): Response {
  return c.json({ error: { code, message } }, status);
}

export function failFor(
  c: Context,
  ms: number,
  status: FaultStatus,
  code: string,
  message: string,
): Response {
  const seconds = Math.ceil(ms / 1000);
  c.header("Retry-After", String(seconds));
  return fail(c, status, code, `${message} Try again in ${seconds} s.`);
}
