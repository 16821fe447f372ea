/** HTTP that goes on: `Deno.serve` ends when file descriptors run out, and then serves again. */

export interface HttpServer {
  readonly port: number;
  /** False between an end that nobody asked for and the next start. */
  readonly listening: boolean;
  /** Takes no new connection and lets requests finish for `graceMs`; what is left ends with the process. */
  close(graceMs: number): Promise<void>;
}

/** A request and the address it came from, as the runtime saw it. */
export type Handler = (
  request: Request,
  caller: { readonly remoteAddress: string },
) => Response | Promise<Response>;

const PAUSE_MS = 200;

/**
 * Serves until `close`. Throws where the first start fails (`Deno.errors.AddrInUse`); later failures
 * go to `note` and are tried again.
 */
export function serve(
  at: { readonly hostname: string; readonly port: number },
  handler: Handler,
  note: (problem: string) => void,
): HttpServer {
  const closing = new AbortController();
  const listen = (port: number) =>
    Deno.serve({
      hostname: at.hostname,
      port,
      onListen: () => {},
      onError: (error) => {
        note(`A request failed: ${error instanceof Error ? error.stack : String(error)}`);
        return Response.json(
          { error: { code: "internal", message: "The server failed; its log says why." } },
          { status: 500 },
        );
      },
    }, (request, info) => handler(request, { remoteAddress: info.remoteAddr.hostname }));

  const first = listen(at.port);
  const { port } = first.addr;
  let server: Deno.HttpServer<Deno.NetAddr> | undefined = first;

  const keepServing = async () => {
    while (!closing.signal.aborted) {
      if (server) {
        const reason = await server.finished.then(() => "it ended by itself", message);
        server = undefined;
        if (!closing.signal.aborted) {
          note(`HTTP on port ${port} stopped: ${reason}. Serving again.`);
        }
      }
      // Descriptors come back with the connections that held them: at once is too early.
      await pause(PAUSE_MS, closing.signal);
      if (closing.signal.aborted) return;
      try {
        server = listen(port);
        note(`HTTP on port ${port} is back.`);
      } catch (error) {
        note(`HTTP on port ${port} cannot start again yet: ${message(error)}`);
      }
    }
  };
  void keepServing();

  return {
    port,
    get listening() {
      return server !== undefined && !closing.signal.aborted;
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
