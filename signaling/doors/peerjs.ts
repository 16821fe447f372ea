/** The PeerJS door: what the unchanged `peerjs` client finds at a PeerServer. */
import type { Context } from "hono";
import { cors } from "hono/cors";
import { allows, type Origins } from "../handshake.ts";
import { Broker } from "./core/mod.ts";
import type { DoorEnv, DoorParts, DoorRoutes } from "./door.ts";

export interface PeerJsOptions {
  /** The `path` of the client's options; `/` serves it at the root. */
  readonly path: string;
  /** Whether anybody may read which ids are there. Never where a login is needed. */
  readonly discovery: boolean;
}

/** A client that names neither path nor key asks at `/peerjs/id` and connects to `/peerjs`. */
const UNNAMED = "/peerjs";

const INFO = {
  name: "PeerJS Server",
  description: "A server side element to broker connections between PeerJS clients.",
  website: "https://peerjs.com/",
};

/**
 * The client asks at `{path}{key}/id` and connects to `{path}peerjs`. At the usual path, clients
 * that name none are served too.
 */
export function addPeerJs(app: DoorRoutes, parts: DoorParts, options: PeerJsOptions): void {
  const { limits, auth, origins, note, networks, sockets } = parts;
  const path = options.path.replace(/\/$/, "");
  const core = new Broker({ limits, auth, networks, effects: { ...sockets.effects, note } });
  const upgrade = sockets.serve({
    core,
    origins,
    // Without logins it is any text, by which the client is known again when it reconnects.
    logins: auth === "required",
    opened(id, arrival, now) {
      const { token, group } = arrival;
      const query = new URLSearchParams(arrival.query);
      core.opened(
        id,
        { peerId: query.get("id"), key: query.get("key"), token, group },
        arrival,
        now,
      );
    },
  });

  app.all(`${path}/peerjs`, (c) => upgrade(c.req.raw, c.env.remoteAddress));
  if (path === UNNAMED) {
    app.get(path, async (c, next) => {
      if (!c.req.header("upgrade")) return await next();
      return await upgrade(c.req.raw, c.env.remoteAddress);
    });
  }
  const get = reader(app, origins);
  for (const place of path === UNNAMED ? [path, `${path}/:key`] : [`${path}/:key`]) {
    get(`${place}/id`, (c) => c.html(freeId(core)));
    get(`${place}/peers`, (c) => {
      if (options.discovery && auth === "open") return c.json(core.ids);
      const message = "This server lists no ids: its host can allow it where no login is needed.";
      return c.json({ error: { code: "unauthorized", message } }, 401);
    });
  }
  // At the root there is a page.
  if (path !== "") { for (const place of [path, `${path}/`]) get(place, (c) => c.json(INFO)); }
}

function freeId(core: Broker): string {
  let id: string;
  do id = crypto.randomUUID(); while (core.isHeld(id));
  return id;
}

/** Adds paths that are only read, also from pages of the origins. */
function reader(app: DoorRoutes, origins: () => Origins) {
  const crossOrigin = cors({
    origin: (origin, c) => allows(origins(), origin, c.req.header("host") ?? "") ? origin : null,
    allowMethods: ["GET"],
  });
  return (path: string, answer: (c: Context<DoorEnv>) => Response | Promise<Response>) => {
    app.use(path, crossOrigin);
    app.get(path, (c) => {
      c.header("cache-control", "no-store");
      return answer(c);
    });
    app.all(path, (c) => {
      const message = `${c.req.path} is only read: use GET.`;
      return c.json({ error: { code: "method-not-allowed", message } }, 405, {
        allow: "GET, HEAD",
      });
    });
  };
}
