/** Doors for clients of other servers, unchanged: each an adapter, with the limits of all. */
import { Hono } from "hono";
import type { DoorEnv, DoorParts, DoorRoutes } from "./door.ts";
import { addPeerJs, type PeerJsOptions } from "./peerjs.ts";
import { addYWebrtc, type YWebrtcOptions } from "./y_webrtc.ts";

export type { DoorRoutes } from "./door.ts";

/** Which doors there are. One without options stays closed. */
export interface DoorOptions {
  readonly peerjs?: PeerJsOptions;
  readonly yWebrtc?: YWebrtcOptions;
}

/**
 * Where no origins are listed, pages of any may use the doors: games on other hosts are what they
 * are for, and a browser brings nothing there by itself, no cookie and no login, that a foreign
 * page could misuse.
 */
export function openDoors(
  parts: Omit<DoorParts, "origins"> & { readonly origins: () => readonly string[] },
  { peerjs, yWebrtc }: DoorOptions,
): DoorRoutes {
  const origins = () => {
    const listed = parts.origins();
    return listed.length > 0 ? listed : "any";
  };
  const shared: DoorParts = { ...parts, origins };
  const app: DoorRoutes = new Hono<DoorEnv>();
  if (peerjs) addPeerJs(app, shared, peerjs);
  if (yWebrtc) addYWebrtc(app, shared, yWebrtc);
  return app;
}
