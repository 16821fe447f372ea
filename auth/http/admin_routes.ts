import { type Context, Hono, type MiddlewareHandler } from "hono";
import * as v from "valibot";
import { type Change, subjectOf } from "../account.ts";
import type { BanChange, Bans } from "../bans.ts";
import { fail } from "./answers.ts";
import { readJson } from "./body.ts";
import type { Env, HostEnv } from "./env.ts";
import type { House } from "../house.ts";
import { houseRoutes } from "./house_routes.ts";
import type { Invite, InviteChange, Invites } from "../invites.ts";
import type { Moderation } from "../moderation.ts";
import type { Presence } from "../presence.ts";
import { playerOf } from "./player.ts";
import { STATUS } from "./registration_routes.ts";
import type { Player, Sessions } from "../sessions.ts";
import type { Actor } from "../store.ts";
import type { Users } from "../users.ts";

export interface AdminParts {
  readonly users: Users;
  readonly bans: Bans;
  readonly invites: Invites;
  readonly moderation: Moderation;
  /** Absent, as `house` is, where no server runs. */
  readonly presence: (() => Presence) | undefined;
  readonly house: House | undefined;
  readonly sessions: Sessions;
  readonly realm: string;
}

const AUDIT_PAGE = 100;
const YEAR_SECONDS = 365 * 86_400;

const life = v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(YEAR_SECONDS));
const RoleBody = v.object({ role: v.picklist(["host", "player"]) });
const LifeBody = v.object({ seconds: life });
const BanBody = v.object({ network: v.string(), seconds: life });
const NetworkBody = v.object({ network: v.string() });
const KickBody = v.object({ subject: v.pipe(v.string(), v.regex(/^(user|guest)\..{1,200}$/)) });

/** `/api/admin/*`: what a host may do, each with a line in the audit. */
export function adminRoutes(parts: AdminParts): Hono<HostEnv> {
  const { users, bans, invites, moderation, presence } = parts;
  const present = () => presence?.().present() ?? [];
  const app = new Hono<HostEnv>();
  app.use("/api/admin/*", hostsOnly(parts));

  app.get("/api/admin/users", (c) => c.json({ users: users.list() }));
  app.get("/api/admin/online", (c) => c.json({ online: present() }));
  app.get("/api/admin/invites", (c) => c.json({ invites: invites.list() }));
  app.get("/api/admin/bans", (c) => c.json({ bans: bans.list() }));
  app.get("/api/admin/audit", (c) => {
    const [before, limit] = ["before", "limit"].map((name) => Number(c.req.query(name) ?? NaN));
    const lines = moderation.audit(
      Math.min(limit && limit > 0 ? limit : AUDIT_PAGE, AUDIT_PAGE),
      Number.isSafeInteger(before) ? before : undefined,
    );
    return c.json({ audit: lines });
  });

  const changed = (c: Context<HostEnv>, change: Change) =>
    change.kind === "done"
      ? c.json({ user: change.user })
      : fail(c, STATUS[change.code], change.code, change.message);
  const target = (c: Context<HostEnv>) => c.req.param("id") ?? "";

  /** A host who ended itself could not undo it. */
  const notYourself: MiddlewareHandler<HostEnv> = async (c, next) => {
    if (target(c).toLowerCase() !== c.get("id")) return await next();
    return fail(c, 409, "yourself", "Another host does this to you, or the command line.");
  };

  const act = (word: string, change: (id: string, by: Actor) => Change) =>
    app.post(
      `/api/admin/users/:id/${word}`,
      notYourself,
      (c) => changed(c, change(target(c), c.get("by"))),
    );
  act("disable", (id, by) => users.disable(id, by));
  act("enable", (id, by) => users.enable(id, by));
  act("remove", (id, by) => users.remove(id, by));
  act("end-sessions", (id, by) => users.endSessions(id, by));
  act("unban", (id, by) => users.unban(id, by));

  /** As `act`, with a JSON body. */
  const tell = <T>(
    path: string,
    schema: v.GenericSchema<unknown, T>,
    hint: string,
    answer: (c: Context<HostEnv>, body: T) => Response,
  ) =>
    app.post(path, notYourself, (c) => {
      const body = readJson(c, schema, hint);
      return body.kind === "read" ? answer(c, body.value) : body.response;
    });

  tell(
    "/api/admin/users/:id/role",
    RoleBody,
    '{"role": "host" or "player"}',
    (c, { role }) => changed(c, users.setRole(target(c), role, c.get("by"))),
  );
  tell(
    "/api/admin/users/:id/ban",
    LifeBody,
    SECONDS,
    (c, { seconds }) => changed(c, users.ban(target(c), seconds, c.get("by"))),
  );

  tell("/api/admin/kick", KickBody, '{"subject": "…"}, as `online` lists it', (c, { subject }) => {
    const kicked = moderation.kick(subject, c.get("by"));
    if (kicked.kind === "refused") {
      return fail(c, STATUS[kicked.code], kicked.code, kicked.message);
    }
    return c.body(null, 204);
  });

  /** Noted first: what cannot be noted is not done. */
  const lock = (word: string, isLocked: boolean) =>
    app.post(`/api/admin/rooms/:code/${word}`, (c) => {
      const code = c.req.param("code").toUpperCase();
      const room = present().find(({ room }) => room.toUpperCase() === code)?.room;
      if (room === undefined) return fail(c, 404, "no-such-room", "No room has this code.");
      const noted = moderation.setLocked(room, isLocked, c.get("by"));
      if (noted.kind === "refused") return fail(c, STATUS[noted.code], noted.code, noted.message);
      presence?.().setLocked(room, isLocked);
      return c.body(null, 204);
    });
  lock("lock", true);
  lock("unlock", false);

  tell("/api/admin/bans", BanBody, '{"network": "203.0.113.0/24", "seconds": 86400}', (c, body) => {
    const { network, seconds } = body;
    return banned(c, bans.add(network, seconds, c.get("by"), c.env.remoteAddress));
  });
  tell(
    "/api/admin/bans/remove",
    NetworkBody,
    '{"network": "203.0.113.0/24"}',
    (c, { network }) => banned(c, bans.remove(network, c.get("by"))),
  );

  tell("/api/admin/invites", LifeBody, SECONDS, (c, { seconds }) => {
    const made = invites.make(seconds, c.get("by"));
    if (made.kind === "refused") return fail(c, inviteStatus(made), made.code, made.message);
    const { token, ...invite } = made.value;
    return c.json({ invite, token, path: invitePath(token) }, 201);
  });
  app.post("/api/admin/invites/:number/withdraw", (c) => {
    const withdrawn = invites.withdraw(Number(c.req.param("number")), c.get("by"));
    return withdrawn.kind === "done"
      ? c.json({ invite: withdrawn.value })
      : fail(c, inviteStatus(withdrawn), withdrawn.code, withdrawn.message);
  });
  return parts.house ? app.route("/", houseRoutes(parts.house, moderation)) : app;
}

