/** What an HTTP request has to be for a WebSocket to open, and what it brings along. */
import { type RefusalCode, refusalCodes } from "./codes.ts";

/** Offer it beside the token, and the answer names this one instead of repeating the token. */
export const SUBPROTOCOL = "hearth.v1";
const TOKEN_SUBPROTOCOL = "hearth.token.";

export interface Handshake {
  /** The host name by which the client reached the server: no port, IPv6 in brackets. */
  readonly host: string;
  readonly token: string | undefined;
  /** Of those offered: browsers give up when the answer names none. */
  readonly subprotocol: string | undefined;
  /** With its `?`. As text, since a URL's parts keep the URL. */
  readonly query: string;
}

/**
 * The web origins whose pages may connect beside those of the request's own host: those of a list;
 * or any, for a door to which a browser brings nothing by itself.
 */
export type Origins = readonly string[] | "any";

export type HandshakeResult =
  | { readonly ok: true; readonly handshake: Handshake }
  | { readonly ok: false; readonly refusal: Refusal };

/** Why no WebSocket opens. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly message: string;
  readonly headers?: Record<string, string>;
}

/** Reads everything at once: after the upgrade the request's headers cannot be read. */
export function readHandshake(request: Request, origins: Origins): HandshakeResult {
  // Deno passes on a Host header that makes the request's own URL unreadable.
  const url = URL.parse(request.url);
  const host = url && URL.parse(`http://${request.headers.get("host") ?? url.host}`);
  if (request.method !== "GET") {
    return refused("method-not-allowed", `Use GET, not ${request.method}.`, { allow: "GET" });
  }
  if (!host || !/^([a-z0-9._-]+|\[[0-9a-f:.]+\])$/.test(host.hostname)) {
    return refused("bad-host", "The Host header must be a host name or an address.");
  }
  if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
    return refused(
      "upgrade-required",
      `This address speaks WebSocket. In a page: new WebSocket("ws://${url.host}${url.pathname}"), or wss:// behind TLS.`,
      { upgrade: "websocket", connection: "upgrade" },
    );
  }
  const origin = request.headers.get("origin");
  if (origin !== null && !allows(origins, origin, host.host)) {
    return refused(
      "origin-refused",
      `Pages of ${
        JSON.stringify(origin)
      } may not connect here. The host of this server can allow it: HEARTH_ORIGINS.`,
    );
  }
  const offered = (request.headers.get("sec-websocket-protocol") ?? "").split(",")
    .map((text) => text.trim());
  const withToken = offered.find((text) => text.startsWith(TOKEN_SUBPROTOCOL));
  return {
    ok: true,
    handshake: {
      host: host.hostname,
      token: withToken?.slice(TOKEN_SUBPROTOCOL.length) ?? url.searchParams.get("token") ??
        undefined,
      subprotocol: offered.includes(SUBPROTOCOL) ? SUBPROTOCOL : withToken,
      query: url.search,
    },
  };
}

/** A refusal as the HTTP interface words all its errors. */
export function refusalResponse({ code, message, headers = {} }: Refusal): Response {
  return Response.json({ error: { code, message } }, {
    status: refusalCodes[code].status,
    headers,
  });
}

function refused(code: RefusalCode, message: string, headers = {}): HandshakeResult {
  return { ok: false, refusal: { code, message, headers } };
}

/** Whether a page of this origin may use what is served at `host`. */
export function allows(origins: Origins, origin: string, host: string): boolean {
  return origins === "any" || origins.includes(origin) || URL.parse(origin)?.host === host;
}

/** The `join` that the query stands for, as the client would have sent it. */
export function joinOf(query: string): string | undefined {
  if (query === "") return undefined;
  const fields = new URLSearchParams(query);
  const [room, from, name] = ["room", "id", "name"].map((key) => fields.get(key) ?? undefined);
  if (room === undefined && from === undefined) return undefined;
  return JSON.stringify({ type: "join", room, from, name });
}
