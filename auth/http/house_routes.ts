import { Hono } from "hono";
import type { House } from "../house.ts";
import type { Moderation } from "../moderation.ts";
import { fail, failFor } from "./answers.ts";
import type { HostEnv } from "./env.ts";
import { STATUS } from "./registration_routes.ts";

/** A page that was closed is forgotten by then. */
const LISTEN_RETRY_MS = 5_000;

/** `/api/admin/live`, `check` and `drain`; only mounted behind what lets hosts alone pass. */
export function houseRoutes(house: House, moderation: Moderation): Hono<HostEnv> {
  const app = new Hono<HostEnv>();
  let checking: Promise<object> | undefined;

  app.get("/api/admin/live", (c) => {
    const events = house.live(c.get("holds"));
    return events
      ? c.body(events, 200, { "Content-Type": "text/event-stream" })
      : failFor(c, LISTEN_RETRY_MS, 503, "too-many-listeners", "Too many pages look already.");
  });

  // It opens sockets and asks the router: all who ask meanwhile get the same one.
  app.get("/api/admin/check", async (c) => {
    checking ??= house.check().finally(() => checking = undefined);
    return c.json(await checking);
  });

  app.post("/api/admin/drain", (c) => {
    const written = moderation.drain(c.get("by"));
    if (written.kind === "refused") {
      return fail(c, STATUS[written.code], written.code, written.message);
    }
    house.drain();
    return c.body(null, 202);
  });
  return app;
}