const SECONDS = `{"seconds": 86400}, at most ${YEAR_SECONDS}`;

/** The token stands behind the `#`, which browsers send to nobody: no log ever holds it. */
export function invitePath(token: string): string {
  return `/#invite=${token}`;
}

/** Turns away whoever comes from a banned network. */
export function refuseBanned(bans: Bans): MiddlewareHandler<Env> {
  return async (c, next) => {
    if (!bans.has(c.env.remoteAddress)) return await next();
    return fail(c, 403, "banned", "The host of this server has banned your address.");
  };
}

/** The role is the account's of this moment: a token does not carry it. */
function hostsOnly(parts: AdminParts): MiddlewareHandler<HostEnv> {
  const { sessions, users, bans } = parts;
  const hostOf = ({ id }: Player) => {
    const account = users.find(id);
    return account?.role === "host" ? account : undefined;
  };
  return async (c, next) => {
    const found = await playerOf(c, parts);
    if (found.kind === "refused") return found.response;
    const account = hostOf(found.player);
    if (!account) return fail(c, 403, "not-host", "Only a host may do this.");
    const { token } = found;
    const address = c.env.remoteAddress;
    c.set("by", subjectOf(account));
    c.set("id", account.id);
    c.set("holds", async () => {
      const still = await sessions.authenticate(token);
      return still.kind === "player" && hostOf(still.player) !== undefined && !bans.has(address);
    });
    return await next();
  };
}

function banned(c: Context, change: BanChange): Response {
  if (change.kind === "done") return c.json({ ban: change.value });
  switch (change.code) {
    case "bad-network":
      return fail(c, 400, change.code, change.message);
    case "no-such-ban":
      return fail(c, 404, change.code, change.message);
    case "your-own":
    case "too-many-bans":
      return fail(c, 409, change.code, change.message);
    case "disk-full":
    case "storage-failed":
      return fail(c, STATUS[change.code], change.code, change.message);
  }
}

function inviteStatus({ code }: Extract<InviteChange<Invite>, { kind: "refused" }>) {
  switch (code) {
    case "no-such-invite":
      return 404;
    case "too-many-invites":
      return 409;
    case "disk-full":
    case "storage-failed":
      return STATUS[code];
  }
}
