import { Hono } from "hono";

/** Whether players may be sent here; where not, why. */
export type Readiness = { readonly ready: true } | {
  readonly ready: false;
  readonly reasons: readonly string[];
};

export interface OpsSources {
  ready(): Readiness;
  /** Prometheus text. */
  metrics(): Promise<string>;
}

/** `/healthz`, `/readyz` and `/metrics`. */
export function opsRoutes({ ready, metrics }: OpsSources): Hono {
  const app = new Hono();
  app.use(async (c, next) => {
    await next();
    c.header("cache-control", "no-store");
  });
  app.get("/healthz", (c) => c.json({ alive: true }));
  app.get("/readyz", (c) => {
    const readiness = ready();
    return c.json(readiness, readiness.ready ? 200 : 503);
  });
  app.get("/metrics", async (c) => {
    return c.text(await metrics(), 200, { "content-type": CONTENT_TYPE });
  });
  for (const path of ["/healthz", "/readyz", "/metrics"]) {
    app.all(path, (c) => {
      const message = `${path} is only read: use GET.`;
      return c.json({ error: { code: "method-not-allowed", message } }, 405, {
        allow: "GET, HEAD",
      });
    });
  }
  return app;
}

const CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";
