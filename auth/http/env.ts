import type { Hono } from "hono";

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

export type AuthRoutes = Hono<Env>;
