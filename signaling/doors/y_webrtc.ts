/** The y-webrtc door: what the unchanged `y-webrtc` provider finds at its signaling server. */
import { Topics } from "./core/mod.ts";
import type { DoorParts, DoorRoutes } from "./door.ts";

export interface YWebrtcOptions {
  /** Where the provider's `signaling` points, as `wss://host/path`; a login is `?token=…` there. */
  readonly path: string;
}

export function addYWebrtc(app: DoorRoutes, parts: DoorParts, { path }: YWebrtcOptions): void {
  const { limits, auth, origins, note, networks, sockets } = parts;
  const core = new Topics({ limits, auth, networks, effects: { ...sockets.effects, note } });
  const upgrade = sockets.serve({
    core,
    origins,
    logins: true,
    opened: (id, arrival, now) => core.opened(id, arrival, now),
  });
  const bare = path.replace(/\/$/, "");
  for (const place of bare === "" ? ["/"] : [bare, `${bare}/`]) {
    app.all(place, (c) => upgrade(c.req.raw, c.env.remoteAddress));
  }
}
