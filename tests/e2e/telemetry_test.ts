import { deepEqual, equal } from "node:assert/strict";
import { freePort } from "../../bench/process.ts";
import { startServer } from "../support/server.ts";

Deno.test("With OTEL_DENO=true the server tells a collector of requests, with no more permissions", async () => {
  const told = Promise.withResolvers<string>();
  await using collector = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      // Protobuf keeps texts as they are.
      const text = new TextDecoder().decode(await request.bytes());
      const { pathname } = new URL(request.url);
      if (pathname === "/v1/traces" && text.includes("/readyz")) told.resolve(text);
      return new Response();
    },
  );
  await using server = await startServer({
    env: {
      OTEL_DENO: "true",
      OTEL_SERVICE_NAME: "hearth-of-the-test",
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${collector.addr.port}`,
      OTEL_BSP_SCHEDULE_DELAY: "50",
    },
  });
  const traces = await told.promise;
  equal(traces.includes("hearth-of-the-test"), true);
  equal((await server.stop()).code, 0, server.log());
});

Deno.test("With OTEL_DENO=true and nobody there to be told, the server serves and stops", async () => {
  await using server = await startServer({
    env: {
      OTEL_DENO: "true",
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${freePort()}`,
      OTEL_BSP_SCHEDULE_DELAY: "50",
    },
  });
  const answer = await fetch(`http://127.0.0.1:${server.httpPort}/healthz`);
  equal(answer.status, 200);
  await answer.body?.cancel();
  const { code, signal } = await server.stop();
  deepEqual({ code, signal }, { code: 0, signal: null }, server.log());
});
