/** HTTP that goes on: `Deno.serve` ends when file descriptors run out, and then serves again. */
import { type Caller, isForwarded, trusting } from "./forwarding.ts";
import { addSafeHeaders } from "./safe_headers.ts";

export interface HttpServer {
  readonly port: number;
  /** False between an end that nobody asked for and the next start. */
  readonly listening: boolean;
  /** From the next request on these proxies (CIDRs) are believed, and no others. */
  readonly trustProxies: (cidrs: readonly string[]) => void;
  /** Takes no new connection and lets requests finish for `graceMs`; what is left ends with the process. */
  close(graceMs: number): Promise<void>;
}

export interface ServeAt {
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  /** CIDRs of the proxies whose word on where a request came from is taken. */
  readonly trustedProxies: readonly string[];
  /** The client's address where a connection is one that this program's own TLS passes on. */
  readonly clientOf?: (from: Deno.NetAddr) => string | undefined;
}

export type Handler = (request: Request, caller: Caller) => Response | Promise<Response>;

const PAUSE_MS = 200;

export type HttpEvent =
  | { readonly kind: "request-failed"; readonly error: unknown }
  /** Somebody who is not trusted speaks for another. Told once: who forgot to name a proxy sees it. */
  | { readonly kind: "proxy-not-trusted"; readonly address: string; readonly why: string }
  /** It ended by itself, or could not start again: it is tried until it can. */
  | { readonly kind: "http-down"; readonly port: number; readonly why: string }
  | { readonly kind: "http-back"; readonly port: number };

export type Served = { readonly kind: "open"; readonly value: HttpServer } | {
  readonly kind: "failed";
  /** What is in the way, and what to do. */
  readonly message: string;
};

/** Serves until `close`. A start that fails is said; later failures go to `note` and are mended. */
export function serve(
  at: ServeAt,
  handler: Handler,
  note: (event: HttpEvent) => void,
): Served {
  try {
    return { kind: "open", value: keepServing(at, handler, note) };
  } catch (error) {
    const why = error instanceof Deno.errors.AddrInUse
      ? "another program has it. Stop that one, or set HEARTH_HTTP_PORT to another port"
      : message(error);
    return { kind: "failed", message: `Cannot serve HTTP on ${at.host}, port ${at.port}: ${why}.` };
  }
}

function keepServing(
  at: ServeAt,
  handler: Handler,
  note: (event: HttpEvent) => void,
): HttpServer {
  const closing = new AbortController();
  let whoCalls = trusting(at.trustedProxies);
  let warned = false;
  const warnOnce = (address: string) => {
    if (warned) return;
    warned = true;
    const why = "its X-Forwarded-For is not believed: if it is your proxy, name it in " +
      "HEARTH_TRUSTED_PROXIES, or all players share its address";
    note({ kind: "proxy-not-trusted", address, why });
  };
  const answer = async (request: Request, caller: Caller): Promise<Response> => {
    try {
      return await handler(request, caller);
    } catch (error) {
      note({ kind: "request-failed", error });
      return Response.json(
        { error: { code: "internal", message: "The server failed; its log says why." } },
        { status: 500 },
      );
    }
  };
  const callerOf = (from: Deno.NetAddr, headers: Headers): Caller => {
    const behindTls = at.clientOf?.(from);
    if (behindTls !== undefined) return { remoteAddress: behindTls, secure: true };
    const caller = whoCalls(from.hostname, headers);
    if (caller.remoteAddress === from.hostname && isForwarded(headers)) warnOnce(from.hostname);
    return caller;
  };
  const listen = (port: number) =>
    Deno.serve(
      { hostname: at.host, port, onListen: () => {} },
      async (request, info) => {
        const caller = callerOf(info.remoteAddr, request.headers);
        const response = await answer(request, caller);
        addSafeHeaders(response, caller);
        return response;
      },
    );

  const first = listen(at.port);
  const { port } = first.addr;
  let server: Deno.HttpServer<Deno.NetAddr> | undefined = first;

  const goOn = async () => {
    while (!closing.signal.aborted) {
      if (server) {
        const why = await server.finished.then(() => "it ended by itself", message);
        server = undefined;
        if (!closing.signal.aborted) {
          note({ kind: "http-down", port, why });
        }
      }
      // Descriptors come back with the connections that held them: at once is too early.
      await pause(PAUSE_MS, closing.signal);
      if (closing.signal.aborted) return;
      try {
        server = listen(port);
        note({ kind: "http-back", port });
      } catch (error) {
        note({ kind: "http-down", port, why: message(error) });
      }
    }
  };
  void goOn();

  return {
    port,
    get listening() {
      return server !== undefined && !closing.signal.aborted;
    },
    trustProxies(cidrs) {
      whoCalls = trusting(cidrs);
      warned = false;
    },
    async close(graceMs) {
      closing.abort();
      const last = server;
      if (!last) return;
      const patience = new AbortController();
      await Promise.race([last.shutdown(), pause(graceMs, patience.signal)]);
      patience.abort();
    },
  };
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) return Promise.resolve();
  const timer = setTimeout(resolve, milliseconds);
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    resolve();
  }, { once: true });
  return promise;
}
