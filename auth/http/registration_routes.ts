import { Hono } from "hono";
import * as v from "valibot";
import { type Refusal, subjectOf } from "../account.ts";
import { networkOf } from "../../ip/mod.ts";
import { RateLimit } from "../core/mod.ts";
import type { AuthEvent } from "../events.ts";
import type { Registrations } from "../registrations.ts";
import { fail, failFor, only } from "./answers.ts";
import { readJson } from "./body.ts";
import type { AuthRoutes, Env } from "./env.ts";

export type Registration = "closed" | "invite" | "open";

export interface RegistrationParts {
  readonly registration: () => Registration;
  readonly limits: () => "on" | "off";
  readonly registrations: Registrations;
  /** Monotonic milliseconds. */
  readonly monotonic: () => number;
  readonly note: (event: AuthEvent) => void;
}

/** A household at once, and one more each five minutes; a try counts, for each may cost a hash. */
const ALLOWANCE = { burst: 10, perSecond: 1 / 300, keys: 10_000 };
const BUSY_RETRY_MS = 2_000;

const Form = v.object({
  login: v.string(),
  password: v.string(),
  invite: v.optional(v.string()),
});

export const STATUS = {
  "bad-name": 400,
  "bad-password": 400,
  "bad-invite": 403,
  "no-such-user": 404,
  "name-taken": 409,
  "too-many-accounts": 503,
  "busy": 503,
  "disk-full": 507,
  "storage-failed": 503,
} as const satisfies Record<Refusal["code"], number>;

/** `POST /api/register`: accounts that strangers make, where the host lets them. */
export function registrationRoutes(parts: RegistrationParts): AuthRoutes {
  const { registrations, monotonic, note } = parts;
  const limit = new RateLimit(ALLOWANCE);
  const app: AuthRoutes = new Hono<Env>();
  app.post("/api/register", async (c) => {
    const body = readJson(c, Form, '{"login": "…", "password": "…", "invite": "…"}, all strings');
    if (body.kind === "refused") return body.response;
    const registration = parts.registration();
    if (registration === "closed") {
      return fail(c, 403, "registration-closed", "The host of this server makes its accounts.");
    }
    const { login, password, invite } = body.value;
    if (registration === "invite" && invite === undefined) {
      return fail(c, 403, "bad-invite", "A new account needs an invitation: ask the host for one.");
    }
    const address = c.env.remoteAddress;
    const wait = parts.limits() === "on" ? limit.take(networkOf(address), monotonic()) : 0;
    if (wait > 0) {
      note({ kind: "registration-limited", address });
      return failFor(c, wait, 429, "rate-limited", "Too many accounts were asked for.");
    }
    const change = await registrations.register(login, password, invite);
    if (change.kind === "done") {
      const { id, name } = change.user;
      note({ kind: "registered", subject: subjectOf(change.user), address });
      return c.json({ user: { id, name } }, 201);
    }
    return change.code === "busy"
      ? failFor(c, BUSY_RETRY_MS, 503, "busy", "Too many players come just now.")
      : fail(c, STATUS[change.code], change.code, change.message);
  });
  app.all("/api/register", only("POST"));
  return app;
}
