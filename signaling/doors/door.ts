import type { Hono } from "hono";
import type { Networks, SignalingEvent } from "../core/mod.ts";
import type { Origins } from "../handshake.ts";
import type { SignalingLimits } from "../limits.ts";
import type { Sockets } from "../sockets.ts";

export interface DoorEnv {
  /** `remoteAddress` is the client's IP address. */
  Bindings: { remoteAddress: string };
}

export type DoorRoutes = Hono<DoorEnv>;

/** What a door is built on: the sockets, networks and limits that all share. */
export interface DoorParts {
  readonly limits: SignalingLimits;
  readonly auth: "open" | "required";
  readonly origins: () => Origins;
  readonly networks: Networks;
  readonly sockets: Sockets;
  note(event: SignalingEvent): void;
}
