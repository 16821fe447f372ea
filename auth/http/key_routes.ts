import { Hono } from "hono";
import { PUBLISHED_SECONDS, type SigningKeys } from "../signing_keys.ts";
import { only } from "./answers.ts";
import type { AuthRoutes, Env } from "./env.ts";

/** The public keys (RFC 7517 §5), with which a game's own back end verifies access tokens. */
export function keyRoutes(keys: SigningKeys): AuthRoutes {
  const app: AuthRoutes = new Hono<Env>();
  app.get("/.well-known/jwks.json", async (c) => {
    c.header("Cache-Control", `public, max-age=${PUBLISHED_SECONDS}`);
    return c.json(await keys.published());
  });
  app.all("/.well-known/jwks.json", only("GET, HEAD"));
  return app;
}
