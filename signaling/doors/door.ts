import type { Hono } from "hono";
import type { SignalingEvent } from "../core/mod.ts";
import type { Origins } from "../handshake.ts";
import type { SignalingLimits } from "../limits.ts";
import type { Sockets } from "../sockets.ts";

export interface DoorEnv {
  /** `remoteAddress` is the client's IP address. */
  Bindings: { remoteAddress: string };
}

export type DoorRoutes = Hono<DoorEnv>;

/** What a door is built on: the sockets and limits that all share. */
export interface DoorParts {
  readonly limits: SignalingLimits;
  readonly auth: "open" | "required";
  readonly origins: () => Origins;
  readonly sockets: Sockets;
  note(event: SignalingEvent): void;
}
