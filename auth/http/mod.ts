/** The routes of `/api`, and the public keys. */
import { Hono, type MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import type { SigningKeys } from "../signing_keys.ts";
import { type AdminParts, adminRoutes, refuseBanned } from "./admin_routes.ts";
import { takeBody } from "./body.ts";
import type { AuthRoutes, Env } from "./env.ts";
import { type IceRouteParts, iceRoutes } from "./ice_routes.ts";
import { keyRoutes } from "./key_routes.ts";
import { type RegistrationParts, registrationRoutes } from "./registration_routes.ts";
import { validHost } from "./requests.ts";
import { type SessionRouteParts, sessionRoutes } from "./session_routes.ts";

export { invitePath } from "./admin_routes.ts";
export type { AuthRoutes } from "./env.ts";
export type { Registration } from "./registration_routes.ts";

export type RouteParts =
  & SessionRouteParts
  & IceRouteParts
  & RegistrationParts
  & AdminParts
  & {
    readonly keys: SigningKeys;
    /** Web origins whose pages may call, beside our own. */
    readonly origins: () => readonly string[];
  };

export function makeRoutes(parts: RouteParts): AuthRoutes {
  return new Hono<Env>()
    .use(
      "/api/*",
      // No credentials: the cookie is for our own pages, others bring their token along.
      cors({
        origin: (origin) => parts.origins().includes(origin) ? origin : null,
        allowMethods: ["GET", "POST"],
        allowHeaders: ["Authorization", "Content-Type"],
        exposeHeaders: ["Retry-After"],
        maxAge: 600,
      }),
      noStore,
      refuseBanned(parts.bans),
      validHost,
      takeBody,
    )
    .route("/", sessionRoutes(parts))
    .route("/", iceRoutes(parts))
    .route("/", registrationRoutes(parts))
    .route("/", adminRoutes(parts))
    .route("/", keyRoutes(parts.keys));
}

const noStore: MiddlewareHandler<Env> = async (c, next) => {
  await next();
  c.header("Cache-Control", "no-store");
};
