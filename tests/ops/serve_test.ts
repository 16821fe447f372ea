import { deepEqual, equal, match } from "node:assert/strict";
import {
  type Handler,
  type HttpEvent,
  type HttpServer,
  serve,
  type ServeAt,
} from "../../ops/serve.ts";

const LOOPBACK = { host: "127.0.0.1", port: 0, trustedProxies: [] };
const answer = () => new Response("here");

function served(
  handler: Handler,
  note: (event: HttpEvent) => void = () => {},
  at: ServeAt = LOOPBACK,
): HttpServer {
  const result = serve(at, handler, note);
  if (result.kind === "failed") throw new Error(result.message);
  return result.value;
}

Deno.test("serve gives the port it took, answers, and says who asked", async () => {
  const server = served((_, { remoteAddress }) => new Response(remoteAddress));
  equal(await (await fetch(`http://127.0.0.1:${server.port}/`)).text(), "127.0.0.1");
  equal(server.listening, true);
  await server.close(1_000);
  equal(server.listening, false);
});

Deno.test("behind our own TLS the client is whom it names, and nobody's header counts", async () => {
  const at = { ...LOOPBACK, clientOf: () => "192.0.2.7" };
  const server = served((_, caller) => Response.json(caller), () => {}, at);
  const response = await fetch(`http://127.0.0.1:${server.port}/`, {
    headers: { "x-forwarded-for": "192.0.2.8" },
  });
  deepEqual(await response.json(), { remoteAddress: "192.0.2.7", secure: true });
  await server.close(1_000);
});

Deno.test("which proxies are trusted can change while it serves", async () => {
  const server = served((_, { remoteAddress }) => new Response(remoteAddress));
  const headers = { "x-forwarded-for": "192.0.2.8" };
  const seen = async () =>
    await (await fetch(`http://127.0.0.1:${server.port}/`, { headers })).text();
  equal(await seen(), "127.0.0.1");
  server.trustProxies(["127.0.0.1/32"]);
  equal(await seen(), "192.0.2.8");
  server.trustProxies([]);
  equal(await seen(), "127.0.0.1");
  await server.close(1_000);
});

Deno.test("a port that is taken is named, with what to do", async () => {
  const first = served(answer);
  const second = serve({ ...LOOPBACK, port: first.port }, answer, () => {});
  equal(second.kind, "failed");
  match(JSON.stringify(second), new RegExp(`127.0.0.1, port ${first.port}: .*HEARTH_HTTP_PORT`));
  await first.close(1_000);
});

Deno.test("a handler that throws answers 500 without its message, and is noted", async () => {
  const notes: HttpEvent[] = [];
  const server = served(() => {
    throw new Error("secret detail");
  }, (note) => notes.push(note));
  const response = await fetch(`http://127.0.0.1:${server.port}/`);
  equal(response.status, 500);
  equal((await response.text()).includes("secret detail"), false);
  equal(response.headers.get("x-content-type-options"), "nosniff");
  equal(notes.length, 1);
  match(Deno.inspect(notes[0]), /request-failed.*secret detail/s);
  await server.close(1_000);
});

Deno.test("who speaks for another and is not trusted is told of, once", async () => {
  for (const trustedProxies of [[], ["127.0.0.1/32"]]) {
    const notes: HttpEvent[] = [];
    const at = { ...LOOPBACK, trustedProxies };
    const server = served(() => new Response(), (note) => notes.push(note), at);
    for (let i = 0; i < 3; i++) {
      const headers = { "x-forwarded-for": "203.0.113.7" };
      await (await fetch(`http://127.0.0.1:${server.port}/`, { headers })).text();
    }
    const told = notes.map((note) => note.kind === "proxy-not-trusted" && note.address);
    deepEqual(told, trustedProxies.length === 0 ? ["127.0.0.1"] : []);
    await server.close(1_000);
  }
});

Deno.test("close waits for a request that never ends only as long as the grace", async () => {
  const asked = Promise.withResolvers<void>();
  const released = Promise.withResolvers<Response>();
  const server = served(() => {
    asked.resolve();
    return released.promise;
  });
  const connection = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
  await connection.write(new TextEncoder().encode("GET / HTTP/1.1\r\nhost: x\r\n\r\n"));
  await asked.promise;
  await server.close(50);
  released.resolve(new Response());
  await new Response(connection.readable).text();
});

Deno.test({
  name: "serve goes on after the process ran out of file descriptors",
  ignore: Deno.build.os === "windows",
  async fn() {
    const script = `
      import { serve } from ${JSON.stringify(new URL("../../ops/serve.ts", import.meta.url).href)};
      const served = serve(${JSON.stringify(LOOPBACK)}, 
        () => new Response("here"), (event) => console.log(JSON.stringify(event)));
      console.log("port " + served.value.port);`;
    const child = new Deno.Command("sh", {
      args: [
        "-c",
        'ulimit -n 64; exec "$0" run --no-config --allow-net --ext=ts -',
        Deno.execPath(),
      ],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const input = child.stdin.getWriter();
    await input.write(new TextEncoder().encode(script));
    await input.close();
    const lines = lineReader(child.stdout);
    try {
      const port = Number((await lines()).replace("port ", ""));
      const connections: Deno.TcpConn[] = [];
      // More connections than the child has descriptors; refusals after its end are the point.
      for (let i = 0; i < 100; i++) {
        try {
          connections.push(await Deno.connect({ hostname: "127.0.0.1", port }));
        } catch {
          break;
        }
      }
      match(await lines(), /http-down.*Too many open files/);
      for (const connection of connections) connection.close();
      let line: string;
      do line = await lines(); while (line.includes("http-down"));
      match(line, /http-back/);
      equal(await (await fetch(`http://127.0.0.1:${port}/`)).text(), "here");
    } finally {
      child.kill();
      await child.status;
      await lines.cancel();
    }
  },
});

function lineReader(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  const next = async (): Promise<string> => {
    while (!rest.includes("\n")) {
      const { value, done } = await reader.read();
      if (done) return rest;
      rest += value;
    }
    const [line = "", ...more] = rest.split("\n");
    rest = more.join("\n");
    return line;
  };
  return Object.assign(next, { cancel: () => reader.cancel() });
}
