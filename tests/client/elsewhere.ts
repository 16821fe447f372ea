/** A game's page on a web origin of its own. */

export interface Elsewhere extends AsyncDisposable {
  readonly origin: string;
}

export function serveElsewhere(): Elsewhere {
  const page = `<!doctype html><title>A game</title><link rel="icon" href="data:,">`;
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    () => new Response(page, { headers: { "content-type": "text/html" } }),
  );
  return {
    // Another host name than the server's, and another port.
    origin: `http://localhost:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
