import assert from "node:assert/strict";
import { obstacles, opsRoutes } from "../../ops/mod.ts";

function routes(obstacles: string[] = []) {
  return opsRoutes({ obstacles: () => obstacles, metrics: () => Promise.resolve("hearth_up 1\n") });
}

Deno.test("/healthz says that the process lives", async () => {
  const response = await routes().request("/healthz");
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("cache-control"), "no-store");
  assert.deepEqual(await response.json(), { alive: true });
});

Deno.test("/readyz is 200 when ready, and 503 with the reasons when not", async () => {
  assert.equal((await routes().request("/readyz")).status, 200);
  const response = await routes(["draining"]).request("/readyz");
  assert.equal(response.status, 503);
  assert.deepEqual(await response.json(), { ready: false, reasons: ["draining"] });
});

Deno.test("nobody is sent to a server that stops, or where a way in does not listen", () => {
  const ways = (kind: string, http = true, tls = true) => ({
    relay: { state: { kind } },
    http: { listening: http },
    tls: { listening: tls },
  });
  assert.deepEqual(obstacles(false, ways("listening")), []);
  assert.deepEqual(obstacles(false, { ...ways("listening"), tls: undefined }), []);
  for (const state of ["starting", "restarting", "failed", "closed"]) {
    assert.deepEqual(obstacles(false, ways(state)), [`the relay is ${state}`]);
  }
  assert.deepEqual(obstacles(true, ways("restarting", false, false)), [
    "the server is stopping",
    "the relay is restarting",
    "HTTP does not listen",
    "TLS does not listen",
  ]);
});

Deno.test("/metrics is Prometheus text", async () => {
  const response = await routes().request("/metrics");
  assert.equal(response.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  assert.equal(await response.text(), "hearth_up 1\n");
});

Deno.test("another method is 405 with what is allowed", async () => {
  for (const path of ["/healthz", "/readyz", "/metrics"]) {
    const response = await routes().request(path, { method: "POST" });
    assert.equal(response.status, 405);
    assert.equal(response.headers.get("allow"), "GET, HEAD");
    assert.equal((await response.json()).error.code, "method-not-allowed");
  }
});
