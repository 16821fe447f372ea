/** The pages a person opens in a browser. */
import { Hono } from "hono";
import type { Context } from "hono";
import { secureHeaders } from "hono/secure-headers";
import { type PageFile, readPages } from "./files.ts";

/**
 * What a page may do: load its own files and talk to its own server, nothing else. The headers that
 * only a secure context obeys are left out: on a LAN pages come over plain HTTP from an address, and
 * a browser would complain there about each of them.
 */
const secured = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'"],
    connectSrc: ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
  },
  xFrameOptions: "DENY",
  referrerPolicy: "no-referrer",
  permissionsPolicy: { camera: [], microphone: [], geolocation: [] },
  strictTransportSecurity: false,
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
});

/**
 * Serves the pages and, for every path that nobody else answers, the 404: mount it last. The files
 * are read here, once.
 */
export function pages(): Hono {
  const files = readPages(new URL("./pages/", import.meta.url));
  const notFound = files.get("/404");
  if (!notFound) throw new Error("Cannot serve the pages: web/pages/404.html is missing");
  files.delete("/404");
  const app = new Hono();
  app.use(secured);
  for (const path of SHARED) {
    app.use(path, async (c, next) => {
      await next();
      c.header("access-control-allow-origin", "*");
      c.header("x-typescript-types", "/client.d.ts");
      c.header("cross-origin-resource-policy", "cross-origin");
    });
  }
  for (const [path, file] of files) {
    app.get(path, (c) => send(c, file));
    app.all(path, methodNotAllowed);
  }
  app.all("*", (c) => missing(c, notFound));
  return app;
}

/** The client library: a game that is served elsewhere imports it from here. */
const SHARED = new Set(["/client.js", "/client.d.ts"]);

/** Always asked for again, and sent again only when it has changed (RFC 9110 §13.1.2). */
function send(c: Context, { bytes, type, etag }: PageFile): Response {
  const headers = { "content-type": type, "cache-control": "no-cache", etag };
  const held = c.req.header("if-none-match")?.split(",").map((tag) => tag.trim().replace("W/", ""));
  return held?.some((tag) => tag === etag || tag === "*")
    ? c.body(null, 304, headers)
    : c.body(bytes, 200, { ...headers, "content-length": `${bytes.length}` });
}

function methodNotAllowed(c: Context): Response {
  const message = `${c.req.path} is a page: only GET and HEAD work here.`;
  return c.json({ error: { code: "method-not-allowed", message } }, 405, { allow: "GET, HEAD" });
}

/** A person gets the page, a program the error in the form that all of `/api` uses. */
function missing(c: Context, page: PageFile): Response {
  if (c.req.header("accept")?.includes("text/html")) {
    return c.body(page.bytes, 404, { "content-type": page.type });
  }
  const message = `Nothing is served at ${c.req.path}.`;
  return c.json({ error: { code: "not-found", message } }, 404);
}
