import { Hono } from "hono";

export interface OpsSources {
  /** What keeps players from being sent here, each in a few words; nothing, when all is well. */
  obstacles(): readonly string[];
  /** Prometheus text. */
  metrics(): Promise<string>;
}

/** What players come in by. */
export interface Ways {
  readonly relay: { readonly state: { readonly kind: string } };
  readonly http: { readonly listening: boolean } | undefined;
  /** Absent where there is no certificate. */
  readonly tls: { readonly listening: boolean } | undefined;
}

/** Why nobody should be sent here now; nothing, when all is well. */
export function obstacles(isStopping: boolean, { relay, http, tls }: Ways): string[] {
  return [
    ...isStopping ? ["the server is stopping"] : [],
    ...relay.state.kind === "listening" ? [] : [`the relay is ${relay.state.kind}`],
    ...http?.listening ? [] : ["HTTP does not listen"],
    ...tls && !tls.listening ? ["TLS does not listen"] : [],
  ];
}

/** `/healthz`, `/readyz` and `/metrics`. */
export function opsRoutes({ obstacles, metrics }: OpsSources): Hono {
  const app = new Hono();
  app.use(async (c, next) => {
    await next();
    c.header("cache-control", "no-store");
  });
  app.get("/healthz", (c) => c.json({ alive: true }));
  app.get("/readyz", (c) => {
    const reasons = obstacles();
    return reasons.length === 0 ? c.json({ ready: true }) : c.json({ ready: false, reasons }, 503);
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
