import { deepEqual, equal } from "node:assert/strict";
import { addSafeHeaders } from "../../ops/safe_headers.ts";

const caller = (secure: boolean) => ({ remoteAddress: "192.0.2.1", secure });

Deno.test("every answer forbids sniffing, framing, referring and running anything", () => {
  const response = Response.json({});
  addSafeHeaders(response, caller(false));
  deepEqual(Object.fromEntries(response.headers), {
    "content-type": "application/json",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
  });
});

Deno.test("what an answer says itself stays", () => {
  const headers = { "content-security-policy": "default-src 'self'" };
  const response = new Response("", { headers });
  addSafeHeaders(response, caller(false));
  equal(response.headers.get("content-security-policy"), "default-src 'self'");
});

Deno.test("RFC 6797: to come by TLS always is said to those who did, never to others (§7.2)", () => {
  for (const [secure, value] of [[true, "max-age=31536000"], [false, null]] as const) {
    const response = new Response("");
    addSafeHeaders(response, caller(secure));
    equal(response.headers.get("strict-transport-security"), value);
  }
});
