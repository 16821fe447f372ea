import type { Hono } from "hono";
import type { Actor } from "../store.ts";

export interface Env {
  Bindings: {
    /** The client's IP address. */
    remoteAddress: string;
    /** Whether it speaks TLS, as far as is known: to a proxy in front of us that we trust. */
    secure?: boolean;
  };
  Variables: {
    /** All of the request's body. */
    body: Uint8Array;
  };
}

/** What is known of a host who asks. */
export type HostEnv = Env & {
  Variables: {
    by: Actor;
    id: string;
    /** Whether its token, role and address would still let it ask. */
    holds: () => Promise<boolean>;
  };
};

export type AuthRoutes = Hono<Env>;
